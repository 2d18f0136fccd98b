#include "core/app/source/rendering.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/app/destination.hpp"
#include "core/app/settings.hpp"
#include "core/app/source/render_cache.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/base/error.hpp"
#include "core/base/semver.hpp"
#include "core/base/text.hpp"
#include "core/doc/patch.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_override_files[] = {".argocd-source.yaml", ".argocd-source-"};

struct LocalTree {
    std::string root;
    std::string path;
};

/// A directory on disk is rendered inside its repository (or the whole disk), so that "../base" is found.
LocalTree enclosing_tree(const std::string& directory) {
    namespace fs = std::filesystem;
    std::error_code error;
    fs::path path = fs::canonical(directory, error);
    if (error) throw Error(Code::not_found, "there is no directory " + directory);
    fs::path root = path;
    while (root.has_relative_path() && !fs::exists(root / ".git", error)) root = root.parent_path();
    auto inside = path.lexically_relative(root).generic_string();
    return {root.string(), inside == "." ? "" : inside};
}

const Value* source_document(const Application& application, std::size_t index) {
    if (!application.is_multi_source) return application.document.path("spec", "source");
    const Value* list = application.document.path("spec", "sources");
    return list != nullptr && index < list->items().size() ? &list->items()[index] : nullptr;
}

/// The source with .argocd-source.yaml and .argocd-source-<app>.yaml of its path laid over it.
Source with_overrides(const Application& application, std::size_t index, const base::FileTree& tree, const std::string& path,
                      render::Rendered& told) {
    Source source = application.sources.at(index);
    const Value* document = source_document(application, index);
    Value merged = document == nullptr ? Value::map() : *document;
    for (std::string name : {std::string(k_override_files[0]), std::string(k_override_files[1]) + application.name + ".yaml"}) {
        const std::string file = path.empty() ? name : path + "/" + name;
        if (tree.kind(file) != base::EntryKind::file) continue;
        doc::YamlOptions options;
        options.file = file;
        const auto documents = doc::read_yaml(tree.read(file), options);
        told.files_read.push_back(file);
        if (documents.empty() || documents.front().is_null()) continue;
        source = overridden(source, merged, documents.front(), file, told.warnings);
        merged = doc::merge_patch(merged, documents.front());
    }
    return source;
}

render::Environment environment_of(const Application& application, const Source& source, const std::string& revision) {
    return {{"ARGOCD_APP_NAME", application.name},
            {"ARGOCD_APP_NAMESPACE", application.destination.ns},
            {"ARGOCD_APP_PROJECT_NAME", application.project},
            {"ARGOCD_APP_REVISION", revision},
            {"ARGOCD_APP_REVISION_SHORT", revision.substr(0, 7)},
            {"ARGOCD_APP_REVISION_SHORT_8", revision.substr(0, 8)},
            {"ARGOCD_APP_SOURCE_REPO_URL", source.repo_url},
            {"ARGOCD_APP_SOURCE_PATH", source.path},
            {"ARGOCD_APP_SOURCE_TARGET_REVISION", source.target_revision}};
}

/// "apps/v1" and "apps/v1/Deployment" of everything the destination serves, for .Capabilities of charts. A cluster that
/// cannot be asked leaves helm its own idea: whoever compares with it tells that it cannot be reached.
std::vector<std::string> api_versions_of(const Services& services, const Application& application) {
    std::set<std::string> versions;
    try {
        for (const auto& kind : services.open_cluster(cluster_of(services, application.destination.cluster).name)->kinds()) {
            const std::string version = (kind.gvk.group.empty() ? "" : kind.gvk.group + "/") + kind.gvk.version;
            versions.insert(version);
            versions.insert(version + "/" + kind.gvk.kind);
        }
    } catch (const Error&) {
        versions.clear();
    }
    return {versions.begin(), versions.end()};
}

/// The destination's Kubernetes version, for charts' kubeVersion and .Capabilities; "" leaves helm its own idea.
std::string kube_version_of(const Services& services, const Application& application) {
    if (!services.kube_version_of) return {};
    try {
        const auto version = services.kube_version_of(cluster_of(services, application.destination.cluster));
        return base::parse_version(version) ? version : std::string();
    } catch (const Error&) {
        return {};
    }
}

/// A tree with where it comes from.
struct Origins {
    std::shared_ptr<const base::FileTree> tree;
    std::string revision;
};

render::Rendered render_one(const Services& services, const Application& application, std::size_t index, const base::FileTree& tree,
                            std::string path, const std::string& revision, const render::ReferencedTrees& refs, const render::Ports& ports) {
    render::Rendered told;
    if (application.sources.at(index).is_chart()) path.clear();
    const Source source = with_overrides(application, index, tree, path, told);
    render::Request request;
    request.path = std::move(path);
    request.type = source.type;
    request.directory = source.directory;
    request.kustomize = source.kustomize;
    request.helm = source.helm;
    request.release_name = application.name;
    request.destination_namespace = destination_namespace(application);
    request.repeated = render::Repeated::last_wins;
    if (services.settings) request.load_restrictor = services.settings->load_restrictor;
    request.environment = environment_of(application, source, revision);
    request.refs = refs;
    request.ports = ports;
    const auto type = request.type ? *request.type : render::detect(tree, request.path);
    if (type == render::SourceType::helm && request.helm.api_versions.empty())
        request.helm.api_versions = api_versions_of(services, application);
    if (type == render::SourceType::helm && request.helm.kube_version.empty())
        request.helm.kube_version = kube_version_of(services, application);
    render::Rendered rendered = render::render(tree, request);
    rendered.warnings.insert(rendered.warnings.begin(), told.warnings.begin(), told.warnings.end());
    if (told.files_read.empty()) return rendered;
    std::set<std::string> read(rendered.files_read.begin(), rendered.files_read.end());
    read.insert(told.files_read.begin(), told.files_read.end());
    rendered.files_read.assign(read.begin(), read.end());
    return rendered;
}

std::string path_of(const Source& source) {
    auto path = base::normalise_path(source.path);
    if (path) return *path;
    Error error(Code::invalid, "spec.source.path \"" + source.path + "\" leaves the repository");
    error.hint("give a path relative to the root of the repository");
    throw error;
}

Origin origin_of(const std::string& url) {
    try {
        const auto remote = io::parse_remote_url(url, "/");
        return remote.kind == io::RemoteKind::local || remote.scheme == "file" ? Origin::here : Origin::elsewhere;
    } catch (const Error&) {
        return Origin::elsewhere;
    }
}

std::unique_ptr<RenderMeans> means_for(const Services& services, Fetch fetch, Origin origin) {
    return services.render_means ? services.render_means(fetch, origin) : nullptr;
}

render::Ports ports_of(RenderMeans* means) { return means == nullptr ? render::Ports{} : means->ports(); }

void fetch_repo(const Services& services, const std::string& url, io::GitRepo& repo) {
    if (services.pass) services.pass->fetch_once(url, [&] { repo.fetch(); });
    else repo.fetch();
}

/// A range is looked for among the tags with the source's prefix, without it.
base::Revision resolve(const Source& source, io::GitRepo& repo, const std::string& wanted) {
    const auto range = source.tag_prefix.empty() || wanted.empty() ? std::nullopt : base::VersionRange::parse(wanted);
    if (!range) return repo.resolve(wanted);
    std::vector<std::string> versions;
    for (const auto& tag : repo.tags())
        if (tag.starts_with(source.tag_prefix)) versions.push_back(tag.substr(source.tag_prefix.size()));
    if (const auto best = base::highest_match(versions, *range)) return repo.resolve(source.tag_prefix + *best);
    throw Error(Code::not_found, "no tag that begins with \"" + source.tag_prefix + "\" matches " + wanted);
}

/// All sources of one look: each repository is opened once.
class SourceTrip {
  public:
    SourceTrip(const Services& services, const Application& application, const RenderRequest& request)
        : m_services(services), m_application(application), m_request(request) {
        m_fetch = application.refresh == Refresh::no ? request.fetch : Fetch::remote;
        m_means = means_for(services, m_fetch, origin_of(application.source.repo_url));
        m_ports = ports_of(m_means.get());
    }

    RenderedSources run() {
        std::string wanted = m_request.revision;
        if (wanted.empty()) wanted = m_services.state.state(m_application.instance).pinned_revision;
        const auto revisions = wanted_revisions(m_application, wanted);
        for (std::size_t i = 0; i < revisions.size(); ++i) {
            told(i, [&] { open(i, revisions[i]); });
        }
        for (std::size_t i = 0; i < revisions.size(); ++i) told(i, [&] { add(i); });
        auto& rendered = m_result.rendered;
        if (m_application.is_multi_source) {
            const auto repeated = render::drop_repeated(rendered.manifests);
            rendered.repeated.insert(rendered.repeated.end(), repeated.begin(), repeated.end());
        }
        return std::move(m_result);
    }

  private:
    template <typename Work>
    void told(std::size_t index, const Work& work) const {
        try {
            work();
        } catch (Error& error) {
            const auto& source = m_application.sources[index];
            if (m_application.is_multi_source)
                error.note("source " + std::to_string(index + 1) + (source.name.empty() ? "" : " (" + source.name + ")") + " from " + source.repo_url);
            throw;
        }
    }

    io::GitRepo& repo(const std::string& url) {
        auto& opened = m_repos[io::canonical_url(url)];
        if (opened) return *opened;
        auto fresh = m_services.open_repo(url);
        if (m_fetch == Fetch::remote) fetch_repo(m_services, url, *fresh);
        opened = std::move(fresh);
        return *opened;
    }

    void open(std::size_t index, const std::string& wanted) {
        const Source& source = m_application.sources[index];
        Origins origin;
        base::Revision revision;
        if (source.is_chart()) {
            if (m_ports.helm == nullptr) throw Error(Code::invalid, "charts are not fetched here");
            const std::string version = wanted == "HEAD" ? "" : wanted;
            auto pulled = m_ports.helm->pull({source.repo_url, source.chart, version, source.helm.pass_credentials});
            revision.sha = pulled.version;
            revision.ref = source.target_revision;
            origin = {pulled.tree, pulled.version};
        } else {
            auto& from = repo(source.repo_url);
            revision = resolve(source, from, wanted);
            origin = {from.tree(revision.sha), revision.sha};
        }
        if (!source.ref.empty()) m_refs[source.ref] = origin.tree;
        m_origins.push_back(std::move(origin));
        m_result.revisions.push_back(std::move(revision));
    }

    void add(std::size_t index) {
        const Source& source = m_application.sources[index];
        if (source.only_referenced()) return;
        const auto& origin = m_origins[index];
        const auto key = m_application.refresh == Refresh::hard ? std::string() : cache_key(m_application, index, *origin.tree, m_result.revisions);
        auto rendered = key.empty() || !m_services.render_cache ? std::nullopt : m_services.render_cache->find(key);
        if (!rendered) {
            rendered = render_one(m_services, m_application, index, *origin.tree, path_of(source), origin.revision, m_refs, m_ports);
            if (!key.empty() && m_services.render_cache) m_services.render_cache->put(key, *rendered);
        }
        append(std::move(*rendered));
    }

    void append(render::Rendered rendered) {
        auto& all = m_result.rendered;
        if (all.manifests.empty()) all.type = rendered.type;
        std::ranges::move(rendered.manifests, std::back_inserter(all.manifests));
        std::ranges::move(rendered.warnings, std::back_inserter(all.warnings));
        std::ranges::move(rendered.repeated, std::back_inserter(all.repeated));
        std::ranges::move(rendered.files_read, std::back_inserter(all.files_read));
    }

    const Services& m_services;
    const Application& m_application;
    const RenderRequest& m_request;
    Fetch m_fetch = Fetch::remote;
    std::unique_ptr<RenderMeans> m_means;
    render::Ports m_ports;
    std::map<std::string, std::unique_ptr<io::GitRepo>> m_repos;
    std::vector<Origins> m_origins;
    render::ReferencedTrees m_refs;
    RenderedSources m_result;
};

RenderedSources render_local(const Services& services, const Application& application, const RenderRequest& request) {
    if (application.is_multi_source)
        throw Error(Code::invalid, "application " + application.name + " has several sources, which one folder cannot stand for")
            .hint("commit to a branch and compare with that");
    const auto local = enclosing_tree(request.local_dir);
    const auto means = means_for(services, request.fetch, Origin::here);
    RenderedSources result;
    result.rendered = render_one(services, application, 0, base::DiskTree(local.root), local.path, "", {}, ports_of(means.get()));
    return result;
}

}  // namespace

base::Revision RenderedSources::revision() const {
    if (revisions.empty()) return {};
    base::Revision first = revisions.front();
    if (revisions.size() == 1) return first;
    std::vector<std::string> texts;
    std::vector<std::string> refs;
    for (const auto& revision : revisions) {
        texts.push_back(revision.sha);
        refs.push_back(revision.ref);
    }
    first.sha = joined_revisions(texts);
    first.ref = base::join(refs, ",");
    return first;
}

RenderedSources render_sources(const Services& services, const Application& application, const RenderRequest& request) {
    if (!request.local_dir.empty()) return render_local(services, application, request);
    return SourceTrip(services, application, request).run();
}

base::Revision target_revision(const Services& services, const Application& application, io::GitRepo& repo,
                               const std::string& override_revision) {
    std::string wanted = override_revision;
    if (wanted.empty()) wanted = services.state.state(application.instance).pinned_revision;
    if (wanted.empty()) wanted = application.source.target_revision;
    return resolve(application.source, repo, wanted);
}

render::Rendered render_application(const Services& services, const Application& application, const base::FileTree& tree) {
    require_git_source(application, "a change", "change the repository of the source that is meant");
    const auto means = means_for(services, Fetch::cached, origin_of(application.source.repo_url));
    return render_one(services, application, 0, tree, path_of(application.source), "", {}, ports_of(means.get()));
}

void require_git_source(const Application& application, std::string_view what, std::string_view hint) {
    const bool is_one = application.sources.size() == 1;
    if (is_one && !application.source.is_chart()) return;
    Error error(Code::invalid, "application " + application.name + (is_one ? " comes from a chart repository" : " has several sources") + ": " +
                                   std::string(what) + " cannot be committed to it");
    error.hint(hint);
    throw error;
}

}  // namespace gitops::app
