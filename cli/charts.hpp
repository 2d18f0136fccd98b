// helmCharts of a kustomization through the helm program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/source.hpp"
#include "core/render/charts.hpp"

namespace gitops::cli {

class Env;

struct HelmFlags {
    bool enabled = false;
    bool debug = false;
    std::string command = "helm";
    std::string kube_version;
    std::vector<std::string> api_versions;
};

/// Runs the program for a tree whose root lies at `root` on disk. Null when --enable-helm was not given.
std::unique_ptr<render::Charts> open_charts(Env& env, const HelmFlags& flags, const std::string& root);

/// The same for a tree that others wrote: what charts need of it is copied to a temporary folder, and a kustomization
/// that asks for more than its own folder and public chart repositories is Error(denied).
std::unique_ptr<render::Charts> open_tree_charts(Env& env, const HelmFlags& flags, const base::FileTree& tree);

}  // namespace gitops::cli
