#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "core/base/error.hpp"
#include "core/deliver/health/health_rules.hpp"
#include "core/doc/json.hpp"

namespace gitops::deliver {
namespace {

constexpr std::string_view k_v1_conditions = "autoscaling.alpha.kubernetes.io/conditions";

constexpr std::array<std::string_view, 2> k_no_scale = {"FailedGetScale", "FailedUpdateScale"};
constexpr std::array<std::string_view, 6> k_no_metric = {
    "FailedGetResourceMetric", "FailedGetObjectMetric",        "FailedGetPodsMetric",
    "FailedGetExternalMetric", "FailedComputeMetricsReplicas", "InvalidSelector",
};

/// A reason counts only with the condition it belongs to.
bool is_bad(const Condition& condition) {
    const auto has_reason_of = [&](std::span<const std::string_view> reasons) {
        return std::find(reasons.begin(), reasons.end(), condition.reason) != reasons.end();
    };
    return (condition.type == "AbleToScale" && has_reason_of(k_no_scale)) ||
           (condition.type == "ScalingActive" && has_reason_of(k_no_metric));
}

bool is_good(const Condition& condition) {
    return condition.is_true() && (condition.type == "AbleToScale" || condition.type == "ScalingLimited");
}

Health judge(const doc::Value& conditions) {
    std::optional<Condition> good;
    for (const auto& item : conditions.items()) {
        const auto condition = condition_of(item);
        if (is_bad(condition)) return {HealthStatus::degraded, std::string(condition.message)};
        if (!good && is_good(condition)) good = condition;
    }
    if (good) return {HealthStatus::healthy, std::string(good->message)};
    return {HealthStatus::progressing, "Waiting for the autoscaler to report"};
}

}  // namespace

// autoscaling/v1 has no conditions in its status; the API server keeps them as JSON in an annotation.
std::optional<Health> autoscaler_health(const doc::Value& object) {
    if (object.text_at("apiVersion") != "autoscaling/v1") return judge(conditions_of(object));
    const auto* annotations = at_path(object, "metadata.annotations");
    const auto* told = annotations == nullptr ? nullptr : annotations->find(k_v1_conditions);
    if (told == nullptr) return judge(doc::Value::list());
    try {
        const auto conditions = doc::read_json(told->text());
        if (conditions.is_list() || conditions.is_null()) return judge(conditions);
        return Health{HealthStatus::unknown, fmt::format("annotation {} is no list", k_v1_conditions)};
    } catch (const base::Error& error) {
        return Health{HealthStatus::unknown, fmt::format("annotation {} is no JSON: {}", k_v1_conditions, error.message())};
    }
}

}  // namespace gitops::deliver
