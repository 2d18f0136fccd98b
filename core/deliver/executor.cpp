#include "core/deliver/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <span>

#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/deliver/step_writer.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::deliver {
namespace {

using Steps = std::span<const Step>;

/// The longest beginning of `steps` whose members are all `alike` the first.
template <class Alike>
Steps leading(Steps steps, const Alike& alike) {
    const auto end = std::find_if_not(steps.begin(), steps.end(), [&](const Step& step) { return alike(steps.front(), step); });
    return steps.first(static_cast<std::size_t>(end - steps.begin()));
}

bool same_wave(const Step& a, const Step& b) { return a.phase == b.phase && a.wave == b.wave; }
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
    Run(kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events, std::stop_token stop)
        : m_cluster(cluster), m_options(options), m_events(events), m_stop(std::move(stop)) {}

    Execution follow(const Plan& plan) {
        m_result.outcomes.reserve(plan.steps.size());
        for (Steps rest(plan.steps); !rest.empty() && m_result.succeeded;) {
            const auto wave = leading(rest, same_wave);
            run_wave(wave);
            rest = rest.subspan(wave.size());
        }
        return std::move(m_result);
    }

  private:
    /// One run of objects at once, the next after it. A failed prune stops the wave, a failed apply does not.
    void run_wave(Steps wave) {
        while (!wave.empty()) {
            if (m_stop.stop_requested()) return stopped(wave.front());
            const auto alike = leading(wave, same_run);
            const bool failed = run_alike(alike);
            if (failed && is_prune(alike.front())) return;
            wave = wave.subspan(alike.size());
        }
    }

    bool run_alike(Steps steps) {
        std::vector<std::optional<StepOutcome>> outcomes(steps.size());
        base::parallel_for(steps.size(), threads_for(steps), [&](std::size_t i) {
            if (m_stop.stop_requested()) return;
            outcomes[i] = perform(steps[i], m_cluster, m_options, m_events, m_stop);
            announce(*outcomes[i]);
        });
        bool failed = false;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (!outcomes[i]) {
                stopped(steps[i]);
                break;
            }
            const bool bad = outcomes[i]->result == StepResult::sync_failed;
            if (bad) fail(fmt::format("{}: {}", outcomes[i]->key.text(), outcomes[i]->message));
            failed = failed || bad;
            m_result.outcomes.push_back(std::move(*outcomes[i]));
        }
        return failed;
    }

    /// More than one is worth while only where something is sent.
    int threads_for(Steps steps) const {
        const auto writing = std::ranges::count_if(steps, writes);
        const auto limit = std::max(m_options.jobs, m_cluster.in_flight());
        return static_cast<int>(std::min<std::ptrdiff_t>(writing, limit));
    }

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

    void stopped(const Step& next) { fail(fmt::format("stopped before {}", next.key.text())); }

    void fail(std::string message) {
        if (m_result.succeeded) m_result.message = std::move(message);
        m_result.succeeded = false;
    }

    kube::Cluster& m_cluster;
    const ExecuteOptions& m_options;
    base::EventSink& m_events;
    std::stop_token m_stop;
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
    return Run(cluster, options, events, std::move(stop)).follow(plan);
}

}  // namespace gitops::deliver
