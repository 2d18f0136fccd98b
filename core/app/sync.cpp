#include "core/app/sync.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using deliver::Action;
using kube::ResourceKey;

std::string_view trigger_name(Trigger trigger) {
    switch (trigger) {
        case Trigger::user: return "sync";
        case Trigger::automated: return "auto-sync";
        case Trigger::self_heal: return "self-heal";
        case Trigger::rollback: return "rollback";
    }
    return "sync";
}

/// What the sync is recorded as: opened before anything changes, closed whatever happens.
class Record {
  public:
    Record(const Services& services, const Application& application, const SyncRequest& request)
        : m_services(services), m_app(application.name), m_rollback(request.trigger == Trigger::rollback) {
        // Whatever is wrong with the destination comes before anything is written down.
        auto cluster = services.state.cluster(application.destination.cluster).name;
        std::string synced;
        services.state.update_state(m_app, [&](AppState& state) {
            state.phase = "Running";
            state.message.clear();
            state.revision.clear();
            state.started_at = services.clock.now();
            state.finished_at.reset();
            synced = state.synced_revision;
        });
        if (m_rollback) return;  // the rollback itself is in the audit log
        AuditRow row;
        row.at = services.clock.now();
        row.actor = services.actor;
        row.action = trigger_name(request.trigger);
        row.subject = m_app;
        row.cluster = cluster;
        row.reason = request.reason;
        row.from_revision = synced;
        row.process = io::current_process();
        m_audit = services.state.begin_audit(row);
    }

    void close(const SyncReport& report, bool full) {
        bool cancelled = report.error && report.error->code() == Code::cancelled;
        bool succeeded = report.phase == "Succeeded";
        m_services.state.update_state(m_app, [&](AppState& state) {
            state.phase = report.phase;
            state.message = report.message;
            state.revision = report.revision.sha;
            state.finished_at = m_services.clock.now();
            if (full && succeeded) state.synced_revision = report.revision.sha;
            // A sync that was stopped is no verdict on its revision: it may be tried again.
            if (full) state.attempted_revision = cancelled && !succeeded ? "" : report.revision.sha;
        });
        if (m_rollback) return;
        m_services.state.end_audit(m_audit, report.succeeded ? "succeeded" : cancelled ? "interrupted" : "failed",
                                   report.revision.sha, report.message);
    }

  private:
    const Services& m_services;
    std::string m_app;
    bool m_rollback;
    std::int64_t m_audit = 0;
};

/// Recorded before anything is applied, so that nothing of ours is forgotten when the process dies: an entry too many
/// is harmless, because pruning also asks for the tracking id.
void record_intent(const Services& services, const Application& application, const Comparison& comparison) {
    auto keys = services.state.inventory(application.name, comparison.cluster_name);
    std::set<ResourceKey> all(keys.begin(), keys.end());
    std::size_t before = all.size();
    for (const auto& step : comparison.plan.steps)
        if (deliver::is_tracked(step)) all.insert(step.key);
    if (all.size() != before)
        services.state.put_inventory(application.name, comparison.cluster_name, {all.begin(), all.end()});
}

void record_result(const Services& services, const Application& application, const Comparison& comparison,
                   const std::vector<deliver::StepOutcome>& outcomes, bool full) {
    auto keys = services.state.inventory(application.name, comparison.cluster_name);
    std::set<ResourceKey> left(keys.begin(), keys.end());
    for (const auto& outcome : outcomes)
        if (outcome.result == deliver::StepResult::pruned) left.erase(outcome.key);
    if (full) {
        // What neither Git nor the cluster has any more is gone by another hand.
        std::set<ResourceKey> known;
        for (const auto& step : comparison.plan.steps) known.insert(step.key);
        std::erase_if(left, [&](const ResourceKey& key) { return !known.contains(key); });
    }
    if (left.size() != keys.size())
        services.state.put_inventory(application.name, comparison.cluster_name, {left.begin(), left.end()});
}

void count(SyncReport& report) {
    for (const auto& outcome : report.outcomes) {
        if (outcome.result == deliver::StepResult::sync_failed) continue;
        switch (outcome.action) {
            case Action::create: ++report.created; break;
            case Action::update: ++report.updated; break;
            case Action::prune: ++report.pruned; break;
            case Action::unchanged: ++report.unchanged; break;
            case Action::skip: break;
        }
    }
}

bool repeats_last(const std::vector<HistoryRow>& rows, const SyncReport& report, const SyncRequest& request) {
    return !rows.empty() && request.strategy.empty() && rows.back().revision == report.revision.sha &&
           report.created + report.updated + report.pruned == 0;
}

void record_history(const Services& services, const Application& application, const SyncRequest& request,
                    const SyncReport& report, base::Time started) {
    if (repeats_last(services.state.history(application.name), report, request)) return;
    HistoryRow row;
    row.app = application.name;
    row.revision = report.revision.sha;
    row.started_at = started;
    row.deployed_at = services.clock.now();
    row.author = report.revision.author;
    row.message = report.revision.subject;
    row.initiated_by = services.actor;
    row.strategy = request.strategy;
    row.revert_of = request.revert_of;
    row.created = report.created;
    row.updated = report.updated;
    row.pruned = report.pruned;
    row.unchanged = report.unchanged;
    services.state.add_history(row, application.history_limit);
}

bool is_full(const SyncRequest& request) {
    return request.compare.only.empty() && request.compare.local_dir.empty() && !request.dry_run;
}

/// A dry run makes no namespace, so the cluster cannot judge what goes into one that the plan itself creates: these
/// steps are taken out and for granted.
std::vector<deliver::StepOutcome> take_for_granted(deliver::Plan& plan) {
    std::set<std::string> made;
    for (const auto& step : plan.steps)
        if (step.action == Action::create && step.key.kind == "Namespace" && step.key.group.empty()) made.insert(step.key.name);
    std::vector<deliver::StepOutcome> outcomes;
    std::erase_if(plan.steps, [&](const deliver::Step& step) {
        if (step.action != Action::create || !made.contains(step.key.ns)) return false;
        outcomes.push_back({step.key, step.action, step.phase, step.wave, deliver::StepResult::synced, "created (dry run)"});
        return true;
    });
    return outcomes;
}

void apply_plan(const Services& services, const Application& application, const SyncRequest& request,
                const Comparison& comparison, SyncReport& report, std::stop_token stop) {
    deliver::ExecuteOptions options;
    options.manager = deliver::k_manager;
    options.dry_run = request.dry_run ? kube::DryRun::yes : kube::DryRun::no;
    options.jobs = services.jobs;
    if (!request.dry_run) record_intent(services, application, comparison);
    deliver::Plan plan = report.plan;
    std::vector<deliver::StepOutcome> granted;
    if (request.dry_run) granted = take_for_granted(plan);
    auto execution = deliver::execute(plan, *comparison.cluster, options, services.events, stop);
    report.outcomes = std::move(execution.outcomes);
    report.outcomes.insert(report.outcomes.end(), granted.begin(), granted.end());
    if (!request.dry_run) record_result(services, application, comparison, report.outcomes, is_full(request));
    count(report);
    report.succeeded = execution.succeeded;
    report.phase = execution.succeeded ? "Succeeded" : "Failed";
    report.message = execution.succeeded ? counts_text(report) : execution.message;
}

void force_steps(deliver::Plan& plan) {
    for (auto& step : plan.steps) step.options.force = true;
}

Comparison attempt(const Services& services, const Application& application, const SyncRequest& request,
                   SyncReport& report, std::stop_token stop) {
    Comparison comparison = compare(services, application, request.compare);
    report.revision = comparison.revision;
    report.plan = comparison.plan;
    report.requires_pruning = static_cast<int>(std::ranges::count_if(
        report.plan.steps, [](const deliver::Step& step) { return deliver::awaits_pruning(step); }));
    for (const auto& warning : comparison.rendered.warnings)
        services.events.emit({base::Level::warning, "warning", application.name, warning, {}});
    if (request.force) force_steps(report.plan);
    report.outcomes.clear();
    report.created = report.updated = report.pruned = report.unchanged = 0;
    apply_plan(services, application, request, comparison, report, stop);
    return comparison;
}

Comparison attempt_with_retries(const Services& services, const Application& application, SyncRequest request,
                                SyncReport& report, std::stop_token stop) {
    Retry retry = request.retry.value_or(application.sync_policy.retry.value_or(Retry{}));
    for (int tried = 0;; ++tried) {
        std::optional<Comparison> comparison;
        std::optional<Error> failure;
        try {
            comparison = attempt(services, application, request, report, stop);
            if (report.succeeded) return std::move(*comparison);
            if (stop.stop_requested()) throw Error(Code::cancelled, report.message);
        } catch (const Error& error) {
            // Only what may go away by itself is worth another try.
            if (error.code() != Code::unavailable && error.code() != Code::conflict) throw;
            failure = error;
        }
        bool last = request.dry_run || (retry.limit >= 0 && tried >= retry.limit);
        if (last && failure) throw Error(*failure);
        if (last) return std::move(*comparison);
        auto wait = retry.wait_before(tried + 1);
        services.events.emit({base::Level::warning, "retry", application.name,
                              (failure ? failure->message() : report.message) + "; trying again in " +
                                  base::format_duration(wait),
                              {}});
        if (!services.clock.sleep_for(wait, stop)) throw Error(Code::cancelled, "stopped between two attempts");
        if (!retry.refresh && !report.revision.sha.empty()) request.compare.revision = report.revision.sha;
    }
}

void wait_until_healthy(const Services& services, const Comparison& comparison, base::Time deadline,
                        SyncReport& report, std::stop_token stop) {
    std::vector<kube::ObjectRef> refs;
    for (const auto& step : report.plan.steps)
        if (!step.desired.is_null() && step.action != Action::skip) refs.push_back(kube::ref_of(step.desired));
    auto waited = deliver::wait_for_health(*comparison.cluster, refs, deadline, services.clock, services.events, stop);
    report.health = waited.health;
    if (waited.healthy) return;
    if (stop.stop_requested()) throw Error(Code::cancelled, "applied, but stopped while waiting for health");
    report.succeeded = false;
    std::string why = waited.health.message.empty() ? std::string(deliver::health_name(waited.health.status))
                                                    : waited.health.message;
    report.message = waited.timed_out ? "applied, but not healthy in time: " + why : "applied, but " + why;
}

}  // namespace

std::string counts_text(const SyncReport& report) {
    std::vector<std::string> parts;
    auto add = [&](int number, std::string_view word) {
        if (number > 0) parts.push_back(std::to_string(number) + " " + std::string(word));
    };
    add(report.created, "created");
    add(report.updated, "updated");
    add(report.pruned, "pruned");
    add(report.unchanged, "unchanged");
    return parts.empty() ? "nothing to do" : base::join(parts, ", ");
}

SyncReport sync_holding_lock(const Services& services, const Application& application, const SyncRequest& request,
                             std::stop_token stop) {
    SyncReport report;
    report.app = application.name;
    auto started = services.clock.now();
    auto deadline = started + request.timeout;
    std::optional<Record> record;
    std::optional<Error> cancelled;
    auto fail = [&](const Error& error) {
        bool applied = report.succeeded;  // then only the wait for health was cut short
        report.succeeded = false;
        if (!applied) report.phase = "Error";
        report.message = error.message();
        report.error = error;
        if (error.code() == Code::cancelled) cancelled = error;
    };
    try {
        if (!request.dry_run) record.emplace(services, application, request);
        auto comparison = attempt_with_retries(services, application, request, report, stop);
        if (report.succeeded && is_full(request)) record_history(services, application, request, report, started);
        if (report.succeeded && !request.dry_run && request.wait_for_health == Wait::yes)
            wait_until_healthy(services, comparison, deadline, report, stop);
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& error) {
        fail(Error(Code::internal, error.what()));  // one application must not take others with it
    }
    report.took = services.clock.now() - started;
    if (record) record->close(report, is_full(request));
    if (cancelled) throw Error(*cancelled);
    return report;
}

SyncReport sync(const Services& services, const std::string& app, const SyncRequest& request, std::stop_token stop) {
    services.state.application(app);
    if (request.dry_run) return sync_holding_lock(services, services.state.application(app), request, stop);
    auto deadline = services.clock.now() + request.timeout;
    try {
        OperationLock lock(services, app, std::string(trigger_name(request.trigger)), request.wait_for_lock, deadline,
                           stop);
        // Read now: while this waited for the lock, it may have been changed or deleted.
        return sync_holding_lock(services, services.state.application(app), request, stop);
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        SyncReport report;
        report.app = app;
        report.phase = "Error";
        report.message = error.message();
        report.error = error;
        return report;
    }
}

}  // namespace gitops::app
