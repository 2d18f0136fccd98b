// What a rendering may ask of the outside.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/source.hpp"

namespace gitops::render {

class Charts;
class Helm;
class Remotes;

/// What kustomize's charts are to believe about the cluster.
struct KubeFlavour {
    std::string kube_version;
    std::vector<std::string> api_versions;
};

/// Null members are refused where they are needed.
struct Ports {
    Remotes* remotes = nullptr;
    Helm* helm = nullptr;
    /// For helmCharts of the kustomizations in a tree, which outlives the answer.
    std::function<std::unique_ptr<Charts>(const base::FileTree& tree, const KubeFlavour& flavour)> charts{};
    int jobs = 1;
};

}  // namespace gitops::render
