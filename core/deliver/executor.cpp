#include "core/deliver/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <span>

#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/deliver/hook_writer.hpp"
#include "core/deliver/hooks.hpp"
#include "core/deliver/step_writer.hpp"
#include "core/deliver/sync_machine.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::deliver {
namespace {

using Tasks = std::span<const std::size_t>;

bool is_prune(const Step& step) { return step.desired.is_null(); }
/// What may be under way at once: prunes, objects of one kind, and objects of kinds that the apply order does not tell
/// apart (custom resources), which stand sorted by name and would otherwise go one after the other.
bool same_run(const Step& a, const Step& b) {
    if (is_prune(a) || is_prune(b)) return is_prune(a) && is_prune(b);
    return kube::apply_rank(a.key.kind) == kube::apply_rank(b.key.kind);
}

bool writes(const Step& step) { return step.action != Action::unchanged && step.action != Action::skip; }

class Run {
  public:
    Run(const Plan& plan, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events, std::stop_token stop)
        : m_steps(plan.steps), m_cluster(cluster), m_options(options), m_events(events), m_stop(std::move(stop)), m_outcomes(m_steps.size()) {
        m_tasks.reserve(m_steps.size());
        for (const auto& step : m_steps) m_tasks.push_back({task_kind(step), step.phase, step.wave, TaskState::pending});
    }

    Execution follow() {
        while (!m_result.terminated) {
            const auto next = next_move(m_tasks);
            if (next.move == Move::succeed || next.move == Move::fail) break;
            if (is_ended()) {
                terminate("Operation terminated");
                break;
            }
            if (next.move == Move::wait) wait_for(next.tasks);
            if (next.move == Move::rescue) delete_hooks(&HookTask::on_failure);
            if (next.move != Move::wait) run_group(next.tasks);
        }
        if (!m_result.terminated) delete_hooks(m_result.succeeded ? &HookTask::on_success : &HookTask::on_failure);
        for (auto& outcome : m_outcomes)
            if (outcome) m_result.outcomes.push_back(std::move(*outcome));
        return std::move(m_result);
    }

  private:
    bool is_ended() const { return m_stop.stop_requested() || (m_options.waiting && m_options.waiting->goes_on && !m_options.waiting->goes_on()); }

    /// One run of objects at once, the next after it. A failed prune stops the group, a failed apply does not.
    void run_group(Tasks group) {
        while (!group.empty() && !m_stop.stop_requested()) {
            const auto alike = leading(group);
            const bool failed = run_alike(alike);
            if (failed && is_prune(m_steps[alike.front()])) return;
            group = group.subspan(alike.size());
        }
    }

    /// The longest beginning of `group` that may be under way at once.
    Tasks leading(Tasks group) const {
        const auto end = std::ranges::find_if_not(group, [&](std::size_t i) { return same_run(m_steps[group.front()], m_steps[i]); });
        return group.first(static_cast<std::size_t>(end - group.begin()));
    }

    bool run_alike(Tasks alike) {
        base::parallel_for(alike.size(), threads_for(alike), [&](std::size_t i) {
            if (!m_stop.stop_requested()) start(alike[i]);
        });
        bool failed = false;
        for (const auto i : alike) {
            if (m_tasks[i].state != TaskState::failed) continue;
            fail(fmt::format("{}: {}", m_steps[i].key.text(), m_outcomes[i]->message));
            failed = true;
        }
        return failed;
    }

    /// Writes what step `i` says. Of several threads each has steps of its own.
    void start(std::size_t i) {
        const auto& step = m_steps[i];
        auto& task = m_tasks[i];
        if (task.kind == TaskKind::hook) {
            auto started = start_hook(step, m_cluster, m_options, m_events, m_stop);
            m_outcomes[i] = std::move(started.outcome);
            switch (started.kind) {
                case HookStart::Kind::running: task.state = m_options.waiting ? TaskState::running : TaskState::succeeded; break;
                case HookStart::Kind::passed: task.state = TaskState::succeeded; break;
                case HookStart::Kind::failed: task.state = TaskState::failed; break;
            }
        } else {
            m_outcomes[i] = perform(step, m_cluster, m_options, m_events, m_stop);
            const bool waits = m_options.waiting != nullptr && task.kind == TaskKind::resource;
            task.state = m_outcomes[i]->result == StepResult::sync_failed ? TaskState::failed
                         : waits                                          ? TaskState::running
                                                                          : TaskState::succeeded;
        }
        announce(*m_outcomes[i]);
    }

    void wait_for(Tasks running) {
        std::vector<AwaitedTask> awaited;
        for (const auto i : running) {
            const auto& step = m_steps[i];
            const auto awaits = step.hook ? Awaits::hook : is_prune(step) ? Awaits::deletion : Awaits::resource;
            const auto& object = is_prune(step) ? step.live : step.desired;
            if (awaits == Awaits::resource && !m_options.waiting->book.can_judge(kube::gvk_of(object))) m_tasks[i].state = TaskState::succeeded;
            else awaited.push_back({i, awaits, kube::ref_of(object), std::string(kube::uid_of(step.live))});
        }
        if (awaited.empty()) return;
        const auto waited = wait_for_tasks(m_cluster, awaited, *m_options.waiting, m_events, m_stop);
        for (const auto& verdict : waited.verdicts) conclude(verdict);
        if (waited.end == WaitEnd::ended) terminate("Operation terminated");
        if (waited.end == WaitEnd::timed_out) terminate("Operation terminated: timed out waiting for " + waited.pending);
    }

    void conclude(const Verdict& verdict) {
        const auto& step = m_steps[verdict.task];
        auto& outcome = *m_outcomes[verdict.task];
        m_tasks[verdict.task].state = verdict.state;
        const bool failed = verdict.state == TaskState::failed;
        if (failed) {
            outcome.result = StepResult::sync_failed;
            outcome.message = verdict.message;
            fail(fmt::format("{}: {}", step.key.text(), verdict.message));
        }
        if (!step.hook) return;
        if (!failed) outcome.message = "completed";
        m_events.emit({failed ? base::Level::warning : base::Level::info, "hook", step.key.text(), failed ? verdict.message : "completed",
                       {{"phase", std::string(phase_name(step.phase))}, {"result", std::string(result_name(outcome.result))}}});
        if (!verdict.live.is_null()) release(verdict.live);
    }

    void release(const doc::Value& live) {
        try {
            release_hook(m_cluster, live, m_options.manager);
        } catch (const base::Error& error) {
            tell(kube::key_of(live), fmt::format("its finalizer could not be taken away: {}", error.message()));
        }
    }

    /// The objects of those hooks that ran and whose policy says so.
    void delete_hooks(bool HookTask::*policy) {
        if (m_options.dry_run == kube::DryRun::yes) return;
        for (std::size_t i = 0; i < m_steps.size(); ++i)
            if (m_tasks[i].kind == TaskKind::hook && m_outcomes[i] && (*m_steps[i].hook).*policy) delete_object_of(m_steps[i]);
    }

    /// Not the one that a later phase of the same hook made, nor another's.
    void delete_object_of(const Step& step) {
        try {
            const auto live = m_cluster.get(kube::ref_of(step.desired));
            if (!live || kube::is_being_deleted(*live) || progress_of(step, *live) == HookProgress::not_begun) return;
            if (delete_hook(m_cluster, *live, m_options.manager)) m_events.emit({base::Level::info, "hook", step.key.text(), "deleted", {}});
        } catch (const base::Error& error) {
            tell(step.key, fmt::format("the hook could not be deleted: {}", error.message()));
        }
    }

    void terminate(std::string message) {
        for (std::size_t i = 0; i < m_steps.size(); ++i) {
            if (m_tasks[i].kind != TaskKind::hook || m_tasks[i].state != TaskState::running) continue;
            delete_object_of(m_steps[i]);
            m_outcomes[i]->result = StepResult::sync_failed;
            m_outcomes[i]->message = "terminated";
        }
        m_result.terminated = true;
        m_result.succeeded = false;
        m_result.message = std::move(message);
    }

    /// More than one is worth while only where something is sent.
    int threads_for(Tasks alike) const {
        const auto writing = std::ranges::count_if(alike, [&](std::size_t i) { return writes(m_steps[i]); });
        const auto limit = std::max(m_options.jobs, m_cluster.in_flight());
        return static_cast<int>(std::min<std::ptrdiff_t>(writing, limit));
    }

    void tell(const kube::ResourceKey& key, const std::string& text) { m_events.emit({base::Level::warning, "hook", key.text(), text, {}}); }

    void announce(const StepOutcome& outcome) {
        if (outcome.action == Action::unchanged) return;
        const bool failed = outcome.result == StepResult::sync_failed;
        const std::scoped_lock lock(m_mutex);
        m_events.emit({failed ? base::Level::warning : base::Level::info, "apply", outcome.key.text(), outcome.message,
                       {{"action", std::string(action_name(outcome.action))},
                        {"result", std::string(result_name(outcome.result))},
                        {"phase", std::string(phase_name(outcome.phase))},
                        {"wave", std::to_string(outcome.wave)}}});
        for (const auto& warning : outcome.warnings)
            m_events.emit({base::Level::warning, "conflict", outcome.key.text(), warning, {}});
        if (m_options.on_step) m_options.on_step(outcome);
    }

    void fail(std::string message) {
        if (m_result.succeeded) m_result.message = std::move(message);
        m_result.succeeded = false;
    }

    const std::vector<Step>& m_steps;
    kube::Cluster& m_cluster;
    const ExecuteOptions& m_options;
    base::EventSink& m_events;
    std::stop_token m_stop;
    std::vector<std::optional<StepOutcome>> m_outcomes;  ///< by step
    std::vector<Task> m_tasks;                           ///< by step
    std::mutex m_mutex;
    Execution m_result;
};

}  // namespace

std::string_view result_name(StepResult result) {
    switch (result) {
        case StepResult::synced: return "Synced";
        case StepResult::sync_failed: return "SyncFailed";
        case StepResult::pruned: return "Pruned";
        case StepResult::prune_skipped: return "PruneSkipped";
        case StepResult::skipped: return "Skipped";
    }
    return "";
}

Execution execute(const Plan& plan, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                  std::stop_token stop) {
    return Run(plan, cluster, options, events, std::move(stop)).follow();
}

}  // namespace gitops::deliver
