// Renders a directory of a FileTree into manifests: plain YAML and JSON, or a kustomization.
//
// Overview: render() detects what a directory is, runs the right reader and then gives every object the checks and
// the destination namespace that Argo CD gives them. kustomize.hpp holds the kustomize pipeline itself, which knows
// nothing of applications; plain.hpp the directory reader. Everything is a pure function of the tree and the options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/source.hpp"
#include "core/kube/resource.hpp"

namespace gitops::render {

enum class SourceType { directory, kustomize, helm };
std::string_view source_type_name(SourceType type);  ///< "Directory", "Kustomize", "Helm"

/// spec.source.directory
struct DirectoryOptions {
    bool recurse = false;
    std::string include;
    std::string exclude;
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

    bool empty() const;
};

struct Request {
    std::string path;  ///< directory inside the tree, "" for its root
    DirectoryOptions directory;
    KustomizeOptions kustomize;
    std::string destination_namespace;  ///< given to namespaced objects that name none; "" leaves them alone
};

struct Rendered {
    SourceType type = SourceType::directory;
    std::vector<kube::Manifest> manifests;
    std::vector<std::string> warnings;   ///< deprecations, repeated resources, unknown options
    std::vector<std::string> files_read; ///< every file of the tree that was read, sorted: what rollback restores
};

/// Error(not_found) when the path is no directory, Error(invalid) with file:line for bad content; a Helm chart
/// is refused with a message that says so, and so are two objects with one identity (Argo CD only warns).
Rendered render(const base::FileTree& tree, const Request& request);

/// What render() would take the directory for.
SourceType detect(const base::FileTree& tree, std::string_view path);

}  // namespace gitops::render
