#include "core/app/sync_rows.hpp"

#include <algorithm>
#include <set>

namespace gitops::app {

namespace {

using kube::ResourceKey;

bool repeats_last(const std::vector<HistoryRow>& rows, const SyncReport& report, const SyncRequest& request) {
    return !rows.empty() && request.strategy.empty() && rows.back().revision == report.revision.sha &&
           report.created + report.updated + report.pruned == 0;
}

std::set<ResourceKey> inventory_of(const Services& services, const Application& application, const Comparison& comparison) {
    const auto keys = services.state.inventory(application.instance, comparison.cluster_name);
    return {keys.begin(), keys.end()};
}

}  // namespace

std::string_view trigger_name(Trigger trigger) {
    switch (trigger) {
        case Trigger::user: return "sync";
        case Trigger::automated: return "auto-sync";
        case Trigger::self_heal: return "self-heal";
        case Trigger::rollback: return "rollback";
    }
    return "sync";
}

bool is_full(const SyncRequest& request) {
    return request.compare.only.empty() && request.compare.local_dir.empty() && !request.dry_run;
}

OperationRow::OperationRow(const Services& services, const Application& application, const SyncRequest& request)
    : m_services(services), m_instance(application.instance), m_is_rollback(request.trigger == Trigger::rollback) {
    // Whatever is wrong with the destination comes before anything is written down.
    const auto cluster = cluster_of(services, application.destination.cluster).name;
    std::string synced;
    services.state.update_state(m_instance, [&](AppState& state) {
        m_previous_start = state.started_at;
        const bool died = state.phase == "Running" && state.started_at && !state.revision.empty();
        if (died) m_unfinished = UnfinishedSync{state.revision, *state.started_at};
        state.phase = "Running";
        state.message.clear();
        if (!died) state.revision.clear();
        if (!died) state.started_at = services.clock.now();
        state.finished_at.reset();
        synced = state.synced_revision;
    });
    if (m_is_rollback) return;  // the rollback itself is in the audit log
    AuditRow row;
    row.at = services.clock.now();
    row.actor = services.actor;
    row.action = trigger_name(request.trigger);
    row.subject = application.name;
    row.cluster = cluster;
    row.reason = request.reason;
    row.from_revision = synced;
    row.process = io::current_process();
    m_audit = services.state.begin_audit(row);
}

void OperationRow::begin(const std::string& revision, base::Time started) {
    m_services.state.update_state(m_instance, [&](AppState& state) {
        state.revision = revision;
        state.started_at = started;
    });
}

void OperationRow::close(const SyncReport& report, const SyncRequest& request) {
    const bool cancelled = report.error && report.error->code() == base::Code::cancelled;
    const bool applied = report.phase == "Succeeded";
    m_services.state.update_state(m_instance, [&](AppState& state) {
        state.phase = report.phase;
        state.message = report.message;
        state.revision = report.revision.sha;
        state.finished_at = m_services.clock.now();
        // A sync that was stopped is no verdict on its revision: it may be tried again.
        if (is_full(request)) state.attempted_revision = cancelled && !applied ? "" : report.revision.sha;
    });
    if (m_is_rollback) return;
    m_services.state.end_audit(m_audit, report.succeeded ? "succeeded" : cancelled ? "interrupted" : "failed",
                               report.revision.sha, report.message);
}

void put_intent(const Services& services, const Application& application, const Comparison& comparison) {
    auto all = inventory_of(services, application, comparison);
    const std::size_t before = all.size();
    for (const auto& step : comparison.plan.steps)
        if (deliver::is_tracked(step)) all.insert(step.key);
    if (all.size() != before)
        services.state.put_inventory(application.instance, comparison.cluster_name, {all.begin(), all.end()});
}

void put_result(const Services& services, const Application& application, const Comparison& comparison,
                const SyncReport& report, const SyncRequest& request) {
    auto left = inventory_of(services, application, comparison);
    const std::size_t before = left.size();
    for (const auto& outcome : report.outcomes)
        if (outcome.result == deliver::StepResult::pruned) left.erase(outcome.key);
    if (is_full(request)) {
        // What neither Git nor the cluster has any more is gone by another hand.
        std::set<ResourceKey> known;
        for (const auto& step : comparison.plan.steps)
            if (!step.hook) known.insert(step.key);
        std::erase_if(left, [&](const ResourceKey& key) { return !known.contains(key); });
    }
    if (left.size() != before)
        services.state.put_inventory(application.instance, comparison.cluster_name, {left.begin(), left.end()});
}

void put_deployment(const Services& services, const Application& application, const SyncRequest& request,
                    const SyncReport& report, base::Time started) {
    services.state.update_state(application.instance,
                                [&](AppState& state) { state.synced_revision = report.revision.sha; });
    if (repeats_last(services.state.history(application.instance), report, request)) return;
    HistoryRow row;
    row.app = application.instance;
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

}  // namespace gitops::app
