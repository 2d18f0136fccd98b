#include "core/app/sync.hpp"

#include <algorithm>
#include <set>

#include "core/app/approval.hpp"
#include "core/app/project/project.hpp"
#include "core/app/state/record_keeper.hpp"
#include "core/app/sync_rows.hpp"
#include "core/app/termination.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/dry_run.hpp"
#include "core/deliver/hooks.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using deliver::Action;

void count(SyncReport& report) {
    std::set<std::pair<kube::ResourceKey, deliver::Phase>> is_hook;
    for (const auto& step : report.plan.steps)
        if (step.hook) is_hook.emplace(step.key, step.phase);
    for (const auto& outcome : report.outcomes) {
        if (outcome.result == deliver::StepResult::sync_failed) continue;
        if (is_hook.contains({outcome.key, outcome.phase})) {
            report.hooks += outcome.result == deliver::StepResult::synced ? 1 : 0;
            continue;
        }
        switch (outcome.action) {
            case Action::create: ++report.created; break;
            case Action::update: ++report.updated; break;
            case Action::prune: ++report.pruned; break;
            case Action::unchanged: ++report.unchanged; break;
            case Action::skip: break;
        }
    }
}

/// Why no hooks run; empty when they do.
std::string_view hooks_left_out(const SyncRequest& request) {
    switch (request.hooks) {
        case Hooks::always: return "";
        case Hooks::never: return "this sync runs no hooks";
        case Hooks::full: break;
    }
    if (!request.compare.only.empty()) return "a sync of chosen resources runs no hooks";
    if (request.trigger == Trigger::self_heal) return "a self-heal runs no hooks";
    if (request.strategy == "pin") return "a rollback without a commit runs no hooks";
    return "";
}

/// One sync from the first look to the closed history, its retries included.
class SyncRun {
  public:
    SyncRun(const Services& services, const Application& application, const SyncRequest& request, std::stop_token stop,
            std::optional<Comparison> looked)
        : m_services(services),
          m_application(application),
          m_request(request),
          m_stop(std::move(stop)),
          m_started(services.clock.now()),
          m_deadline(m_started + request.timeout),
          m_comparison(std::move(looked)) {
        m_report.app = application.name;
        // Who leaves conflicts alone does not take over what kubectl applied either.
        if (request.on_conflict == kube::OnConflict::fail)
            m_request.compare.sync_options.emplace_back("ClientSideApplyMigration=false");
        m_report.cluster = application.destination.cluster;
    }

    /// What goes wrong is in the report; the cancellation, when there was one, is left in cancelled().
    SyncReport run() {
        try {
            if (!within_hours()) return std::move(m_report);
            if (!m_request.dry_run) m_row.emplace(m_services, m_application, m_request);
            if (m_row) forget_termination(m_services.state, m_application.instance);
            agree();
            attempt_with_retries();
            if (m_report.succeeded && !m_request.dry_run && m_request.wait_for_health == Wait::yes) wait_until_healthy();
        } catch (const Error& error) {
            fail(error);
        } catch (const std::exception& error) {
            fail(Error(Code::internal, error.what()));  // one application must not take others with it
        }
        m_report.took = m_services.clock.now() - m_started;
        if (m_row) {
            m_row->close(m_report, m_request);
            forget_termination(m_services.state, m_application.instance);
        }
        return std::move(m_report);
    }

    const std::optional<Error>& cancelled() const { return m_cancelled; }

  private:
    /// An agreement to deletions counts since the operation before this one asked for it.
    void agree() {
        const auto asked_at = m_row ? m_row->previous_start() : m_services.state.state(m_application.instance).started_at;
        if (confirmation_of(m_application, asked_at) == deliver::Confirmation::given) m_request.compare.confirmation = deliver::Confirmation::given;
    }

    void fail(const Error& error) {
        const bool applied = m_report.succeeded;  // then only the wait for health was cut short
        m_report.succeeded = false;
        if (!applied && !m_terminated) m_report.phase = "Error";
        m_report.message = error.message();
        m_report.error = error;
        if (error.code() == Code::cancelled) m_cancelled = error;
    }

    void attempt_with_retries() {
        const Retry retry = m_request.retry.value_or(m_application.sync_policy.retry.value_or(Retry{}));
        for (int tried = 0;; ++tried) {
            std::optional<Error> failure;
            try {
                attempt();
                if (m_report.succeeded) return;
                if (m_stop.stop_requested()) throw Error(Code::cancelled, m_report.message);
                if (m_terminated) return;
            } catch (const Error& error) {
                // Only what may go away by itself is worth another try.
                if (error.code() != Code::unavailable && error.code() != Code::conflict) throw;
                failure = error;
            }
            m_last_attempt = m_begun;
            const bool last = m_request.dry_run || (retry.limit >= 0 && tried >= retry.limit);
            if (last && failure) throw Error(*failure);
            if (last) return;
            const auto wait = retry.wait_before(tried + 1);
            if (m_services.clock.now() + wait >= m_deadline) {
                tell("retry", "no time is left for another try: it would begin in " + base::format_duration(wait));
                if (failure) throw Error(*failure);
                return;
            }
            tell("retry", (failure ? failure->message() : m_report.message) + "; trying again in " + base::format_duration(wait));
            if (!m_services.clock.sleep_for(wait, m_stop)) throw Error(Code::cancelled, "stopped between two attempts");
            if (!within_hours()) return;
            if (!retry.refresh && !m_report.revision.sha.empty()) m_request.compare.revision = m_report.revision.sha;
        }
    }

    void attempt() {
        look();
        if (!is_valid()) return;
        if (!m_request.dry_run) {
            while (!claim()) look();
        }
        for (const auto* warnings : {&m_comparison->rendered.warnings, &m_comparison->shared, &m_comparison->excluded})
            for (const auto& warning : *warnings) tell("warning", warning);
        follow_plan();
    }

    /// False, with a report of each reason, when the plan has steps that the application may not take.
    bool is_valid() {
        std::function<std::vector<kube::KindInfo>()> served;  // an embedded cluster takes every kind
        if (cluster_of(m_services, m_report.cluster).kind != "embedded") served = [&] { return m_comparison->cluster->kinds(); };
        m_report.outcomes = deliver::invalid_steps(m_report.plan, served);
        if (m_report.outcomes.empty()) return true;
        m_report.phase = "Failed";
        m_report.message = "one or more synchronization tasks are not valid (" + base::count_of(m_report.outcomes.size(), "object") + ": " +
                           m_report.outcomes.front().key.text() + ": " + m_report.outcomes.front().message + ")";
        return false;
    }

    /// False, with a report that says why, outside the hours of the project. A dry run changes nothing and may always be.
    bool within_hours() {
        if (m_request.dry_run) return true;
        const bool automatic = m_request.trigger == Trigger::automated || m_request.trigger == Trigger::self_heal;
        const auto starter = automatic ? sources::Starter::automation : sources::Starter::person;
        const auto refused = window_refusal(m_services, m_application, starter, m_started);
        if (!refused) return true;
        m_report.phase = "Failed";
        m_report.message = refused->message();
        m_report.error = *refused;
        return false;
    }

    void look() {
        if (!m_comparison || m_request.compare.live == Live::fresh)
            m_comparison.emplace(compare(m_services, m_application, m_request.compare));
        m_request.compare.live = Live::fresh;  // what comes next has to see what this one does
        m_report.cluster = m_comparison->cluster_name;
        m_report.revision = m_comparison->revision;
        m_report.plan = m_comparison->plan;
        m_report.requires_pruning = static_cast<int>(std::ranges::count_if(
            m_report.plan.steps, [](const deliver::Step& step) { return deliver::awaits_pruning(step); }));
        if (m_request.force)
            for (auto& step : m_report.plan.steps) step.options.force = true;
        if (const auto why = hooks_left_out(m_request); !why.empty()) deliver::leave_out_hooks(m_report.plan, why);
        if (m_request.dry_run) deliver::begin_hooks(m_report.plan, {m_application.name, m_report.revision.sha, m_started});
        m_report.outcomes.clear();
        m_report.hooks = 0;
        m_report.created = m_report.updated = m_report.pruned = m_report.unchanged = 0;
    }

    /// The right to follow the plan, before all other machines. False when the cluster has to be looked at again.
    bool claim() {
        begin_hooks();
        if (m_report.plan.empty() && !m_report.plan.runs_hooks()) return true;
        put_intent(m_services, m_application, *m_comparison);
        auto& record = *m_comparison->record;
        switch (record.begin(m_report.plan, trigger_name(m_request.trigger), m_report.revision.sha, m_begun)) {
            case RecordKeeper::Begun::yes: return true;
            case RecordKeeper::Begun::changed: return false;
            case RecordKeeper::Begun::taken: break;
        }
        const bool waits = m_request.wait_for_lock == Wait::yes;
        record.wait_for_holder(waits ? m_deadline : m_services.clock.now(), m_stop);
        if (record.abandoned()) m_abandoned = record.abandoned();
        return false;
    }

    /// Hooks belong to the attempt that runs them. One that died in the middle, here or on another machine, goes on under
    /// its own name when it was for the same revision: then what it completed is not run again.
    void begin_hooks() {
        const auto& sha = m_report.revision.sha;
        if (m_comparison->record->abandoned()) m_abandoned = m_comparison->record->abandoned();
        auto begun = m_services.clock.now();
        if (m_last_attempt) begun = std::max(begun, *m_last_attempt + base::Duration{1});
        else if (!sha.empty() && m_row->unfinished() && m_row->unfinished()->revision == sha) begun = m_row->unfinished()->started;
        else if (!sha.empty() && m_abandoned && m_abandoned->revision == sha) begun = m_abandoned->since;
        m_begun = begun;
        m_row->begin(sha, begun);
        deliver::begin_hooks(m_report.plan, {m_application.name, sha, begun});
    }

    bool goes_on() {
        m_comparison->record->beat();
        return !is_termination_requested(m_services.state, m_application.instance);
    }

    /// False, with a report of each refusal, when the plan would be stopped in the middle: then nothing of it is begun.
    bool is_rehearsed(const deliver::ExecuteOptions& options) {
        m_report.outcomes = deliver::refused_steps(m_report.plan, *m_comparison->cluster, options, [&] { return goes_on(); }, m_stop);
        if (m_report.outcomes.empty()) return true;
        m_report.succeeded = false;
        m_report.phase = "Failed";
        m_report.message = m_report.outcomes.front().key.text() + ": " + m_report.outcomes.front().message + "; nothing was changed";
        remember();
        return false;
    }

    void follow_plan() {
        deliver::ExecuteOptions options;
        options.manager = deliver::k_manager;
        options.dry_run = m_request.dry_run ? kube::DryRun::yes : kube::DryRun::no;
        options.on_conflict = m_request.on_conflict;
        options.jobs = m_services.jobs;
        deliver::Execution execution;
        if (m_request.dry_run) {
            auto plan = m_report.plan;
            m_report.outcomes = deliver::take_for_granted(plan);
            execution = deliver::execute(plan, *m_comparison->cluster, options, m_services.events, m_stop);
            m_report.outcomes.insert(m_report.outcomes.begin(), execution.outcomes.begin(), execution.outcomes.end());
        } else {
            if (!is_rehearsed(options)) return;
            const deliver::Waiting waiting{m_services.clock, m_deadline, m_comparison->health_book, [&] { return goes_on(); }};
            options.waiting = &waiting;
            options.on_step = [&](const deliver::StepOutcome&) { m_comparison->record->beat(); };
            execution = deliver::execute(m_report.plan, *m_comparison->cluster, options, m_services.events, m_stop);
            m_report.outcomes = std::move(execution.outcomes);
        }
        count(m_report);
        m_report.succeeded = execution.succeeded;
        m_terminated = execution.terminated;
        m_report.phase = execution.succeeded ? "Succeeded" : "Failed";
        m_report.message = execution.succeeded ? counts_text(m_report) : execution.message;
        if (!m_request.dry_run) remember();
    }

    /// As in Argo CD a self-heal, which syncs what is out of sync alone, is no deployment.
    void remember() {
        put_result(m_services, m_application, *m_comparison, m_report, m_request);
        const bool deploys = is_full(m_request) && m_request.trigger != Trigger::self_heal;
        if (m_report.succeeded && deploys) put_deployment(m_services, m_application, m_request, m_report, m_started);
        m_comparison->record->finish();
    }

    void wait_until_healthy() {
        std::vector<kube::ObjectRef> refs;
        for (const auto& step : m_report.plan.steps)
            if (!step.hook && !step.desired.is_null() && step.action != Action::skip) refs.push_back(kube::ref_of(step.desired));
        auto waited = deliver::wait_for_health(*m_comparison->cluster, refs, m_deadline, m_services.clock, m_services.events, m_stop,
                                               m_comparison->health_book);
        m_report.health = waited.health;
        if (waited.healthy) return;
        if (m_stop.stop_requested()) throw Error(Code::cancelled, "applied, but stopped while waiting for health");
        m_report.succeeded = false;
        const std::string why = waited.health.message.empty() ? std::string(deliver::health_name(waited.health.status))
                                                              : waited.health.message;
        m_report.message = waited.timed_out ? "applied, but not healthy in time: " + why : "applied, but " + why;
    }

    void tell(std::string_view kind, const std::string& text) {
        m_services.events.emit({base::Level::warning, std::string(kind), m_application.name, text, {}});
    }

    const Services& m_services;
    const Application& m_application;
    SyncRequest m_request;
    std::stop_token m_stop;
    base::Time m_started;
    base::Time m_deadline;
    std::optional<Comparison> m_comparison;
    SyncReport m_report;
    std::optional<Error> m_cancelled;
    std::optional<OperationRow> m_row;        ///< none for a dry run
    base::Time m_begun{};                     ///< of the attempt that is under way
    std::optional<base::Time> m_last_attempt; ///< when the one before it began
    std::optional<RecordHolder> m_abandoned;  ///< of an operation on this application that died elsewhere
    bool m_terminated = false;
};

SyncReport not_begun(const std::string& app, const std::string& cluster, const Error& error) {
    SyncReport report;
    report.app = app;
    report.cluster = cluster;
    report.phase = "Error";
    report.message = error.message();
    report.error = error;
    return report;
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
    if (report.hooks > 0) parts.push_back(base::count_of(static_cast<std::size_t>(report.hooks), "hook"));
    return parts.empty() ? "nothing to do" : base::join(parts, ", ");
}

SyncReport sync_holding_lock(const Services& services, const Application& application, const SyncRequest& request,
                             std::stop_token stop, std::optional<Comparison> looked) {
    SyncRun run(services, application, request, stop, std::move(looked));
    auto report = run.run();
    if (run.cancelled()) throw Error(*run.cancelled());
    return report;
}

SyncReport sync(const Services& services, const std::string& app, const SyncRequest& request, std::stop_token stop) {
    const auto application = application_of(services, app);
    if (request.dry_run) return sync_holding_lock(services, application, request, stop);
    const auto deadline = services.clock.now() + request.timeout;
    try {
        OperationLock lock(services, application.instance, std::string(trigger_name(request.trigger)), request.wait_for_lock,
                           deadline, stop);
        // Read now: while this waited for the lock, it may have been changed or deleted.
        return sync_holding_lock(services, application_of(services, app), request, stop);
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        return not_begun(app, services.cluster, error);
    }
}

}  // namespace gitops::app
