#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/status_value.hpp"
#include "cli/output/sync_report.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "core/app/appset/appset_rollout.hpp"
#include "core/app/fleet.hpp"

namespace gitops::cli {

namespace {

std::string_view decision_name(app::Decision decision) {
    switch (decision) {
        case app::Decision::nothing:
            return "nothing";
        case app::Decision::sync:
            return "sync";
        case app::Decision::heal:
            return "heal";
        case app::Decision::hold:
            return "hold";
    }
    return "nothing";
}

doc::Value report_value(const app::ReconcileReport& report) {
    doc::Value value = doc::Value::map();
    value.set("name", report.app);
    value.set("sync", app::sync_status_name(report.sync));
    value.set("decision", decision_name(report.verdict.decision));
    value.set("reason", text_or_null(report.verdict.reason));
    value.set("operation", report.operation ? sync_value(*report.operation) : doc::Value());
    value.set("error", text_or_null(report.error));
    return value;
}

int exit_of(const app::ReconcileReport& report) {
    if (!report.error.empty()) return 2;
    return report.operation ? sync_exit(*report.operation, DryRun::no) : 0;
}

int run(Env& env, const AppSelection& selection) {
    Listing listing{.table = Table({"NAME", "STATUS", "DECISION", "REASON", "RESULT"}), .nothing = "no applications"};
    int code = 0;
    const std::stop_token stop = env.stop();
    const auto add_report = [&](const app::ReconcileReport& report) {
        code = std::max(code, exit_of(report));
        const std::string result = !report.error.empty() ? report.error
                                   : report.operation    ? report.operation->message
                                                         : "";
        listing.items.push_back(report_value(report));
        listing.table.add({report.app, status_cell(app::sync_status_name(report.sync)),
                           decision_name(report.verdict.decision), report.verdict.reason, result});
        listing.names.push_back(report.app);
    };
    const bool is_everything = selection.names.empty() && selection.selector.empty();
    try {
        if (is_everything) {
            for (const app::SetFailure& failure : app::refresh_sets(env.services(), stop)) {
                warn(env, "error: ApplicationSet " + failure.set + " was not applied: " + failure.message);
                code = 2;
            }
        }
        app::reconcile_each(env.services(), app::errands_of(selected_apps(env, selection, NoneNamed::all), {}),
                            [](const std::string&) { return app::AfterFailure::retry; }, add_report, stop);
        if (is_everything)
            app::roll_sets(env.services(), [&](const app::SyncReport& report) { code = std::max(code, sync_exit(report, DryRun::no)); }, stop);
    } catch (const base::Error& error) {
        if (error.code() != base::Code::cancelled) throw;
    }
    print_listing(env, listing);
    return stop.stop_requested() ? k_interrupted : code;
}

Action declare(CLI::App& parser) {
    auto selection = std::make_shared<AppSelection>();
    declare_selection(parser, *selection);
    return [selection](Env& env) { return run(env, *selection); };
}

}  // namespace

void register_reconcile(Commands& commands) {
    commands.push_back({
        .path = "reconcile",
        .summary = "One pass of the controller: fetch, compare, and sync what the policies allow. Without names: "
                   "every application.",
        .examples = "gitopsctl reconcile\n"
                    "gitopsctl reconcile web -o json",
        .exits = "0  done, also when a policy holds a sync back\n"
                 "1  a sync failed or is not healthy\n"
                 "2  an application could not be compared",
        .declare = declare,
    });
}

}  // namespace gitops::cli
