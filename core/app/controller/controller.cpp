#include "core/app/controller/controller.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/app/appset/appset_rollout.hpp"
#include "core/app/fleet.hpp"
#include "core/app/project/project.hpp"
#include "core/app/project/project_orphans.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Duration;
using base::Time;
using deliver::Action;

/// Argo CD's waits between two self-heals: 2 s * 3^n, at most 5 min, forgotten after the longest wait.
constexpr double k_heal_base_ms = 2000;
constexpr double k_heal_cap_ms = 300'000;

/// How soon the loop sees an application that was registered while it slept.
constexpr Duration k_look_for_new{5000};

Duration heal_wait(int attempts) {
    return Duration(static_cast<std::int64_t>(std::min(k_heal_cap_ms, k_heal_base_ms * std::pow(3, attempts))));
}

bool would_wipe_out(const Comparison& comparison) {
    bool any_live = false;
    for (const auto& resource : comparison.resources) {
        if (!resource.requires_pruning) return false;
        any_live |= resource.live;
    }
    return any_live;
}

bool only_pruning_left(const Comparison& comparison) {
    return std::ranges::all_of(comparison.resources, [](const ResourceStatus& resource) {
        return resource.sync != SyncStatus::out_of_sync || resource.requires_pruning;
    });
}

Verdict decide_same_revision(const Automated& automated, const AppState& state, Time now, AfterFailure after_failure) {
    if (state.phase == "Failed" || state.phase == "Error") {
        if (after_failure == AfterFailure::retry) return {Decision::sync, "the last sync failed; trying again"};
        return {Decision::hold, "the last sync of this revision failed: " + state.message};
    }
    if (!automated.self_heal) return {Decision::hold, "the cluster drifted and self-heal is off"};
    if (state.healed_at && state.heal_attempts > 0) {
        auto ready = *state.healed_at + heal_wait(state.heal_attempts - 1);
        if (now < ready) return {Decision::hold, "healed a moment ago; next try at " + base::to_rfc3339(ready)};
    }
    return {Decision::heal, "the cluster drifted from Git"};
}

void note_heal(const Services& services, const std::string& instance) {
    auto now = services.clock.now();
    services.state.update_state(instance, [&](AppState& state) {
        bool forgotten = state.healed_at && now - *state.healed_at > Duration(static_cast<std::int64_t>(k_heal_cap_ms));
        state.heal_attempts = forgotten ? 1 : state.heal_attempts + 1;
        state.healed_at = now;
    });
}

SyncRequest request_for(const Application& application, const Verdict& verdict, const std::string& revision) {
    SyncRequest request;
    request.trigger = verdict.decision == Decision::heal ? Trigger::self_heal : Trigger::automated;
    request.reason = verdict.reason;
    request.wait_for_health = Wait::no;
    request.wait_for_lock = Wait::no;
    request.compare.fetch = Fetch::cached;
    request.compare.revision = revision;
    const auto& automated = *application.sync_policy.automated;
    request.compare.prune = automated.prune ? deliver::PrunePolicy::prune : deliver::PrunePolicy::keep;
    // As in Argo CD, healing looks after what is out of sync alone, so that ignored fields stay as they are.
    if (verdict.decision == Decision::heal) request.compare.sync_options.emplace_back("ApplyOutOfSyncOnly=true");
    request.retry = Retry{};  // the loop tries again, so that nobody waits for this application
    return request;
}

/// Auto-sync without a retry block tries five times more, as Argo CD does.
Retry retry_of(const Application& application) {
    if (application.sync_policy.retry) return *application.sync_policy.retry;
    Retry retry;
    retry.limit = 5;
    return retry;
}

/// What somebody did between the look and the lock, a rollback above all, is not undone.
bool changed_meanwhile(const AppState& before, const AppState& now) {
    return before.finished_at != now.finished_at || before.pinned_revision != now.pinned_revision ||
           before.suspended != now.suspended;
}

/// The first look after a sync, which shows what became of it.
constexpr Duration k_look_again{5000};

/// When each application is due, and how often it failed in a row.
struct Schedule {
    Time due{};
    int failures = 0;   ///< passes in a row that failed
    int attempts = 0;   ///< failed syncs in a row, for the retry policy
    int unsettled = 0;  ///< passes in a row after which it was on its way
    std::optional<Time> operation_ended{};  ///< of the last operation that was looked at
};

/// Spreads applications over a tenth of the interval, always in the same way.
Duration jitter(const std::string& name, Duration interval) {
    std::uint64_t hash = 1469598103934665603ULL;
    for (unsigned char byte : name) hash = (hash ^ byte) * 1099511628211ULL;
    auto span = std::max<std::int64_t>(1, interval.count() / 10);
    return Duration(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(span)));
}

Duration next_wait(const LoopOptions& options, const std::string& name, int failures) {
    double wait = static_cast<double>(options.interval.count()) * std::pow(2, std::min(failures, 20));
    auto capped = std::min(wait, static_cast<double>(std::max(options.max_backoff, options.interval).count()));
    return Duration(static_cast<std::int64_t>(capped)) + jitter(name, options.interval);
}

void tell(const Services& services, const ReconcileReport& report) {
    bool failed = !report.error.empty() || (report.operation && !report.operation->succeeded);
    std::string text = !report.error.empty() ? report.error
                       : report.operation    ? report.verdict.reason + ": " + report.operation->message
                                             : report.verdict.reason;
    services.events.emit({failed ? base::Level::warning : base::Level::info, "reconcile", report.app, text, {}});
}

/// A listener that fails, as when the state database is busy, must not end the loop.
void tell_listener(const Services& services, const LoopOptions& options, const ReconcileReport& report) {
    try {
        options.on_report(report);
    } catch (const base::Error& error) {
        services.events.emit({base::Level::warning, "reconcile", report.app, error.message(), {}});
    }
}

/// That of applications without one when the state database is busy: a failed sync must not be given up for that.
std::optional<Retry> retry_policy(const Services& services, const std::string& name) {
    try {
        if (!services.state.has_application(name)) return std::nullopt;
        return retry_of(services.state.application(name));
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
        services.events.emit({base::Level::warning, "reconcile", name, error.message(), {}});
        return retry_of({});
    }
}

bool is_on_its_way(const ReconcileReport& report) {
    return report.operation || (report.status && report.status->health.status == deliver::HealthStatus::progressing);
}

/// What a pass over one application means for its next one.
void settle(const Services& services, const LoopOptions& options, const ReconcileReport& report, Schedule& schedule) {
    bool sync_failed = report.operation && !report.operation->succeeded;
    bool failed = !report.error.empty() || sync_failed;
    if (report.status) schedule.operation_ended = report.status->state.finished_at;
    schedule.failures = failed ? schedule.failures + 1 : 0;
    schedule.due = services.clock.now() + next_wait(options, report.app, schedule.failures);
    schedule.unsettled = !failed && is_on_its_way(report) ? schedule.unsettled + 1 : 0;
    if (schedule.unsettled > 0)
        schedule.due = std::min(schedule.due, services.clock.now() + k_look_again * (1 << std::min(schedule.unsettled - 1, 10)));
    auto retry = sync_failed ? retry_policy(services, report.app) : std::nullopt;
    bool retries = retry && (retry->limit < 0 || schedule.attempts < retry->limit);
    schedule.attempts = retries ? schedule.attempts + 1 : 0;
    if (retries) schedule.due = services.clock.now() + retry->wait_before(schedule.attempts);
}

/// When ApplicationSets are generated again, and when their rolling syncs go on.
struct SetSchedule {
    Time refresh{}, roll{};
};

constexpr Duration k_roll_again{15'000};

/// False when it was stopped.
bool look_after_sets(const Services& services, const LoopOptions& options, SetSchedule& schedule, const std::stop_token& stop) {
    try {
        const Time now = services.clock.now();
        if (now >= schedule.refresh) {
            schedule.refresh = now + options.interval;
            for (const SetFailure& failure : refresh_sets(services, stop))
                if (failure.is_news) services.events.emit({base::Level::warning, "appset", failure.set, failure.message, {}});
        }
        if (now >= schedule.roll) {
            schedule.roll = now + k_roll_again;
            roll_sets(services, [](const SyncReport&) {}, stop);  // syncs tell of themselves
        }
        return true;
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) return false;
        services.events.emit({base::Level::warning, "appset", "", error.message(), {}});
        return true;
    }
}

/// What somebody else did since the last time is looked at now, and not an interval later.
void hasten(const Services& services, std::map<std::string, Schedule>& schedules, Time& since) {
    const Time now = services.clock.now();
    try {
        for (const auto& [name, ended] : services.state.operations_ended_since(since)) {
            const auto found = schedules.find(name);
            if (found == schedules.end() || found->second.operation_ended == ended) continue;
            found->second.due = std::min(found->second.due, now);
        }
        since = now;
    } catch (const base::Error& error) {
        services.events.emit({base::Level::warning, "reconcile", "", error.message(), {}});
    }
}

/// nullopt when the state database is busy: the next turn sees them.
std::optional<std::vector<std::string>> names_if_readable(const Services& services) {
    try {
        return services.state.application_names();
    } catch (const base::Error& error) {
        services.events.emit({base::Level::warning, "reconcile", "", error.message(), {}});
        return std::nullopt;
    }
}

}  // namespace

Verdict decide(const Application& application, const AppState& state, const Comparison& comparison, Time now,
               AfterFailure after_failure) {
    const auto& automated = application.sync_policy.automated;
    if (comparison.sync == SyncStatus::synced) return {Decision::nothing, "in sync"};
    if (!automated || !automated->enabled) return {Decision::hold, "out of sync; auto-sync is off"};
    if (!state.pinned_revision.empty()) return {Decision::hold, "held: pinned by a rollback"};
    if (is_suspended(state, now)) return {Decision::hold, "held: suspended"};
    if (!automated->prune && only_pruning_left(comparison))
        return {Decision::hold, "only pruning is left, and automated pruning is off"};
    if (automated->prune && !automated->allow_empty && would_wipe_out(comparison))
        return {Decision::hold, "refused: it would delete every resource of the application (allowEmpty is off)"};
    if (state.attempted_revision == comparison.revision.sha && state.phase != "Running")
        return decide_same_revision(*automated, state, now, after_failure);
    return {Decision::sync, "new revision " + short_revision(comparison.revision.sha)};
}

namespace {

/// The comparison, and the report's status with it.
Comparison compared(ReconcileReport& report, const Services& services, const Application& application,
                    const CompareRequest& request) {
    try {
        auto comparison = compare(services, application, request);
        report.status = status_from(services, application, comparison);
        report.shown = shown_by(comparison);
        return comparison;
    } catch (const base::Error& error) {
        report.status = unknown_status(services, application, &error);
        throw;
    }
}

/// The annotation asked for one look, which was this.
void end_refresh(const Services& services, const Application& application) {
    if (application.refresh == Refresh::no) return;
    auto served = services.state.application(application.name);
    served.document.at("metadata").at("annotations").erase(k_refresh_annotation);
    services.state.put_application(served, services.clock.now());
}

/// What became of it: what is told of an operation is the status after it. A cluster that does not answer any more leaves
/// what was seen before; the next pass tells.
void look_after(ReconcileReport& report, const Services& services, Application application, CompareRequest request) {
    application.refresh = Refresh::no;  // that was done before
    request.fetch = Fetch::cached;
    request.live = Live::fresh;
    try {
        const auto comparison = compare(services, application, request);
        report.status = status_from(services, application, comparison);
        report.shown = shown_by(comparison);
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
    }
}

void reconcile_into(ReconcileReport& report, const Services& services, AfterFailure after_failure, AfterSync after_sync,
                    std::stop_token stop) {
    const auto application = application_of(services, report.app);
    if (application.skip_reconcile) {
        report.verdict = {Decision::hold, "left alone: argocd.argoproj.io/skip-reconcile"};
        return;
    }
    CompareRequest request;
    if (application.sync_policy.automated && application.sync_policy.automated->prune)
        request.prune = deliver::PrunePolicy::prune;
    auto comparison = compared(report, services, application, request);
    const auto state = services.state.state(application.instance);  // after compare: it may come from the cluster's record
    end_refresh(services, application);
    report.sync = comparison.sync;
    report.verdict = decide(application, state, comparison, services.clock.now(), after_failure);
    if (report.verdict.decision == Decision::hold)
        if (const auto set = rolling_set_of(services.state, application); !set.empty())
            report.verdict.reason = "out of sync; it is synced in its turn, by the rolling sync of ApplicationSet " + set;
    if (report.verdict.decision != Decision::sync && report.verdict.decision != Decision::heal) return;
    if (const auto closed = window_refusal(services, application, sources::Starter::automation, services.clock.now())) {
        report.verdict = {Decision::hold, "held: " + closed->message()};
        return;
    }
    auto wanted = request_for(application, report.verdict, comparison.revision.sha);
    {
        const OperationLock lock(services, application.instance, "auto-sync", Wait::no, services.clock.now(), stop);
        if (changed_meanwhile(state, services.state.state(application.instance))) {
            report.verdict = {Decision::hold, "somebody else operated on it at this moment"};
            return;
        }
        report.operation = sync_holding_lock(services, application, wanted, stop, std::move(comparison));
        if (report.verdict.decision == Decision::heal) note_heal(services, application.instance);
    }
    report.status->state = services.state.state(application.instance);
    if (after_sync == AfterSync::look_again) look_after(report, services, application, request);
}

}  // namespace

ReconcileReport reconcile(const Services& services, const std::string& app, AfterFailure after_failure,
                          std::stop_token stop, AfterSync after_sync) {
    ReconcileReport report;
    report.app = app;
    const auto begun = services.clock.now();
    try {
        reconcile_into(report, services, after_failure, after_sync, stop);
        if (report.status) report.orphans = add_orphan_warning(services, *report.status);
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
        report.error = error.message();
    } catch (const std::exception& error) {
        report.error = error.what();  // one application must not take others with it
    }
    report.took = services.clock.now() - begun;
    return report;
}

namespace {

using Schedules = std::map<std::string, Schedule>;

/// Looks at every application that is due, and says when the next one is.
Time take_turn(const Services& services, const LoopOptions& options, Schedules& schedules, Time& looked, std::stop_token stop) {
    const auto names = names_if_readable(services);
    if (!names) return services.clock.now() + k_look_for_new;  // what was planned stays
    std::erase_if(schedules, [&](const auto& entry) { return !std::ranges::binary_search(*names, entry.first); });
    hasten(services, schedules, looked);
    std::vector<std::string> due;
    for (const auto& name : *names)
        if (services.clock.now() >= schedules[name].due) due.push_back(name);
    const auto again = [&](const std::string& name) {
        return schedules.at(name).attempts > 0 ? AfterFailure::retry : AfterFailure::hold;
    };
    const auto after_sync = options.on_report ? AfterSync::look_again : AfterSync::leave;
    const auto done = [&](const ReconcileReport& report) {
        tell(services, report);
        if (options.on_report) tell_listener(services, options, report);
        settle(services, options, report, schedules.at(report.app));
    };
    reconcile_each(services, errands_of(due, {}), {again, after_sync, options.on_fetch}, done, stop);
    Time next = services.clock.now() + std::min(options.interval, k_look_for_new);
    for (const auto& [name, schedule] : schedules) next = std::min(next, schedule.due);
    return next;
}

}  // namespace

void run_controller(const Services& services, const LoopOptions& options, std::stop_token stop) {
    Schedules schedules;
    SetSchedule sets;
    Time looked = services.clock.now();
    while (!stop.stop_requested()) {
        if (!look_after_sets(services, options, sets, stop)) return;
        Time next = services.clock.now() + k_look_for_new;
        try {
            next = take_turn(services, options, schedules, looked, stop);
        } catch (const base::Error& error) {
            if (error.code() == base::Code::cancelled) return;
            services.events.emit({base::Level::warning, "reconcile", "", error.message(), {}});
        }
        if (!services.clock.sleep_until(next, stop)) return;
    }
}

}  // namespace gitops::app
