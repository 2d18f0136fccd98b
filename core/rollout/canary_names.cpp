#include <array>

#include "core/rollout/canary.hpp"
#include "core/rollout/canary_parts.hpp"

namespace gitops::rollout {

namespace {

struct HookName {
    HookType type;
    std::string_view name;
};
constexpr std::array k_hooks{HookName{HookType::confirm_rollout, "confirm-rollout"},
                             HookName{HookType::pre_rollout, "pre-rollout"},
                             HookName{HookType::rollout, "rollout"},
                             HookName{HookType::confirm_traffic_increase, "confirm-traffic-increase"},
                             HookName{HookType::confirm_promotion, "confirm-promotion"},
                             HookName{HookType::post_rollout, "post-rollout"},
                             HookName{HookType::rollback, "rollback"},
                             HookName{HookType::event, "event"}};

struct KindName {
    MetricKind kind;
    std::string_view name;
};
constexpr std::array k_kinds{KindName{MetricKind::threshold, "threshold"}, KindName{MetricKind::proportion, "proportion"},
                             KindName{MetricKind::ratio, "ratio"}, KindName{MetricKind::latency, "latency"},
                             KindName{MetricKind::paired, "paired"}};

}  // namespace

std::string_view dialect_name(Dialect dialect) {
    switch (dialect) {
        case Dialect::flagger: return "flagger";
        case Dialect::stages: return "stages";
    }
    return "";
}

std::string_view strategy_name(Strategy strategy) {
    switch (strategy) {
        case Strategy::canary: return "canary";
        case Strategy::blue_green: return "blue-green";
        case Strategy::ab_testing: return "ab-testing";
    }
    return "";
}

std::string_view hook_type_name(HookType type) {
    for (const auto& entry : k_hooks)
        if (entry.type == type) return entry.name;
    return "";
}

std::string_view metric_kind_name(MetricKind kind) {
    for (const auto& entry : k_kinds)
        if (entry.kind == kind) return entry.name;
    return "";
}

std::optional<HookType> hook_type_of(std::string_view name) {
    for (const auto& entry : k_hooks)
        if (entry.name == name) return entry.type;
    return std::nullopt;
}

std::vector<std::string> hook_type_names() {
    std::vector<std::string> names;
    for (const auto& entry : k_hooks) names.emplace_back(entry.name);
    return names;
}

std::optional<MetricKind> metric_kind_of(std::string_view name) {
    for (const auto& entry : k_kinds)
        if (entry.name == name) return entry.kind;
    return std::nullopt;
}

std::vector<std::string> metric_kind_names() {
    std::vector<std::string> names;
    for (const auto& entry : k_kinds) names.emplace_back(entry.name);
    return names;
}

}  // namespace gitops::rollout
