// Volume claims, API services, custom resource definitions and disruption budgets.
#include <fmt/format.h>

#include <string>

#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {

std::optional<Health> volume_claim_health(const doc::Value& object) {
    const auto phase = text_at(object, "status.phase");
    if (phase == "Bound") return Health{};
    if (phase == "Pending") return Health{HealthStatus::progressing, "Waiting for a volume to be bound"};
    if (phase == "Lost") return Health{HealthStatus::degraded, "The bound volume is lost"};
    return Health{HealthStatus::unknown, ""};
}

std::optional<Health> api_service_health(const doc::Value& object) {
    const auto available = find_condition(object, "Available");
    if (!available) return Health{HealthStatus::progressing, "Waiting to be processed"};
    return Health{available->is_true() ? HealthStatus::healthy : HealthStatus::progressing,
                  fmt::format("{}: {}", available->reason, available->message)};
}

std::optional<Health> crd_health(const doc::Value& object) {
    const auto& conditions = conditions_of(object);
    if (conditions.empty()) return Health{HealthStatus::progressing, "Status conditions not found"};
    bool established = false;
    for (const auto& item : conditions.items()) {
        const auto condition = condition_of(item);
        const bool holds = condition.is_true();
        if (condition.type == "Terminating" && holds) return Health{HealthStatus::progressing, "CRD is terminating"};
        if (condition.type == "NamesAccepted" && condition.is_false())
            return Health{HealthStatus::degraded, fmt::format("CRD names have not been accepted: {}", condition.message)};
        if (condition.type == "NonStructuralSchema" && holds)
            return Health{HealthStatus::degraded, fmt::format("Schema violations found: {}", condition.message)};
        if (condition.type != "Established") continue;
        if (!holds && condition.reason == "Installing")
            return Health{HealthStatus::progressing, "CRD is being installed"};
        established = established || holds;
    }
    if (established) return Health{HealthStatus::healthy, "CRD is healthy"};
    return Health{HealthStatus::degraded, "CRD is not established"};
}

std::optional<Health> disruption_budget_health(const doc::Value& object) {
    const auto& conditions = conditions_of(object);
    if (conditions.empty()) return Health{HealthStatus::progressing, "Waiting for status"};
    for (const auto& item : conditions.items()) {
        const auto condition = condition_of(item);
        if (condition.is_false() && condition.reason != "InsufficientPods")
            return Health{HealthStatus::degraded, fmt::format("{}: {}", condition.reason, condition.message)};
    }
    return Health{HealthStatus::healthy, "PodDisruptionBudget is healthy"};
}

}  // namespace gitops::deliver
