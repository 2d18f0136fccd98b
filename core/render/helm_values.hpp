// The files of values that an application's helm options name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/source.hpp"
#include "core/render/environment.hpp"
#include "core/render/helm.hpp"
#include "core/render/remote.hpp"

namespace gitops::render {

/// Sources that others may take files from, by their `ref`.
using ReferencedTrees = std::map<std::string, std::shared_ptr<const base::FileTree>>;

/// Where a name in valueFiles and fileParameters is looked for.
struct ValueScope {
    const base::FileTree& tree;
    std::string path;  ///< of the chart; names that begin with '/' are looked for from the root of the tree
    const ReferencedTrees& refs;
    const Environment& environment;
    Remotes* remotes;  ///< fetches http(s) addresses; null refuses them
};

struct ValueFile {
    std::string name;  ///< as it is shown: path in its tree, or address
    std::string text;
    bool own = false;  ///< of the scope's own tree
};

/// The files in their order: globs open out in byte order where they stand, without what is also named by itself or was
/// there before. Error(not_found) for what does not exist, unless it is to be ignored; Error(denied) for what leaves
/// its tree.
std::vector<ValueFile> find_value_files(const ValueScope& scope, const std::vector<std::string>& names, bool ignore_missing);

}  // namespace gitops::render
