#include "core/rollout/schedule.hpp"

#include <algorithm>

namespace gitops::rollout {

namespace {

constexpr int k_whole = 100;
/// Detection, promotion, the way back to the primary, the end.
constexpr int k_ticks_around = 4;

std::optional<int> listed_after(const std::vector<int>& list, int weight) {
    for (const int next : list)
        if (next > weight) return std::min(k_whole, next);
    return std::nullopt;
}

/// Flagger's steps along a list: from one entry to the next, from anywhere else to the end.
std::optional<int> listed_after_as_flagger(const std::vector<int>& list, int weight) {
    if (weight == 0) return list.front() > 0 ? std::optional(std::min(k_whole, list.front())) : std::nullopt;
    for (std::size_t i = 0; i + 1 < list.size(); ++i) {
        if (list[i] != weight) continue;
        const int step = std::min(k_whole - weight, list[i + 1] - weight);
        if (step <= 0) return std::nullopt;
        return weight + step;
    }
    return k_whole;
}

Schedule of_weights(const CanarySpec& spec, Compat compat) {
    Schedule schedule;
    const int last = last_weight(spec.analysis, compat);
    int weight = 0;
    while (weight < last) {
        const auto next = next_weight(spec.analysis, weight, compat);
        if (!next) return schedule;
        weight = *next;
        schedule.weights.push_back(weight);
    }
    schedule.ticks = static_cast<int>(schedule.weights.size()) + k_ticks_around + (mirrors(spec) ? 1 : 0);
    return schedule;
}

Schedule of_iterations(const CanarySpec& spec) {
    Schedule schedule;
    if (!is_routeless(spec)) schedule.weights = {k_whole};
    const bool switches_after = spec.analysis.strategy == Strategy::blue_green;  // A/B routes with its first iteration
    schedule.ticks = spec.analysis.iterations + k_ticks_around + (switches_after ? 1 : 0);
    return schedule;
}

/// Ticks of the way back to the primary in steps, beyond the one that a jump takes. Matched requests go back at once.
int ticks_of_return(const CanarySpec& spec, const Schedule& schedule) {
    const int step = spec.analysis.step_weight_promotion;
    if (step <= 0 || schedule.weights.empty() || spec.analysis.strategy == Strategy::ab_testing) return 0;
    return (schedule.weights.back() + step - 1) / step - 1;
}

/// nullopt when it is longer than a Duration can say.
std::optional<base::Duration> times(base::Duration interval, std::int64_t count) {
    if (interval.count() > 0 && count > base::Duration::max().count() / interval.count()) return std::nullopt;
    return interval * count;
}

Schedule of_stages(const CanarySpec& spec) {
    const auto& analysis = spec.analysis;
    Schedule schedule{analysis.stages, static_cast<int>(analysis.stages.size()) * analysis.successes, std::nullopt};
    // A failure costs the streak it ends, and itself.
    const auto failing = static_cast<std::int64_t>(analysis.max_failures) * analysis.successes;
    schedule.worst_case = times(analysis.interval, *schedule.ticks + failing + ticks_of_return(spec, schedule));
    return schedule;
}

}  // namespace

std::optional<int> next_weight(const Analysis& analysis, int weight, Compat compat) {
    if (analysis.step_weight > 0) return weight >= k_whole ? std::nullopt : std::optional(std::min(k_whole, weight + analysis.step_weight));
    if (analysis.step_weights.empty()) return std::nullopt;
    return compat == Compat::flagger ? listed_after_as_flagger(analysis.step_weights, weight)
                                     : listed_after(analysis.step_weights, weight);
}

int last_weight(const Analysis& analysis, Compat compat) {
    if (analysis.step_weights.empty()) return analysis.max_weight > 0 ? analysis.max_weight : k_whole;
    if (compat == Compat::flagger || analysis.step_weight > 0) return std::min(k_whole, analysis.step_weights.back());
    return std::min(k_whole, *std::ranges::max_element(analysis.step_weights));
}

bool mirrors(const CanarySpec& spec) {
    if (!spec.analysis.mirror) return false;
    const bool is_gateway = spec.provider.starts_with("gatewayapi:");
    switch (spec.analysis.strategy) {
        case Strategy::canary: return spec.provider == "istio";
        case Strategy::blue_green: return spec.provider == "istio" || is_gateway;
        case Strategy::ab_testing: return false;
    }
    return false;
}

bool is_routeless(const CanarySpec& spec) { return spec.provider == "kubernetes"; }

Schedule schedule_of(const CanarySpec& spec, Compat compat) {
    if (spec.skip_analysis) {
        const int ticks = spec.dialect == Dialect::stages ? 0 : k_ticks_around;
        return {{}, ticks, times(spec.analysis.interval, ticks)};
    }
    if (spec.dialect == Dialect::stages) return of_stages(spec);
    auto schedule = spec.analysis.strategy == Strategy::canary ? of_weights(spec, compat) : of_iterations(spec);
    if (!schedule.ticks) return schedule;
    *schedule.ticks += ticks_of_return(spec, schedule);
    schedule.worst_case = times(spec.analysis.interval, static_cast<std::int64_t>(*schedule.ticks) + spec.analysis.threshold - 1);
    return schedule;
}

}  // namespace gitops::rollout
