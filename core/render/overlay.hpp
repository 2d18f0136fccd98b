// An application's own kustomize options, laid over its root kustomization in memory: what Argo CD does with a row of
// `kustomize edit` commands.
#pragma once

#include "core/render/kustomization.hpp"
#include "core/render/kustomize.hpp"

namespace gitops::render {

/// Error(invalid) for a malformed image and for labels or annotations that exist already, unless they are forced.
void lay_over(Kustomization& kustomization, const KustomizeOptions& options);

}  // namespace gitops::render
