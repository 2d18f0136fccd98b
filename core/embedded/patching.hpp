// The three kinds of patch, and the scale subresource.
#pragma once

#include "core/embedded/kind_registry.hpp"

namespace gitops::embedded {

/// The live object with the patch applied. A strategic patch of a kind without schema merges as RFC 7386, which is what
/// kubectl falls back to.
doc::Value apply_patch(const doc::Value& live, const Location& location, const kube::Patch& patch);

/// The live object with spec.replicas as the patched Scale says. Error(invalid) for kinds that do not scale.
doc::Value patch_scale(const doc::Value& live, const Location& location, const kube::Patch& patch);

/// Error(invalid) when a patch changed apiVersion's group, kind, name or namespace.
void require_same_identity(const doc::Value& live, const doc::Value& patched);

}  // namespace gitops::embedded
