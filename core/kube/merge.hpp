// Strategic merge patch as kubectl and the API server apply it (apimachinery's strategicpatch). kustomize's own
// variant lives in render.
#pragma once

#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// `patch` merged into `target`. Honours $patch, $retainKeys, $setElementOrder/x and $deleteFromPrimitiveList/x.
/// Types without a schema merge as RFC 7386. Error(invalid) for an unknown directive or a list element without its key.
doc::Value strategic_merge(const doc::Value& target, const doc::Value& patch, Type type);

}  // namespace gitops::kube
