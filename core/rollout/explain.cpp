#include "core/rollout/explain.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/rollout/schedule.hpp"
#include "core/rollout/step.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;
using doc::Value;

constexpr std::size_t k_most_ticks = 5'000;  ///< looked at for the table
constexpr std::size_t k_most_rows = 60;      ///< printed
constexpr double k_exact = 1e15;             ///< below it whole numbers are exact

Value number_value(const std::optional<double>& number) {
    if (!number || !std::isfinite(*number)) return {};  // JSON has no word for infinity, and such a bound bounds nothing
    const bool is_whole = std::abs(*number) < k_exact && *number == std::trunc(*number);
    return is_whole ? Value(static_cast<std::int64_t>(*number)) : Value(*number);
}

Value seconds_value(const std::optional<Duration>& span) {
    if (!span) return {};
    return number_value(static_cast<double>(span->count()) / 1000.0);
}

/// Consecutive ticks that ask and route the same.
struct Row {
    std::size_t first = 0, last = 0;
    Duration at{0};
    std::string route;          ///< what the canary gets
    std::string asked;
    std::string decided;        ///< with the first tick; "" when nothing is
    std::string decided_last{};
};

std::size_t hooks_of(const CanarySpec& spec, HookType type) {
    return static_cast<std::size_t>(std::ranges::count_if(spec.analysis.webhooks,
                                                          [&](const Webhook& hook) { return hook.type == type; }));
}

/// What is asked of whom, "" when there is nobody to ask.
std::string asked_text(const CanarySpec& spec, Question question, std::size_t metrics) {
    const auto gate = [&](HookType type) { return hooks_of(spec, type) == 0 ? std::string() : std::string(hook_type_name(type)); };
    switch (question) {
        case Question::confirm_rollout: return gate(HookType::confirm_rollout);
        case Question::rollback_hooks: return gate(HookType::rollback);
        case Question::pre_rollout: return gate(HookType::pre_rollout);
        case Question::confirm_traffic_increase: return gate(HookType::confirm_traffic_increase);
        case Question::confirm_promotion: return gate(HookType::confirm_promotion);
        case Question::analysis: break;
    }
    std::vector<std::string> parts;
    if (const auto hooks = hooks_of(spec, HookType::rollout); hooks > 0) parts.push_back(base::count_of(hooks, "rollout hook"));
    if (metrics > 0) parts.push_back(base::count_of(metrics, "check"));
    return base::join(parts, " and ");
}

/// A canary that waits for its first run, and a new revision whose every check passes.
class Rehearsal {
  public:
    Rehearsal(const CanarySpec& spec, Compat compat, std::size_t metrics) : m_spec(spec), m_compat(compat), m_metrics(metrics) {
        m_spec.suspend = false;
        m_state.phase = Phase::initialized;
        m_state.applied_revision = m_state.promoted_revision = "current";
        m_seen.target = m_seen.primary = Side{true, true};
        m_seen.revision = "new";
    }

    std::vector<Row> rows() {
        std::vector<Row> rows;
        for (std::size_t tick = 1; tick <= k_most_ticks && rows.size() < k_most_rows; ++tick) {
            auto row = next(tick);
            const bool is_stuck = row.decided.empty();
            const bool continues = m_state.phase == Phase::progressing && !m_changed_phase && !is_stuck && tick > 2;
            if (continues && rows.back().route == row.route && rows.back().asked == row.asked)
                extend(rows.back(), tick, std::move(row.decided));
            else
                rows.push_back(std::move(row));
            m_is_over = is_stuck || m_state.phase == Phase::succeeded;
            if (m_is_over) break;
        }
        return rows;
    }
    /// The rows reach the end, or where it never goes further.
    bool is_over() const { return m_is_over; }

  private:
    static std::string route_text(const Split& split) {
        if (split.matched) return "matching";
        return split.mirrored ? "mirrored" : fmt::format("{} %", split.canary);
    }

    static void extend(Row& row, std::size_t tick, std::string decided) {
        row.last = tick;
        row.decided_last = std::move(decided);
    }

    Row next(std::size_t tick) {
        Answers answers;
        std::vector<std::string> asked;
        const auto at = m_seen.now.time_since_epoch();
        for (;;) {
            auto outcome = step(m_spec, m_state, m_seen, answers, m_compat);
            if (const auto* question = std::get_if<Question>(&outcome)) {
                if (auto text = asked_text(m_spec, *question, m_metrics); !text.empty()) asked.push_back(std::move(text));
                answers[*question] = Answer{};
                continue;
            }
            auto& decision = std::get<Decision>(outcome);
            const bool is_told = !decision.entries.empty() && decision.entries.back().kind != EntryKind::halt;
            m_changed_phase = decision.state.phase != m_state.phase;
            m_state = std::move(decision.state);
            m_seen.now += decision.wake;
            return {tick, tick, at, route_text(m_state.split), base::join(asked, ", "), is_told ? sentence() : ""};
        }
    }

    std::string sentence() const {
        switch (m_state.phase) {
            case Phase::progressing: return m_changed_phase ? "the new revision is detected, its Pods start" : m_state.message;
            case Phase::promoting: return m_changed_phase ? "the primary takes over the new revision" : m_state.message;
            case Phase::finalising: return "all traffic goes to the primary";
            case Phase::succeeded: return "the target is scaled to zero: succeeded";
            case Phase::initializing:
            case Phase::initialized:
            case Phase::waiting:
            case Phase::waiting_promotion:
            case Phase::failed: break;
        }
        return m_state.message;
    }

    CanarySpec m_spec;
    Compat m_compat;
    std::size_t m_metrics;
    CanaryState m_state;
    Observation m_seen;
    bool m_changed_phase = false;
    bool m_is_over = false;
};

std::string failures_roll(std::int64_t count) {
    return count == 1 ? "1 failed check rolls" : fmt::format("{} failed checks roll", count);
}

std::string dialect_sentence(const CanarySpec& spec, Compat compat) {
    const auto& analysis = spec.analysis;
    if (spec.skip_analysis) return "The analysis is skipped: a new revision is promoted as soon as its Pods are ready.";
    if (spec.dialect == Dialect::stages)
        return fmt::format("Dialect stages: {} to the next stage, a failure starts the count again, and {} back.",
                           analysis.successes == 1 ? "1 passed check leads" : fmt::format("{} passed checks in a row lead",
                                                                                          analysis.successes),
                           failures_roll(static_cast<std::int64_t>(analysis.max_failures) + 1));
    return fmt::format("Dialect flagger: 1 passed check leads to the next step; over the whole run {} back{}, and passed checks take no "
                       "failure away.",
                       failures_roll(analysis.threshold), compat == Compat::flagger ? " one interval later" : " at once");
}

std::string strategy_sentence(const CanarySpec& spec) {
    const auto every = fmt::format("every {}", base::format_duration(spec.analysis.interval));
    switch (spec.analysis.strategy) {
        case Strategy::canary: break;
        case Strategy::blue_green:
            return fmt::format("Strategy blue-green on {}: {} {} {}, then {}.", spec.provider,
                               base::count_of(static_cast<std::size_t>(spec.analysis.iterations), "iteration"), every,
                               mirrors(spec) ? "with mirrored requests" : "without traffic",
                               is_routeless(spec) ? "the promotion" : "all of it at once");
        case Strategy::ab_testing:
            return fmt::format("Strategy A/B testing on {}: {} {}, requests that match go to the new revision.", spec.provider,
                               base::count_of(static_cast<std::size_t>(spec.analysis.iterations), "iteration"), every);
    }
    return fmt::format("Strategy canary on {}: looked at {}.", spec.provider, every);
}

std::string decided_text(const Row& row) {
    if (row.decided.empty()) return "stays here: no step leads on";
    return row.decided_last.empty() ? row.decided : row.decided + " ... " + row.decided_last;
}

std::string tick_text(const Row& row) {
    return row.first == row.last ? std::to_string(row.first) : fmt::format("{}-{}", row.first, row.last);
}

/// Columns as wide as their widest cell; the last one is free.
std::string table_text(const std::vector<Row>& rows) {
    std::vector<std::vector<std::string>> cells{{"TICK", "TIME", "CANARY", "ASKED", "THEN"}};
    for (const auto& row : rows) {
        cells.push_back({tick_text(row), base::format_duration(row.at), row.route, row.asked.empty() ? "-" : row.asked,
                         decided_text(row)});
    }
    std::vector<std::size_t> widths(cells.front().size());
    for (const auto& line : cells)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    std::string text;
    for (const auto& line : cells) {
        text += " ";
        for (std::size_t i = 0; i + 1 < line.size(); ++i) text += fmt::format(" {:<{}} ", line[i], widths[i]);
        text += " " + line.back() + "\n";
    }
    return text;
}

std::string time_text(const CanarySpec& spec, const Schedule& schedule) {
    if (!schedule.ticks) return "It never ends: no step leads on from where the table stops.\n";
    std::string text = fmt::format("{} to the end", base::count_of(static_cast<std::size_t>(*schedule.ticks),
                                                                   spec.dialect == Dialect::stages ? "check" : "tick"));
    if (schedule.worst_case && !spec.skip_analysis)
        text += fmt::format("; at the worst {}, with as many failed checks as are tolerated",
                            base::format_duration(*schedule.worst_case));
    return text + ". Waiting for Pods, for gates and for data comes on top.\n";
}

std::string range_text(const Range& range) {
    if (range.min && range.max) return fmt::format("from {} to {}", *range.min, *range.max);
    if (range.min) return fmt::format("at least {}", *range.min);
    if (range.max) return fmt::format("at most {}", *range.max);
    return "anything passes";
}

std::string checks_text(const std::vector<ExplainedMetric>& metrics) {
    if (metrics.empty()) return "No checks: nothing measures the new revision.\n";
    std::string text = "Checks:\n";
    for (const auto& metric : metrics)
        text += fmt::format("  {} ({}): {}\n    {}\n", metric.name, metric.provider, range_text(metric.range), metric.query);
    return text;
}

std::string_view gate_meaning(HookType type) {
    switch (type) {
        case HookType::confirm_rollout: return "holds a new revision before it starts";
        case HookType::pre_rollout: return "must pass before the first traffic; a failure counts";
        case HookType::rollout: return "is called with every check; a failure counts";
        case HookType::confirm_traffic_increase: return "holds each step up; not counted";
        case HookType::confirm_promotion: return "holds the promotion; checks go on meanwhile";
        case HookType::post_rollout: return "is told the end";
        case HookType::rollback: return "rolls back when it passes";
        case HookType::event: return "is told every event";
    }
    return "";
}

std::string hooks_text(const CanarySpec& spec) {
    if (spec.analysis.webhooks.empty()) return {};
    std::string text = "Hooks and gates:\n";
    for (const auto& hook : spec.analysis.webhooks)
        text += fmt::format("  {} ({}): {}\n", hook.name, hook_type_name(hook.type), gate_meaning(hook.type));
    return text;
}

}  // namespace

Value explain(const CanarySpec& spec, Compat compat, const std::vector<ExplainedMetric>& metrics) {
    const auto schedule = schedule_of(spec, compat);
    auto value = Value::map();
    value.set("dialect", dialect_name(spec.dialect));
    value.set("strategy", strategy_name(spec.analysis.strategy));
    auto weights = Value::list();
    for (const int weight : schedule.weights) weights.push_back(weight);
    value.set("weights", std::move(weights));
    value.set("ticks", schedule.ticks ? Value(*schedule.ticks) : Value());
    value.set("worstCaseSeconds", seconds_value(schedule.worst_case));
    auto list = Value::list();
    for (const auto& metric : metrics) {
        auto item = Value::map();
        item.set("name", metric.name);
        item.set("provider", metric.provider);
        item.set("query", metric.query);
        item.set("min", number_value(metric.range.min));
        item.set("max", number_value(metric.range.max));
        list.push_back(std::move(item));
    }
    value.set("metrics", std::move(list));
    return value;
}

std::string explain_text(const CanarySpec& spec, Compat compat, const std::vector<ExplainedMetric>& metrics) {
    std::string text = dialect_sentence(spec, compat) + "\n";
    if (!spec.skip_analysis) text += strategy_sentence(spec) + "\n";
    Rehearsal rehearsal(spec, compat, metrics.size());
    text += "\n" + table_text(rehearsal.rows());
    if (!rehearsal.is_over()) text += "  ... and so on\n";
    text += "\n" + time_text(spec, schedule_of(spec, compat));
    return text + "\n" + checks_text(metrics) + hooks_text(spec);
}

}  // namespace gitops::rollout
