#include "core/render/render.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/chart_store.hpp"
#include "cli/charts.hpp"
#include "cli/commands/registry.hpp"
#include "cli/local_folder.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/print.hpp"
#include "cli/remotes.hpp"
#include "cli/repository_url.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/git.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string path = ".";
    std::string repo;
    std::string revision;
    std::string ns;
    std::string output_dir;
    std::string include;
    std::string exclude;
    bool recurse = false;
    bool offline = false;
    HelmFlags helm;
    std::string release_name = "release-name";
    std::vector<std::string> value_files;
    std::vector<std::string> parameters;
};

/// "NAME=VALUE" of --helm-set.
render::HelmParameter parameter_of(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) throw UsageError("'" + text + "' is not of the form NAME=VALUE");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// The tools of a render: one's own folder may name bases on this machine, a repository from elsewhere not.
struct Tools {
    Tools(Env& env, const Options& options, LocalBases local)
        : network(options.offline ? Network::offline : Network::use), remotes(env, network, local), helm(env, network) {}

    Network network;
    CachedRemotes remotes;
    ChartStore helm;
};

render::Rendered rendered(Env& env, const Options& options) {
    render::Request request;
    request.destination_namespace = options.ns;
    request.directory = {options.recurse, options.include, options.exclude};
    request.release_name = options.release_name;
    request.helm.kube_version = options.helm.kube_version;
    request.helm.api_versions = options.helm.api_versions;
    request.helm.value_files = options.value_files;
    for (const std::string& text : options.parameters) request.helm.parameters.push_back(parameter_of(text));
    const std::string url = options.repo.empty() ? std::string() : typed_url(options.repo);
    const bool is_here = url.find("://") == std::string::npos || url.starts_with("file://");
    Tools tools(env, options, is_here ? LocalBases::allowed : LocalBases::refused);
    request.ports.remotes = &tools.remotes;
    request.ports.helm = &tools.helm;
    request.ports.jobs = env.jobs();
    if (options.repo.empty()) {
        if (!options.revision.empty()) {
            UsageError error("--revision needs --repo");
            error.hint("gitopsctl render PATH --repo URL --revision " + options.revision);
            throw error;
        }
        const LocalFolder folder = open_local_folder(options.path, Jail::work_tree);
        request.path = folder.path;
        request.ports.charts = [&](const base::FileTree&, const render::KubeFlavour&) { return open_charts(env, options.helm, folder.root); };
        try {
            return render::render(*folder.tree, request);
        } catch (const base::Error& error) {
            throw placed_on_disk(error, folder);
        }
    }
    const auto repo = env.open_repo(url);
    if (!options.offline) repo->fetch();
    request.ports.charts = [&](const base::FileTree& tree, const render::KubeFlavour&) {
        return options.helm.enabled ? open_tree_charts(env, options.helm, tree) : nullptr;
    };
    const auto tree = repo->tree(repo->resolve(options.revision).sha);
    const auto path = base::normalise_path(options.path);
    if (!path) throw base::Error(base::Code::invalid, "path '" + options.path + "' leaves the repository");
    request.path = *path;
    return render::render(*tree, request);
}

int run(Env& env, const Options& options) {
    const render::Rendered result = rendered(env, options);
    for (const std::string& warning : result.warnings) warn(env, warning);
    std::vector<doc::Value> objects;
    objects.reserve(result.manifests.size());
    for (const kube::Manifest& manifest : result.manifests) objects.push_back(manifest.object);
    if (!options.output_dir.empty()) {
        write_manifest_files(options.output_dir, objects);
        tell(env, base::count_of(objects.size(), "file") + " written to " + options.output_dir);
    } else {
        print_objects(env, std::move(objects));
    }
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "PATH", options->path, "folder on disk, or in the repository with --repo (default .)");
    add_value(parser, "--repo", options->repo, "URL", "render from this Git repository");
    add_value(parser, "--revision", options->revision, "REV", "branch, tag, commit or semver range (default HEAD)");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace for objects that name none");
    add_switch(parser, "--recurse", options->recurse, "plain folders: their subfolders too");
    add_value(parser, "--include", options->include, "GLOB", "plain folders: only these files");
    add_value(parser, "--exclude", options->exclude, "GLOB", "plain folders: not these files");
    add_switch(parser, "--offline", options->offline, "bases, files and charts as they were fetched before");
    add_switch(parser, "--enable-helm", options->helm.enabled, "kustomizations: inflate helmCharts with the helm program");
    add_value(parser, "--release-name", options->release_name, "NAME", "charts: name of the release");
    add_repeated(parser, "--values", options->value_files, "FILE", "charts: values, relative to the chart; later files win");
    add_repeated(parser, "--helm-set", options->parameters, "NAME=VALUE", "charts: a value over those of the files");
    add_value(parser, "--helm-kube-version", options->helm.kube_version, "VERSION", "Kubernetes version for helm");
    add_repeated(parser, "--helm-api-versions", options->helm.api_versions, "VERSION", "API versions for helm");
    add_value(parser, "--output-dir", options->output_dir, "DIR", "one file per object instead of standard output");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_render(Commands& commands) {
    commands.push_back({
        .path = "render",
        .summary = "Print the manifests of a folder: plain YAML, a kustomization or a Helm chart.",
        .examples = "gitopsctl render overlays/prod\n"
                    "gitopsctl render overlays/prod -o json\n"
                    "gitopsctl render overlays/prod --repo https://example.com/team/app.git --revision v1.2.0",
        .exits = "0  rendered\n"
                 "2  the folder is missing or its content is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
