#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>

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

struct Row {
    std::string app;
    doc::Value item;
    std::vector<Cell> cells;
};

Row row_of(const app::ReconcileReport& report) {
    const std::string result = !report.error.empty() ? report.error
                               : report.operation    ? report.operation->message
                                                     : "";
    return {report.app, report_value(report),
            {report.app, status_cell(app::sync_status_name(report.sync)), decision_name(report.verdict.decision),
             report.verdict.reason, result}};
}

/// What a pass says, application by application.
class Answer {
  public:
    void add(const app::ReconcileReport& report) {
        m_code = std::max(m_code, exit_of(report));
        m_rows.push_back(row_of(report));
        if (report.verdict.decision != app::Decision::hold) return;
        app::ReconcileReport& held = m_held[report.app];
        held.app = report.app;
        held.verdict = report.verdict;
        held.sync = report.sync;
    }

    void add_code(int code) { m_code = std::max(m_code, code); }

    /// What the rolling syncs did with a member, or why nothing, is told in place of what its parked automation let the pass do.
    void add_rollout(const std::vector<sources::MemberPlan>& plans, std::map<std::string, app::SyncReport> synced) {
        for (const sources::MemberPlan& plan : plans) {
            const auto held = m_held.find(plan.name);
            if (held == m_held.end()) continue;
            app::ReconcileReport& report = held->second;
            report.verdict.reason = "rolling sync: " + plan.message;
            if (const auto found = synced.find(plan.name); found != synced.end()) {
                report.verdict = {app::Decision::sync, "its turn in the rolling sync"};
                report.operation = std::move(found->second);
            }
            *std::ranges::find(m_rows, plan.name, &Row::app) = row_of(report);
        }
    }

    int print(Env& env) const {
        Listing listing{.table = Table({"NAME", "STATUS", "DECISION", "REASON", "RESULT"}), .nothing = "no applications"};
        for (const Row& row : m_rows) {
            listing.items.push_back(row.item);
            listing.table.add(row.cells);
            listing.names.push_back(row.app);
        }
        print_listing(env, listing);
        return m_code;
    }

  private:
    std::vector<Row> m_rows;
    std::map<std::string, app::ReconcileReport> m_held;  ///< what a rolling sync may go on with, without its status
    int m_code = 0;
};

void roll(Env& env, Answer& answer, const std::stop_token& stop) {
    std::map<std::string, app::SyncReport> synced;
    const auto plans = app::roll_sets(
        env.services(),
        [&](const app::SyncReport& report) {
            answer.add_code(sync_exit(report, DryRun::no));
            synced.emplace(report.app, report);
        },
        stop);
    answer.add_rollout(plans, std::move(synced));
}

int run(Env& env, const AppSelection& selection) {
    Answer answer;
    const std::stop_token stop = env.stop();
    const bool is_everything = selection.names.empty() && selection.selector.empty();
    try {
        if (is_everything) {
            for (const app::SetFailure& failure : app::refresh_sets(env.services(), stop)) {
                const char* how = failure.applied == app::Applied::in_part ? " was not applied in full: " : " was not applied: ";
                warn(env, "error: ApplicationSet " + failure.set + how + failure.message);
                answer.add_code(2);
            }
        }
        app::reconcile_each(env.services(), app::errands_of(selected_apps(env, selection, NoneNamed::all), {}),
                            {[](const std::string&) { return app::AfterFailure::retry; }},
                            [&](const app::ReconcileReport& report) { answer.add(report); }, stop);
        if (is_everything) roll(env, answer, stop);
    } catch (const base::Error& error) {
        if (error.code() != base::Code::cancelled) throw;
    }
    const int code = answer.print(env);
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
                 "2  an application could not be compared, or an ApplicationSet was not applied in full",
        .declare = declare,
    });
}

}  // namespace gitops::cli
