#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/drift_report.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const AppSelection& selection) {
    bool drifted = false;
    bool failed = false;
    std::vector<doc::Value> items;
    for (const std::string& name : selected_apps(env, selection, NoneNamed::all)) {
        const app::DriftReport report = app::drift_of(env.services(), name, app::Fetch::remote);
        drifted = drifted || report.drifted();
        failed = failed || !report.error.empty();
        if (wants_document(env))
            items.push_back(drift_value(report));
        else if (env.format() == Format::name)
            print_text(env, report.drifted() ? name + "\n" : "");
        else
            print_text(env,
                       drift_text(report, env.clock().now(), env.terminal().has_color() ? Paint::yes : Paint::no));
    }
    if (wants_document(env)) print_document(env, items_document(std::move(items)));
    if (failed) return 2;
    return drifted ? 1 : 0;
}

Action declare(CLI::App& parser) {
    auto selection = std::make_shared<AppSelection>();
    declare_selection(parser, *selection);
    return [selection](Env& env) { return run(env, *selection); };
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
