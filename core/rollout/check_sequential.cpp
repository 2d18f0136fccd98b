// Sequential checks of one tick: counters are read, weighed with what is known since the weight is what it is, and judged.
#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/analysis/analysis.hpp"
#include "core/rollout/check_round.hpp"
#include "core/rollout/metric_check.hpp"
#include "core/rollout/schedule.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// Evidence is gathered anew at every weight: what was fine at 5 % says nothing about 50 %. So each weight is judged by
/// itself, and all of them together share alpha.
class Ledger {
  public:
    Ledger(Value value, int weight) : m_value(std::move(value)) {
        if (!m_value.is_map()) m_value = Value::map();
        m_weight = weight;
    }

    Evidence find(const std::string& key, const SequentialTest& test) const {
        const auto* stored = m_value.path("tests", key);
        auto evidence = stored == nullptr ? std::nullopt : read_evidence(*stored, test);
        if (!evidence) return {};
        const auto* at = m_value.path("weights", key);
        if (at != nullptr && at->to_int() == m_weight) return std::move(*evidence);
        Evidence fresh;
        fresh.seen = evidence->seen;  // counting goes on from there
        return fresh;
    }

    void keep(const std::string& key, const Evidence& evidence, const SequentialTest& test) {
        m_value.set("weight", m_weight);
        m_value.at("tests").set(key, to_value(evidence, test));
        m_value.at("weights").set(key, m_weight);
    }

    Value value() && { return std::move(m_value); }

  private:
    Value m_value;
    int m_weight = 0;
};

int weights_of(const CanarySpec& spec, Compat compat) {
    const auto schedule = schedule_of(spec, compat);
    return std::max<int>(1, static_cast<int>(schedule.weights.size()));
}

CheckResult result_of(const std::string& name, const Judgement& judgement, const SequentialTest& test) {
    CheckResult result;
    result.name = name;
    result.verdict = verdict_of(judgement.conclusion);
    if (judgement.estimate) result.value = *judgement.estimate;
    if (test.kind == TestKind::floor) result.range.min = test.floor;
    if (test.kind == TestKind::rate_ratio) result.range.max = test.ratio;
    result.detail = judgement.sentence;
    return result;
}

}  // namespace

std::optional<double> CheckRound::read_counter(const MetricCheck& check, const std::string& counter, const std::string& query, Answer& answer) {
    const MetricQuery asked{QueryOrigin::written, query, false};
    const auto source = source_for(check, asked, nullptr);
    const auto name = check.name + "." + counter;
    const auto reading = m_ports.metrics.read({name, query, source, m_moment}, m_stop);
    if (reading.kind == Reading::Kind::value) return reading.value;
    auto result = judge({name, check.interval, {}}, asked, reading);
    answer.checks.push_back(std::move(result));
    return std::nullopt;
}

void CheckRound::require_sequential(const MetricCheck& check) const {
    if (m_spec.analysis.sequential) return;
    throw Error(Code::invalid, "check " + check.name + " is weighed by its counters, which needs analysis.method: sequential")
        .hint("add `method: sequential` to the analysis, or run with --method sequential");
}

void CheckRound::ask_sequentially(const MetricCheck& check, Answer& answer, std::size_t judged_together) {
    require_sequential(check);
    std::map<std::string, double> readings;
    for (const auto& [counter, query] : counter_queries(m_spec, check, query_settings())) {
        const auto value = read_counter(check, counter, query, answer);
        if (!value) return;
        readings.emplace(counter, *value);
    }
    Ledger ledger(answer.evidence.is_null() ? m_state.evidence : answer.evidence, m_moment.weight);
    const int together = static_cast<int>(judged_together) * weights_of(m_spec, m_compat);
    for (const auto& test : tests_of(check)) {
        const auto key = check.name + "/" + std::string(test_name(test.kind));
        const auto counters = counters_from(test.kind, readings);
        if (!counters) {
            answer.checks.push_back({check.name, Verdict::no_data, {}, {}, "", "the counters do not fit together"});
            continue;
        }
        auto evidence = ledger.find(key, test);
        const auto counted = advance(evidence, test, *counters);
        const auto judgement = weigh(test, evidence, {together, std::nullopt});
        auto result = result_of(check.name, judgement, test);
        if (const auto text = counted_text(counted); !text.empty()) result.detail += " (" + std::string(text) + ")";
        answer.condemned |= judgement.conclusion == Conclusion::roll_back;
        answer.checks.push_back(std::move(result));
        ledger.keep(key, evidence, test);
    }
    answer.evidence = std::move(ledger).value();
}

}  // namespace gitops::rollout
