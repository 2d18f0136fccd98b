// What a cluster means by refusing a change.
#pragma once

#include "core/base/error.hpp"

namespace gitops::deliver {

/// True when the change was refused because a field is fixed at the object's creation, so that only deleting and
/// creating again helps: by the words of Kubernetes' validation (1.20 to 1.33, apimachinery's field errors and
/// k8s.io/kubernetes/pkg/apis/*/validation), and of the embedded cluster. Not for a claim that may only grow.
bool is_immutable_field(const base::Error& error);

}  // namespace gitops::deliver
