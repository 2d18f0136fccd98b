// New trees out of old ones, along a few paths. For this folder only.
#pragma once

#include <string>
#include <vector>

#include "core/io/git_handles.hpp"

namespace gitops::io {

/// The tree `ours` with every path in `paths` as it is in `theirs`, taken away where `theirs` lacks it; null is an
/// empty tree. Only directories along the paths are read or written. Error(invalid) for paths that climb out.
git_oid with_paths_of(git_repository* repo, git_tree* ours, git_tree* theirs, const std::vector<std::string>& paths);

/// True when `tree` has a file where one of the paths needs a directory.
bool file_on_the_way(git_tree* tree, const std::vector<std::string>& paths);

}  // namespace gitops::io
