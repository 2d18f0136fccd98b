// What of a tree a chart needs: itself, and the charts in other folders that its dependencies name with file://.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/source.hpp"

namespace gitops::render {

struct ChartFiles {
    std::map<std::string, std::string> files;  ///< path in the tree -> content; links are files here
    std::vector<std::string> repositories;     ///< of dependencies that lie elsewhere
    bool lacks_dependencies = false;           ///< charts/ does not hold all that Chart.yaml names
};

/// Error(invalid) with place for a Chart.yaml that cannot be read, for a dependency from an address helm has a plugin
/// for, and for a chart too large to be one (64 MiB, 20,000 files); Error(denied) for what leaves the tree.
ChartFiles gather_chart(const base::FileTree& tree, const std::string& path);

}  // namespace gitops::render
