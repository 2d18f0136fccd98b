#include "cli/output/sync_report.hpp"

#include <algorithm>
#include <map>

#include "cli/output/app_text.hpp"
#include "cli/output/columns.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/status_value.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/app/placed_message.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using deliver::Action;

struct Word {
    std::string_view done;
    std::string_view planned;
    Color color;
};

Word word_of(Action action) {
    switch (action) {
        case Action::create:
            return {"created", "would create", Color::green};
        case Action::update:
            return {"updated", "would update", Color::yellow};
        case Action::prune:
            return {"pruned", "would prune", Color::red};
        case Action::unchanged:
            return {"unchanged", "unchanged", Color::dim};
        case Action::skip:
            return {"skipped", "would skip", Color::dim};
    }
    return {"", "", Color::plain};
}

/// How an update reaches, or reached, its object.
deliver::WriteMethod method_of(const deliver::Step& step, const deliver::StepOutcome* outcome) {
    return outcome != nullptr && outcome->recreated ? deliver::WriteMethod::recreate : deliver::method_of(step);
}

Word word_of(const deliver::Step& step, const deliver::StepOutcome* outcome) {
    if (step.hook && step.action != Action::skip) return {"ran", "would run", Color::cyan};
    if (step.action != Action::update) return word_of(step.action);
    switch (method_of(step, outcome)) {
        case deliver::WriteMethod::apply: break;
        case deliver::WriteMethod::replace: return {"replaced", "would replace", Color::yellow};
        case deliver::WriteMethod::recreate: return {"recreated", "would recreate", Color::red};
    }
    return word_of(step.action);
}

doc::Value resource_value(const deliver::Step& step, const deliver::StepOutcome* outcome) {
    doc::Value value = doc::Value::map();
    value.set("key", step.key.text());
    value.set("action", deliver::action_name(outcome != nullptr ? outcome->action : step.action));
    const bool is_update = step.action == Action::update && !step.hook;
    value.set("method", is_update ? doc::Value(deliver::method_name(method_of(step, outcome))) : doc::Value());
    value.set("phase", deliver::phase_name(step.phase));
    value.set("wave", step.wave);
    value.set("hook", step.hook ? doc::Value(step.hook->text) : doc::Value());
    value.set("result", outcome != nullptr ? doc::Value(deliver::result_name(outcome->result)) : doc::Value());
    value.set("message",
              text_or_null(outcome != nullptr && !outcome->message.empty() ? outcome->message : step.reason));
    return value;
}

/// A hook of several phases has an outcome for each.
using Outcomes = std::map<std::pair<kube::ResourceKey, deliver::Phase>, const deliver::StepOutcome*>;

Outcomes outcomes_of(const app::SyncReport& report) {
    Outcomes outcomes;
    for (const deliver::StepOutcome& outcome : report.outcomes) outcomes[{outcome.key, outcome.phase}] = &outcome;
    return outcomes;
}

const deliver::StepOutcome* find(const Outcomes& outcomes, const deliver::Step& step) {
    const auto found = outcomes.find({step.key, step.phase});
    return found == outcomes.end() ? nullptr : found->second;
}

void add_row(Table& table, const deliver::Step& step, const deliver::StepOutcome* outcome, DryRun mode) {
    const bool failed = outcome != nullptr && outcome->result == deliver::StepResult::sync_failed;
    const bool dry_run = mode == DryRun::yes;
    const Word word = word_of(step, outcome);
    if (failed)
        table.add({Cell("failed", Color::red), step.key.text(), outcome->message});
    else if (outcome == nullptr && !dry_run)
        table.add({Cell("not reached", Color::dim), step.key.text(), ""});
    else
        table.add({Cell(dry_run ? word.planned : word.done, word.color), step.key.text(),
                   step.action == Action::create && !step.hook && !dry_run ? "" : step.reason});
}

/// False when the revision was asked for by its SHA.
bool is_name(const base::Revision& revision) {
    return !revision.ref.empty() && !revision.sha.starts_with(revision.ref);
}

/// Of those that require pruning: a sync with --prune has left them for want of somebody's agreement.
int unconfirmed_of(const app::SyncReport& report) {
    return static_cast<int>(std::ranges::count_if(
        report.plan.steps, [](const deliver::Step& step) { return step.unconfirmed && deliver::awaits_pruning(step); }));
}

std::string sum_of(Env& env, const app::SyncReport& report, DryRun mode, NameCluster name_cluster) {
    const bool dry_run = mode == DryRun::yes;
    const std::string name = env.terminal().paint(Color::bold, shown_app(report.app, report.cluster, name_cluster));
    std::string text = name;
    if (dry_run && report.succeeded) {
        const bool waits = report.plan.empty() && report.requires_pruning > 0;
        const bool by_agreement = waits && unconfirmed_of(report) == report.requires_pruning;
        text += by_agreement ? " needs --confirm-prune to be equal" : waits ? " needs --prune to be equal" : report.plan.empty() ? " is equal" : " would be synced";
    } else {
        text += report.succeeded ? " synced" : (report.phase == "Error" ? " not synced" : " failed to sync");
        if (report.phase == "Succeeded" && !report.succeeded)
            text = name + " synced";
    }
    const std::string sha = short_sha(report.revision.sha);
    if (!sha.empty()) text += " to " + (is_name(report.revision) ? report.revision.ref + " (" + sha + ")" : sha);
    if (!report.message.empty() && !(dry_run && report.succeeded)) text += ": " + one_line(report.message);
    if (report.health && report.succeeded) text += ", " + std::string(deliver::health_name(report.health->status));
    return text + (dry_run ? "" : " in " + base::format_duration(report.took));
}

/// What left Git and stays: for want of --prune, or of somebody's agreement.
void tell_leftovers(Env& env, const app::SyncReport& report) {
    const int unconfirmed = unconfirmed_of(report);
    const auto tell = [&](int count, std::string_view which, const std::string& way) {
        if (count == 0) return;
        warn(env, base::count_of(static_cast<std::size_t>(count), "object") + std::string(which) + (count == 1 ? " stays" : " stay") +
                      " in the cluster; " + way + (count == 1 ? " it" : " them"));
    };
    tell(report.requires_pruning - unconfirmed, " no longer in Git", "--prune deletes");
    tell(unconfirmed, " marked Prune=confirm",
         "--confirm-prune, or `gitopsctl app confirm-deletion " + report.app + "` and another sync with --prune, deletes");
}

}  // namespace

doc::Value sync_value(const app::SyncReport& report) {
    const Outcomes outcomes = outcomes_of(report);
    doc::Value resources = doc::Value::list();
    for (const deliver::Step& step : report.plan.steps)
        resources.push_back(resource_value(step, find(outcomes, step)));
    doc::Value value = doc::Value::map();
    value.set("name", report.app);
    value.set("cluster", text_or_null(report.cluster));
    value.set("phase", report.phase);
    value.set("revision", text_or_null(report.revision.sha));
    const bool is_error = report.error && report.message == report.error->message();
    value.set("message", text_or_null(is_error ? app::placed_message(*report.error) : report.message));
    value.set("health", health_value(report.health));
    value.set("requiresPruning", report.requires_pruning);
    value.set("resources", std::move(resources));
    value.set("durationMs", static_cast<std::int64_t>(report.took.count()));
    return value;
}

void print_sync(Env& env, const app::SyncReport& report, DryRun dry_run, NameCluster name_cluster) {
    if (report.error) print_error(*report.error);
    const Outcomes outcomes = outcomes_of(report);
    Table table;
    for (const deliver::Step& step : report.plan.steps) {
        const deliver::StepOutcome* outcome = find(outcomes, step);
        const bool failed = outcome != nullptr && outcome->result == deliver::StepResult::sync_failed;
        if (step.hook && step.phase >= deliver::Phase::sync_fail && outcome == nullptr && !env.globals().verbose) continue;
        if (step.action != Action::unchanged || failed || env.globals().verbose)
            add_row(table, step, outcome, dry_run);
    }
    table.print(env.terminal());
    print_text(env, sum_of(env, report, dry_run, name_cluster) + "\n");
    tell_leftovers(env, report);
}

int sync_exit(const app::SyncReport& report, DryRun dry_run) {
    if (report.phase == "Error") return 2;
    if (!report.succeeded) return 1;
    return report.requires_pruning > 0 && dry_run == DryRun::no ? 1 : 0;
}

}  // namespace gitops::cli
