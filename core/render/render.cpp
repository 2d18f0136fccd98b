#include "core/render/render.hpp"

#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/kube/catalog.hpp"
#include "core/render/charts.hpp"
#include "core/render/helm_template.hpp"
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

/// The options of a kustomize build, and what they point to.
struct Build {
    Build(const base::FileTree& tree, const Request& request) {
        options.overlay = request.kustomize;
        options.load_restrictor = request.load_restrictor;
        for (auto& image : options.overlay.images) image = substitute(image, request.environment);
        if (request.kustomize.substitutes_annotations)
            for (auto& [key, text] : options.overlay.common_annotations) text = substitute(text, request.environment);
        if (request.ports.charts) charts = request.ports.charts(tree, request.kustomize.flavour);
        options.charts = charts.get();
        options.remotes = request.ports.remotes;
        options.jobs = request.ports.jobs;
    }

    BuildOptions options;
    std::unique_ptr<Charts> charts;
};

void render_chart(const base::FileTree& tree, const std::string& path, const Request& request, Rendered& rendered) {
    const std::string chart_file = below(path, "Chart.yaml");
    if (tree.kind(chart_file) != base::EntryKind::file)
        throw base::Error(base::Code::invalid, "'" + request.path + "' is no Helm chart: it has no Chart.yaml")
            .hint("charts in a chart repository are named with `chart`, not with `path`");
    if (request.ports.helm == nullptr)
        throw base::Error(base::Code::invalid, "'" + request.path + "' is a Helm chart, and charts are not rendered here")
            .at({chart_file, 0, 0})
            .hint("render it with `helm template` and commit the manifests");
    const ValueScope scope{tree, path, request.refs, request.environment, request.ports.remotes};
    auto made = template_chart(scope, {request.release_name, request.destination_namespace, request.helm}, *request.ports.helm);
    rendered.manifests = std::move(made.manifests);
    rendered.files_read = std::move(made.files_read);
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
    const Build build(tree, request);
    take(rendered, build_with(tree, path, build.options, std::move(root)));
    std::set<std::string> read(rendered.files_read.begin(), rendered.files_read.end());
    read.insert(skipped.begin(), skipped.end());
    rendered.files_read.assign(read.begin(), read.end());
}

void render_directory(const base::FileTree& tree, const std::string& path, const Request& request, Rendered& rendered) {
    if (request.type != SourceType::directory && !request.kustomize.empty()) return render_listed(tree, path, request, rendered);
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

/// Which of two objects with one identity is meant, nobody can tell.
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

std::vector<std::string> drop_repeated(std::vector<kube::Manifest>& manifests) {
    std::unordered_map<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> last;
    std::unordered_map<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> times;
    for (std::size_t i = 0; i < manifests.size(); ++i) {
        const auto key = kube::key_of(manifests[i].object);
        if (key.name.empty()) continue;
        last[key] = i;
        ++times[key];
    }
    std::vector<std::string> told;
    std::vector<kube::Manifest> kept;
    for (std::size_t i = 0; i < manifests.size(); ++i) {
        const auto key = kube::key_of(manifests[i].object);
        if (!key.name.empty() && last.at(key) != i) continue;
        if (!key.name.empty() && times.at(key) > 1)
            told.push_back(key.text() + " appears " + std::to_string(times.at(key)) + " times; the last one counts: " +
                           place_of(manifests[i]));
        kept.push_back(std::move(manifests[i]));
    }
    manifests = std::move(kept);
    return told;
}

Rendered render(const base::FileTree& tree, const Request& request) {
    std::string path = directory_path(tree, request.path);
    Rendered rendered;
    rendered.type = request.type ? *request.type : detect(tree, path);
    if (rendered.type == SourceType::kustomize && find_kustomization(tree, path).empty()) rendered.type = SourceType::directory;
    switch (rendered.type) {
        case SourceType::helm: render_chart(tree, path, request, rendered); break;
        case SourceType::kustomize: {
            const Build made(tree, request);
            take(rendered, build(tree, path, made.options));
            break;
        }
        case SourceType::directory: render_directory(tree, path, request, rendered); break;
    }
    for (const auto& manifest : rendered.manifests) kube::require_identity(manifest.object, manifest.file);
    set_destination(rendered.manifests, request.destination_namespace);
    switch (request.repeated) {
        case Repeated::refuse: refuse_repeated(rendered.manifests); break;
        case Repeated::last_wins: rendered.repeated = drop_repeated(rendered.manifests); break;
    }
    return rendered;
}

}  // namespace gitops::render
