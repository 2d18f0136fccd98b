#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {
namespace {

constexpr auto k_progressing = HealthStatus::progressing;

Health spec_not_observed(std::string_view what) {
    return {k_progressing, fmt::format("Waiting for the controller to observe the new {} spec", what)};
}

}  // namespace

std::optional<Health> deployment_health(const doc::Value& object) {
    if (flag_at(object, "spec.paused")) return Health{HealthStatus::suspended, "Deployment is paused"};
    if (generation_behind(object)) return spec_not_observed("deployment");
    const auto progress = find_condition(object, "Progressing");
    if (progress && progress->reason == "ProgressDeadlineExceeded") {
        auto message = fmt::format("Deployment \"{}\" exceeded its progress deadline", text_at(object, "metadata.name"));
        if (!progress->message.empty()) message += fmt::format(": {}", progress->message);
        return Health{HealthStatus::degraded, std::move(message)};
    }
    const auto wanted = number_at(object, "spec.replicas");
    const auto updated = count_at(object, "status.updatedReplicas");
    const auto existing = count_at(object, "status.replicas");
    const auto available = count_at(object, "status.availableReplicas");
    if (wanted && updated < *wanted)
        return Health{k_progressing, fmt::format("Waiting for rollout: {} of {} new replicas are updated", updated, *wanted)};
    if (existing > updated)
        return Health{k_progressing,
                      fmt::format("Waiting for rollout: {} {} still to be terminated",
                                  base::count_of(static_cast<std::size_t>(existing - updated), "old replica"),
                                  existing - updated == 1 ? "is" : "are")};
    if (available < updated)
        return Health{k_progressing,
                      fmt::format("Waiting for rollout: {} of {} updated replicas are available", available, updated)};
    return Health{};
}

std::optional<Health> stateful_set_health(const doc::Value& object) {
    if (count_at(object, "status.observedGeneration") == 0 || generation_behind(object))
        return spec_not_observed("stateful set");
    const auto wanted = number_at(object, "spec.replicas");
    const auto ready = count_at(object, "status.readyReplicas");
    const auto updated = count_at(object, "status.updatedReplicas");
    if (wanted && ready < *wanted)
        return Health{k_progressing, fmt::format("Waiting for pods: {} of {} are ready", ready, *wanted)};
    const auto strategy = text_at(object, "spec.updateStrategy.type");
    const auto* rolling = at_path(object, "spec.updateStrategy.rollingUpdate");
    if (strategy == "RollingUpdate" && rolling != nullptr && rolling->is_map()) {
        const auto partition = number_at(*rolling, "partition");
        if (wanted && partition && updated < *wanted - *partition)
            return Health{k_progressing, fmt::format("Waiting for partitioned rollout: {} of {} new pods are updated",
                                                     updated, *wanted - *partition)};
        return Health{HealthStatus::healthy, fmt::format("Partitioned rollout complete: {} new pods are updated", updated)};
    }
    if (strategy == "OnDelete") return Health{HealthStatus::healthy, fmt::format("{} of the pods are ready", ready)};
    const auto update = text_at(object, "status.updateRevision");
    if (update != text_at(object, "status.currentRevision"))
        return Health{k_progressing, fmt::format("Waiting for rolling update: {} pods are at revision {}", updated, update)};
    return Health{};
}

std::optional<Health> daemon_set_health(const doc::Value& object) {
    if (generation_behind(object)) return spec_not_observed("daemon set");
    const auto wanted = count_at(object, "status.desiredNumberScheduled");
    const auto updated = count_at(object, "status.updatedNumberScheduled");
    const auto available = count_at(object, "status.numberAvailable");
    if (text_at(object, "spec.updateStrategy.type") == "OnDelete")
        return Health{HealthStatus::healthy, fmt::format("{} of {} pods are updated", updated, wanted)};
    if (updated < wanted)
        return Health{k_progressing, fmt::format("Waiting for rollout: {} of {} new pods are updated", updated, wanted)};
    if (available < wanted)
        return Health{k_progressing, fmt::format("Waiting for rollout: {} of {} updated pods are available", available, wanted)};
    return Health{};
}

std::optional<Health> replica_set_health(const doc::Value& object) {
    if (generation_behind(object)) return spec_not_observed("replica set");
    const auto failure = find_condition(object, "ReplicaFailure");
    if (failure && failure->is_true()) return Health{HealthStatus::degraded, std::string(failure->message)};
    const auto wanted = number_at(object, "spec.replicas");
    const auto available = count_at(object, "status.availableReplicas");
    if (wanted && available < *wanted)
        return Health{k_progressing, fmt::format("Waiting for pods: {} of {} are available", available, *wanted)};
    return Health{};
}

}  // namespace gitops::deliver
