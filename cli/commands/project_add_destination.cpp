#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/projects.hpp"
#include "core/app/project_edit.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string project, cluster, ns;
    bool by_name = false;
};

int run(Env& env, const Options& options) {
    const doc::Value entry = options.by_name ? app::named_destination_entry(options.cluster, options.ns)
                                             : app::destination_entry(options.cluster, options.ns);
    const std::string what = "destination " + options.cluster + "," + options.ns;
    return edit_project(
        env, options.project, [&](doc::Value& document) { return app::add_entry(document, "destinations", entry); },
        what + " added", what + " is already there");
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "PROJECT", options->project, "the project");
    add_required(parser, "CLUSTER", options->cluster, "address of the server (with ://, or *), else the name of a cluster; a glob, !CLUSTER denies");
    add_required(parser, "NAMESPACE", options->ns, "namespace; a glob, !NAMESPACE denies");
    add_switch(parser, "--name", options->by_name, "CLUSTER is a name, whatever it looks like");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_project_add_destination(Commands& commands) {
    commands.push_back({
        .path = "project add-destination",
        .summary = "Let the applications of a project go to a cluster and namespace, or deny it.",
        .examples = "gitopsctl project add-destination team-a local team-a\n"
                    "gitopsctl project add-destination team-a https://kubernetes.default.svc 'team-a-*'",
        .exits = "0  added, or already there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
