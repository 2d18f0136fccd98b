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

/// metadata.managedFields that a write asks for: those of `wanted`, where they say something and differ from nothing;
/// a list of one empty entry takes all owners away; absent, empty and unreadable ones leave those of `live` (null when
/// it has none). As Kubernetes documents for server-side apply, so that clients that do not know the field never lose it.
/// Throws base::Error(invalid) for an entry with an operation there is not.
doc::Value managed_fields_after(const doc::Value& live, const doc::Value& wanted);

}  // namespace gitops::embedded
