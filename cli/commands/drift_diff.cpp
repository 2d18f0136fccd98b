#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/drift_report.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/app/fleet.hpp"

namespace gitops::cli {

namespace {

struct Options {
    AppSelection apps;
    std::string cluster_selector;
    bool server_side = false;
};

int run(Env& env, const Options& options) {
    bool drifted = false;
    bool failed = false;
    std::vector<doc::Value> items;
    const std::vector<std::string> clusters = selected_clusters(env, options.cluster_selector);
    const std::vector<std::string> names = selected_apps(env, options.apps, NoneNamed::all);
    const app::Predict predict = options.server_side ? app::Predict::on_server : app::Predict::here;
    const auto tell_report = [&](const app::DriftReport& report) {
        drifted = drifted || report.drifted();
        failed = failed || !report.error.empty();
        if (wants_document(env))
            items.push_back(drift_value(report));
        else if (env.format() == Format::name)
            print_text(env, report.drifted() ? report.app + "\n" : "");
        else
            print_text(env,
                       drift_text(report, env.clock().now(), env.terminal().has_color() ? Paint::yes : Paint::no,
                                  clusters.empty() ? NameCluster::no : NameCluster::yes));
    };
    app::drift_each(env.services(), app::errands_of(names, clusters), predict, tell_report);
    if (wants_document(env)) print_document(env, items_document(std::move(items)));
    if (failed) return 2;
    return drifted ? 1 : 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_selection(parser, options->apps);
    declare_clusters(parser, options->cluster_selector);
    add_switch(parser, "--server-side,--server-side-diff", options->server_side, "let the cluster judge each object in a dry run");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_drift_diff(Commands& commands) {
    commands.push_back({
        .path = "drift diff",
        .summary = "Show field by field what differs from Git, and who changed it. Without names: every application.",
        .examples = "gitopsctl drift diff web\n"
                    "gitopsctl drift diff --all -o json",
        .exits = "0  no drift\n"
                 "1  drift\n"
                 "2  an application could not be compared",
        .declare = declare,
    });
}

}  // namespace gitops::cli
