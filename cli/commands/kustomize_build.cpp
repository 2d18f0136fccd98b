#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <filesystem>
#include <span>

#include "cli/arguments.hpp"
#include "cli/charts.hpp"
#include "cli/commands/registry.hpp"
#include "cli/env.hpp"
#include "cli/local_folder.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/print.hpp"
#include "cli/remotes.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/kustomize.hpp"
#include "core/render/remote.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

/// Objects from which on threads are worth their start.
constexpr std::size_t k_many_objects = 16;

struct Options {
    std::string folder = ".";
    std::string load_restrictor = "LoadRestrictionsRootOnly";
    std::string reorder;
    std::string output;
    HelmFlags helm;
    bool offline = false;
    bool strict = false;
    bool managed_by = false;
    bool plugins = false;
    bool exec = false;
    // Of functions in containers, which are never started: taken so that scripts keep running.
    bool network = false;
    bool as_current_user = false;
    std::string network_name;
    std::vector<std::string> mounts;
    std::vector<std::string> environment;
};

void refuse_plugins(const Options& options) {
    if (!options.plugins && !options.exec) return;
    throw Error(Code::denied, std::string(options.plugins ? "--enable-alpha-plugins" : "--enable-exec") +
                                  ": plugins that run a program or a container are never started")
        .hint("builtin transformers and generators need no flag");
}

render::BuildOptions build_options(const Options& options) {
    render::BuildOptions build;
    if (options.load_restrictor == "LoadRestrictionsNone") build.load_restrictor = render::LoadRestrictor::none;
    if (!options.reorder.empty())
        build.order = options.reorder == "legacy" ? render::Order::legacy : render::Order::none;
    if (options.strict) build.matching = render::Matching::strict;
    build.managed_by_label = options.managed_by || Env::variable("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL") == "on";
    return build;
}

render::Built built(Env& env, const Options& options) {
    refuse_plugins(options);
    CachedRemotes remotes(env, options.offline ? Network::offline : Network::use);
    render::BuildOptions build = build_options(options);
    build.remotes = &remotes;
    build.jobs = env.jobs();
    std::error_code problem;
    if (!std::filesystem::exists(options.folder, problem)) {
        if (const auto remote = render::parse_remote_base(options.folder))
            return render::build(*remotes.tree(*remote), remote->path, build);
    }
    const LocalFolder folder = open_local_folder(options.folder, Jail::none);
    const std::unique_ptr<render::Charts> charts = open_charts(env, options.helm, folder.root);
    build.charts = charts.get();
    if (folder.root == "/") build.off_limits = {"proc", "sys", "dev"};
    try {
        return render::build(*folder.tree, folder.path, build);
    } catch (const Error& error) {
        throw placed_on_disk(error, folder);
    }
}

/// What doc::write_yaml_stream() gives, made in pieces on several threads; a line "---" goes between them.
std::vector<std::string> printed(const std::vector<doc::Value>& objects, int jobs) {
    if (jobs < 2 || objects.size() < k_many_objects) return {doc::write_yaml_stream(objects)};
    const std::size_t share = objects.size() / (static_cast<std::size_t>(jobs) * 16) + 1;  // objects differ a lot in size
    std::vector<std::span<const doc::Value>> pieces;
    for (std::size_t at = 0; at < objects.size(); at += share)
        pieces.push_back(std::span(objects).subspan(at, std::min(share, objects.size() - at)));
    return base::parallel_map<std::string>(pieces, jobs, [](auto piece) { return doc::write_yaml_stream(piece); });
}

void print_pieces(Env& env, const std::vector<std::string>& pieces) {
    for (std::size_t at = 0; at < pieces.size(); ++at) {
        if (at > 0) print_text(env, "---\n");
        print_text(env, pieces[at]);
    }
}

/// As kustomize prints them for flags that still work.
void deprecations(Env& env, const Options& options) {
    if (!options.reorder.empty())
        warn(env, "Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.");
    if (options.managed_by)
        warn(env, "Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. "
                  "Use the `managedByLabel` option in the `buildMetadata` field instead.");
}

int run(Env& env, const Options& options) {
    try {
        deprecations(env, options);
        // Never freed: the program ends, and a hundred thousand nodes would be freed one by one.
        static const render::Built& result = *new render::Built(built(env, options));
        for (const std::string& warning : result.warnings) warn(env, warning);
        std::vector<doc::Value> objects;
        objects.reserve(result.manifests.size());
        for (const kube::Manifest& manifest : result.manifests) objects.push_back(manifest.object);
        std::error_code problem;
        if (options.output.empty())
            print_pieces(env, printed(objects, env.jobs()));
        else if (std::filesystem::is_directory(options.output, problem))
            write_manifest_files(options.output, objects);
        else
            write_file(options.output, base::join(printed(objects, env.jobs()), "---\n"));
        return 0;
    } catch (const Error& error) {
        print_error(error);
        return 1;  // as kustomize does
    }
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "DIR", options->folder, "folder with a kustomization.yaml, or a git URL (default .)");
    add_value(parser, "-o,--output", options->output, "FILE|DIR", "write there; one file per object into a folder");
    add_value(parser, "--load-restrictor", options->load_restrictor, "WHICH",
              "LoadRestrictionsRootOnly (default) or LoadRestrictionsNone")
        ->check(CLI::IsMember({"LoadRestrictionsRootOnly", "LoadRestrictionsNone"}));
    add_value(parser, "--reorder", options->reorder, "ORDER", "legacy or none; overrides sortOptions")
        ->check(CLI::IsMember({"legacy", "none"}));
    add_switch(parser, "--strict", options->strict, "patches and replacement targets that match nothing are errors");
    add_switch(parser, "--offline", options->offline, "use the remote bases and files that were fetched before");
    add_switch(parser, "--enable-helm", options->helm.enabled, "inflate helmCharts with the helm program");
    add_value(parser, "--helm-command", options->helm.command, "PROGRAM", "the helm program (default helm)");
    add_value(parser, "--helm-kube-version", options->helm.kube_version, "VERSION", "Kubernetes version for helm");
    add_repeated(parser, "--helm-api-versions", options->helm.api_versions, "VERSION", "API versions for helm");
    add_switch(parser, "--helm-debug", options->helm.debug, "let helm say more");
    add_switch(parser, "--enable-managedby-label", options->managed_by, "add app.kubernetes.io/managed-by (deprecated)");
    add_switch(parser, "--enable-alpha-plugins", options->plugins, "refused: plugins are never started");
    add_switch(parser, "--enable-exec", options->exec, "refused: plugins are never started");
    add_switch(parser, "--network", options->network, "of container functions, which are never started");
    add_value(parser, "--network-name", options->network_name, "NAME", "the same");
    add_repeated(parser, "--mount", options->mounts, "MOUNT", "the same");
    add_repeated(parser, "-e,--env", options->environment, "NAME=VALUE", "the same");
    add_switch(parser, "--as-current-user", options->as_current_user, "the same");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_kustomize_build(Commands& commands) {
    commands.push_back({
        .path = "kustomize build",
        .summary = "Build a kustomization, byte for byte as `kustomize build` prints it.",
        .examples = "gitopsctl kustomize build overlays/prod\n"
                    "gitopsctl kustomize build overlays/prod -o prod.yaml\n"
                    "gitopsctl kustomize build overlays/prod --load-restrictor LoadRestrictionsNone\n"
                    "gitopsctl kustomize build 'https://github.com/org/repo//overlays/prod?ref=v1.2.0'",
        .exits = "0  built\n"
                 "1  the build failed, as with kustomize",
        .declare = declare,
    });
}

}  // namespace gitops::cli
