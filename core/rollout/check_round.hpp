// CheckRound answers the questions of one tick: it calls the hooks and asks for the metrics that a decision needs.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "core/rollout/canary.hpp"
#include "core/rollout/hook_payload.hpp"
#include "core/rollout/metric_query.hpp"
#include "core/rollout/ports.hpp"
#include "core/rollout/step.hpp"

namespace gitops::rollout {

/// What the checks of a canary need beside its spec.
struct CheckPorts {
    MetricsProvider& metrics;
    HookCaller& hooks;
    /// The MetricTemplate or Secret of that namespace and name; nullopt when there is none.
    std::function<std::optional<doc::Value>(std::string_view kind, const std::string& ns, const std::string& name)> find;
    MetricSource usual_source{};  ///< answers what neither the spec nor a template places elsewhere
    bool plays_back = false;      ///< usual_source is a file or script, and answers everything
};

class CheckRound {
  public:
    CheckRound(const CanarySpec& spec, const CanaryState& state, CheckPorts& ports, Compat compat, Moment moment, std::stop_token stop);

    /// Hooks are called in their order; the first that fails ends it, but of the rollback hooks the first that passes does.
    /// Under Compat::flagger the first failing metric ends an analysis, too; otherwise all are asked, so that the journal
    /// and the plot are whole.
    Answer answer(Question question);
    /// Whether every check can be asked as it is written, without asking. Error(invalid|not_found): before a run begins, as what
    /// goes wrong while it is under way only counts as no answer.
    void require_askable();
    /// Tells the post-rollout hooks that the run has ended, and the event hooks what was decided. Their answers change nothing.
    void announce_end();
    void announce(const JournalEntry& entry);

  private:
    HookSubject subject() const;
    QuerySettings query_settings() const;
    void require_sequential(const MetricCheck& check) const;
    Answer ask_hooks(HookType type);
    Answer analyse();
    void ask_metrics(Answer& answer);
    bool ask_one(const MetricCheck& check, QueryOrigin origin, Answer& answer, std::size_t judged_together);
    bool ask_metric(const MetricCheck& check, QueryOrigin origin, Answer& answer);
    void ask_sequentially(const MetricCheck& check, Answer& answer, std::size_t judged_together);
    CheckResult measure(const MetricCheck& check, const MetricQuery& query, const MetricSource& source);
    std::string explain(const MetricCheck& check, const MetricQuery& query, const MetricSource& source);
    MetricSource source_for(const MetricCheck& check, const MetricQuery& query, const MetricTemplate* shared);
    std::optional<MetricTemplate> shared_template(const MetricCheck& check);
    std::optional<double> read_counter(const MetricCheck& check, const std::string& counter, const std::string& query, Answer& answer);

    const CanarySpec& m_spec;
    const CanaryState& m_state;
    CheckPorts& m_ports;
    Compat m_compat;
    Moment m_moment;
    std::stop_token m_stop;
};

}  // namespace gitops::rollout
