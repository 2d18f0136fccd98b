// The build with a root kustomization that need not be a file.
#pragma once

#include <optional>

#include "core/render/kustomization.hpp"
#include "core/render/kustomize.hpp"

namespace gitops::render {

/// build(), with `root` in the place of the kustomization file at `path` when it is given.
Built build_with(const base::FileTree& tree, std::string_view path, const BuildOptions& options,
                 std::optional<Kustomization> root);

}  // namespace gitops::render
