#include "core/render/render.hpp"

#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/kube/catalog.hpp"
#include "core/render/kustomize.hpp"
#include "core/render/pipeline.hpp"
#include "core/render/plain.hpp"

namespace gitops::render {

namespace {

std::string directory_path(const base::FileTree& tree, const std::string& asked) {
    auto path = base::normalise_path(asked);
    if (!path) throw base::Error(base::Code::denied, "the path '" + asked + "' leads out of the repository");
    auto kind = tree.kind(*path);
    if (!kind) throw base::Error(base::Code::not_found, "there is no directory '" + asked + "' in this revision");
    if (*kind != base::EntryKind::directory) throw base::Error(base::Code::not_found, "'" + asked + "' is not a directory");
    return *path;
}

std::string below(const std::string& directory, std::string_view name) {
    return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

void take(Rendered& rendered, Built built) {
    rendered.manifests = std::move(built.manifests);
    rendered.warnings = std::move(built.warnings);
    rendered.files_read = std::move(built.files_read);
}

/// A plain directory with kustomize options: as if a kustomization listed its files.
void render_listed(const base::FileTree& tree, const std::string& path, const Request& request, Rendered& rendered) {
    Kustomization root;
    root.kind = "Kustomization";
    root.file = below(path, "kustomization.yaml");
    std::vector<std::string> skipped;
    for (const auto& file : manifest_files(tree, path, request.directory)) {
        if (is_marked_skipped(tree.read(file))) skipped.push_back(file);
        else root.resources.push_back(path.empty() ? file : file.substr(path.size() + 1));
    }
    BuildOptions options;
    options.overlay = request.kustomize;
    take(rendered, build_with(tree, path, options, std::move(root)));
    std::set<std::string> read(rendered.files_read.begin(), rendered.files_read.end());
    read.insert(skipped.begin(), skipped.end());
    rendered.files_read.assign(read.begin(), read.end());
}

void render_directory(const base::FileTree& tree, const std::string& path, const Request& request, Rendered& rendered) {
    if (!request.kustomize.empty()) return render_listed(tree, path, request, rendered);
    auto plain = read_plain(tree, manifest_files(tree, path, request.directory));
    rendered.manifests = std::move(plain.manifests);
    rendered.warnings = std::move(plain.warnings);
    rendered.files_read = std::move(plain.files_read);
}

/// Scopes of the kinds that the manifests themselves define, by "group/kind".
std::unordered_map<std::string, kube::Scope> defined_scopes(const std::vector<kube::Manifest>& manifests) {
    std::unordered_map<std::string, kube::Scope> scopes;
    for (const auto& manifest : manifests) {
        if (kube::kind_of(manifest.object) != "CustomResourceDefinition") continue;
        for (const auto& kind : kube::kinds_of_crd(manifest.object)) scopes[kind.gvk.group + "/" + kind.gvk.kind] = kind.scope;
    }
    return scopes;
}

void set_destination(std::vector<kube::Manifest>& manifests, const std::string& ns) {
    auto defined = defined_scopes(manifests);
    for (auto& manifest : manifests) {
        kube::Gvk gvk = kube::gvk_of(manifest.object);
        auto own = defined.find(gvk.group + "/" + gvk.kind);
        kube::Scope scope = own == defined.end() ? kube::scope_of(gvk) : own->second;
        bool named = !kube::namespace_of(manifest.object).empty();
        switch (scope) {
            case kube::Scope::cluster:
                if (named) manifest.object.at("metadata").erase("namespace");
                break;
            case kube::Scope::namespaced:
                if (!named && !ns.empty()) kube::set_namespace(manifest.object, ns);
                break;
        }
    }
}

std::string place_of(const kube::Manifest& manifest) {
    return manifest.file + ":" + std::to_string(manifest.object.line());
}

/// Which of two objects with one identity is meant, nobody can tell: Argo CD takes the last one with a warning, here
/// it is an error.
void refuse_repeated(const std::vector<kube::Manifest>& manifests) {
    std::unordered_map<kube::ResourceKey, const kube::Manifest*, kube::ResourceKeyHash> seen;
    for (const auto& manifest : manifests) {
        kube::ResourceKey key = kube::key_of(manifest.object);
        if (key.name.empty()) continue;
        auto [first, is_new] = seen.try_emplace(key, &manifest);
        if (is_new) continue;
        base::Error error(base::Code::invalid, key.text() + " is defined twice: first at " + place_of(*first->second));
        error.at({manifest.file, static_cast<int>(manifest.object.line()), 0});
        error.hint("remove or rename one of them");
        throw error;
    }
}

}  // namespace

std::string_view source_type_name(SourceType type) {
    switch (type) {
        case SourceType::directory: return "Directory";
        case SourceType::kustomize: return "Kustomize";
        case SourceType::helm: return "Helm";
    }
    return "Directory";
}

bool KustomizeOptions::empty() const {
    return name_prefix.empty() && name_suffix.empty() && ns.empty() && images.empty() && replicas.empty() &&
           common_labels.empty() && common_annotations.empty() && components.empty() && patches.empty();
}

SourceType detect(const base::FileTree& tree, std::string_view path) {
    std::string directory(path);
    if (tree.kind(below(directory, "Chart.yaml")) == base::EntryKind::file) return SourceType::helm;
    return find_kustomization(tree, path).empty() ? SourceType::directory : SourceType::kustomize;
}

Rendered render(const base::FileTree& tree, const Request& request) {
    std::string path = directory_path(tree, request.path);
    Rendered rendered;
    rendered.type = detect(tree, path);
    switch (rendered.type) {
        case SourceType::helm:
            throw base::Error(base::Code::invalid, "'" + request.path + "' is a Helm chart, and charts are not rendered")
                .at({below(path, "Chart.yaml"), 0, 0})
                .hint("render it with `helm template` and commit the manifests");
        case SourceType::kustomize: {
            BuildOptions options;
            options.overlay = request.kustomize;
            take(rendered, build(tree, path, options));
            break;
        }
        case SourceType::directory: render_directory(tree, path, request, rendered); break;
    }
    for (const auto& manifest : rendered.manifests) kube::require_identity(manifest.object, manifest.file);
    set_destination(rendered.manifests, request.destination_namespace);
    refuse_repeated(rendered.manifests);
    return rendered;
}

}  // namespace gitops::render
