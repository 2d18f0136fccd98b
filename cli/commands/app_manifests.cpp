#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/settings.hpp"
#include "core/app/status.hpp"
#include "core/base/text.hpp"
#include "core/kube/secrets.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string revision;
    std::string source = "git";
    bool offline = false;
    bool show_secrets = false;
};

std::vector<doc::Value> from_git(Env& env, const app::Application& application, const Options& options) {
    const app::Fetch fetch = options.offline ? app::Fetch::cached : app::Fetch::remote;
    const render::Rendered rendered = app::render_sources(env.services(), application, {options.revision, "", fetch}).rendered;
    for (const auto* warnings : {&rendered.warnings, &rendered.repeated})
        for (const std::string& warning : *warnings) warn(env, "warning: " + warning);
    std::vector<doc::Value> objects;
    for (const kube::Manifest& manifest : rendered.manifests) objects.push_back(manifest.object);
    return objects;
}

/// As the cluster has them.
std::vector<doc::Value> from_cluster(Env& env, const app::Application& application) {
    const app::AppStatus status = app::status_of(env.services(), application, app::Fetch::cached);
    const auto cluster = env.services().open_cluster(status.cluster);
    std::vector<doc::Value> objects;
    for (const app::ResourceStatus& resource : status.resources) {
        auto live = cluster->get({resource.gvk, resource.key.ns, resource.key.name});
        if (live) objects.push_back(without_managed_fields(std::move(*live)));
    }
    return objects;
}

/// The same with masks for the values of Secrets, which whoever pipes this into a file or a cluster is to know.
std::vector<doc::Value> masked(Env& env, std::vector<doc::Value> objects) {
    std::size_t count = 0;
    const auto& settings = env.services().settings;
    const auto annotations = settings ? settings->masked_annotations : nullptr;
    for (doc::Value& object : objects) {
        doc::Value shown = kube::mask_secrets({object}, annotations).front();
        if (shown != object) ++count;
        object = std::move(shown);
    }
    if (count > 0) tell(env, "the values of " + base::count_of(count, "Secret") + " are masked; --show-secrets prints them");
    return objects;
}

int run(Env& env, const Options& options) {
    const app::Application application = app::application_of(env.services(), options.name);
    std::vector<doc::Value> objects = options.source == "git" ? from_git(env, application, options) : from_cluster(env, application);
    if (!options.show_secrets && env.format() != Format::name) objects = masked(env, std::move(objects));
    print_objects(env, std::move(objects));
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_value(parser, "--revision", options->revision, "REV", "this revision instead of the target; of several sources a list REV,REV,...");
    add_value(parser, "--source", options->source, "WHERE", "git (default) or live")
        ->check(CLI::IsMember({"git", "live"}));
    add_switch(parser, "--offline", options->offline, "repositories, bases and charts as they were fetched before");
    add_switch(parser, "--show-secrets", options->show_secrets, "print the values of Secrets, which are masked otherwise");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_manifests(Commands& commands) {
    commands.push_back({
        .path = "app manifests",
        .summary = "Print the manifests of an application as Git renders them, or as they are live. Secrets are masked.",
        .examples = "gitopsctl app manifests web\n"
                    "gitopsctl app manifests web --revision v1.2.0 -o json\n"
                    "gitopsctl app manifests web --source live\n"
                    "gitopsctl app manifests web --show-secrets | kubectl apply -f -",
        .exits = "0  printed\n"
                 "2  no such application, or Git cannot be rendered",
        .declare = declare,
    });
}

}  // namespace gitops::cli
