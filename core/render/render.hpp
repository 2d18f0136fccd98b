// Renders a directory of a FileTree into manifests: plain YAML and JSON, a kustomization, or a Helm chart.
//
// Overview: render() detects what a directory is, runs the right reader and then gives every object the checks and
// the destination namespace that Argo CD gives them. kustomize.hpp holds the kustomize pipeline itself, which knows
// nothing of applications; plain.hpp the directory reader; helm.hpp charts. Everything is a pure function of the tree, the
// options and what the ports answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/source.hpp"
#include "core/kube/resource.hpp"
#include "core/render/environment.hpp"
#include "core/render/helm.hpp"
#include "core/render/helm_values.hpp"
#include "core/render/ports.hpp"

namespace gitops::render {

enum class SourceType { directory, kustomize, helm };
std::string_view source_type_name(SourceType type);  ///< "Directory", "Kustomize", "Helm"

/// spec.source.directory
struct DirectoryOptions {
    bool recurse = false;
    std::string include;
    std::string exclude;
    bool every_extension = false;  ///< disableExtensionFilter: files that are not called .yaml, .yml or .json too
};

/// spec.source.kustomize: laid over the root kustomization in memory. Also accepted for plain directories, which
/// are then treated as a kustomization that lists their files.
struct KustomizeOptions {
    std::string name_prefix;
    std::string name_suffix;
    std::string ns;
    std::vector<std::string> images;  ///< "name=new:tag", "name:tag", "name@digest", "name=new"
    std::vector<std::pair<std::string, int>> replicas;
    std::vector<std::pair<std::string, std::string>> common_labels;
    std::vector<std::pair<std::string, std::string>> common_annotations;
    bool force_common_labels = false;
    bool force_common_annotations = false;
    bool label_without_selector = false;
    bool label_include_templates = false;
    std::vector<std::string> components;
    bool ignore_missing_components = false;
    doc::Value patches;  ///< list in the form of kustomization.yaml's `patches`; null for none
    bool substitutes_annotations = false;  ///< commonAnnotationsEnvsubst
    KubeFlavour flavour;  ///< for the kustomization's helmCharts

    bool empty() const;
};

/// Whether a kustomization may read files outside of its own folder; none: any of the tree.
enum class LoadRestrictor { root_only, none };

/// What two objects with one identity are: an error, or as in Argo CD the last one with a warning.
enum class Repeated { refuse, last_wins };

struct Request {
    std::string path;  ///< directory inside the tree, "" for its root
    std::optional<SourceType> type;  ///< instead of what detect() says
    DirectoryOptions directory;
    KustomizeOptions kustomize;
    HelmOptions helm;
    std::string release_name;           ///< of a chart whose options name none
    std::string destination_namespace;  ///< given to namespaced objects that name none; "" leaves them alone
    Repeated repeated = Repeated::refuse;
    LoadRestrictor load_restrictor = LoadRestrictor::root_only;
    Environment environment;
    ReferencedTrees refs;
    Ports ports;
};

struct Rendered {
    SourceType type = SourceType::directory;
    std::vector<kube::Manifest> manifests;
    std::vector<std::string> warnings;   ///< deprecations, repeated resources, unknown options
    std::vector<std::string> files_read; ///< every file of the tree that was read, sorted: what rollback restores
    std::vector<std::string> repeated;   ///< Repeated::last_wins: one sentence per object given more than once
};

/// Error(not_found) when the path is no directory, Error(invalid) with file:line for bad content and for a chart without
/// a Helm port.
Rendered render(const base::FileTree& tree, const Request& request);

/// Leaves the last of all manifests with one identity; says of each repeated one, in order, that it is.
std::vector<std::string> drop_repeated(std::vector<kube::Manifest>& manifests);

/// What render() would take the directory for.
SourceType detect(const base::FileTree& tree, std::string_view path);

}  // namespace gitops::render
