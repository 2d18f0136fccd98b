// A folder on disk as a FileTree, wide enough for overlays that reach for bases beside them.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/base/source.hpp"

namespace gitops::cli {

struct LocalFolder {
    std::shared_ptr<const base::FileTree> tree;
    std::string path;  ///< of the folder inside the tree
    std::string root;  ///< of the tree on disk
};

enum class Jail {
    work_tree,  ///< the git work tree around the folder; the whole disk when there is none
    none        ///< the whole disk, as kustomize itself
};

/// Error(not_found) when `folder` is no directory.
LocalFolder open_local_folder(const std::string& folder, Jail jail);

/// `error` with its place as it is found from the working directory; places inside the tree are relative to its root.
base::Error placed_on_disk(const base::Error& error, const LocalFolder& folder);

}  // namespace gitops::cli
