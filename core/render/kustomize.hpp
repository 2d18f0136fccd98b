// The kustomize pipeline: `kustomize build` as a pure function. The rules are those of kustomize 5.8.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/source.hpp"
#include "core/render/render.hpp"

namespace gitops::render {

enum class Order { from_file, legacy, none };  ///< from_file: sortOptions, else legacy as the command line does

class Charts;
class Remotes;

/// Whether patches and replacement targets that match nothing are errors; kustomize lets most of them pass.
enum class Matching { lenient, strict };

struct BuildOptions {
    LoadRestrictor load_restrictor = LoadRestrictor::root_only;
    Order order = Order::from_file;
    KustomizeOptions overlay;  ///< an application's overrides
    Remotes* remotes = nullptr;  ///< fetches bases and files that lie elsewhere; null refuses them
    Charts* charts = nullptr;    ///< runs helm; null refuses helmCharts
    Matching matching = Matching::lenient;
    int jobs = 1;                ///< threads that may read large files
    std::vector<std::string> off_limits;  ///< folders of the tree whose files are never read, as "proc" of a whole disk
    bool managed_by_label = false;  ///< as buildMetadata's managedByLabel
};

struct Built {
    std::vector<kube::Manifest> manifests;
    std::vector<std::string> warnings;    ///< "# Warning: 'bases' is deprecated. ..." as kustomize prints them
    std::vector<std::string> files_read;  ///< sorted, unique
};

/// Builds the kustomization at `path`. Errors carry kustomize's message where it is reproducible, with file and line,
/// and "did you mean" for unknown fields.
Built build(const base::FileTree& tree, std::string_view path, const BuildOptions& options);

/// The kustomization file's path directly inside `path`, "" when there is none. Error(invalid) when there are several.
std::string find_kustomization(const base::FileTree& tree, std::string_view path);

}  // namespace gitops::render
