#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/error.hpp"
#include "core/deliver/health_rules.hpp"
#include "core/doc/json.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

constexpr std::string_view k_v1_conditions = "autoscaling.alpha.kubernetes.io/conditions";

constexpr std::array<std::string_view, 8> k_bad_reasons = {
    "FailedGetScale",         "FailedUpdateScale",          "FailedGetResourceMetric",
    "FailedGetObjectMetric",  "FailedGetPodsMetric",        "FailedGetExternalMetric",
    "FailedComputeMetricsReplicas", "InvalidSelector",
};

bool is_bad(const Condition& condition) {
    return std::find(k_bad_reasons.begin(), k_bad_reasons.end(), condition.reason) != k_bad_reasons.end();
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
    const auto text = kube::annotation_of(object, k_v1_conditions);
    if (text.empty()) return judge(doc::Value::list());
    try {
        return judge(doc::read_json(text));
    } catch (const base::Error& error) {
        return Health{HealthStatus::unknown, fmt::format("annotation {} is no JSON: {}", k_v1_conditions, error.message())};
    }
}

}  // namespace gitops::deliver
