// Kinds that watch the Pods of others: autoscalers and disruption budgets.
#include <algorithm>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/requests.hpp"
#include "core/embedded/simulation.hpp"
#include "core/kube/selector.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_autoscaler = "horizontal-pod-autoscaler";

struct Coverage {
    std::int64_t expected = 0;
    std::int64_t healthy = 0;
};

/// Pods the budget selects, and what their controllers mean to have.
Coverage read_coverage(World& world, const Row& row) {
    kube::Selector selector = kube::Selector::from_value(copy_or_null(row.object.path("spec", "selector")));
    Coverage coverage;
    for (const Row& pod : world.store.list("", "Pod", row.key.ns)) {
        if (!selector.matches(copy_or_null(pod.object.path("metadata", "labels"))) || is_over(phase_of(pod.object)))
            continue;
        ++coverage.expected;
        coverage.healthy += is_ready(pod.object) ? 1 : 0;
    }
    return coverage;
}

std::optional<Row> scale_target(World& world, const Row& row) {
    const Value* target = row.object.path("spec", "scaleTargetRef");
    if (target == nullptr) return std::nullopt;
    return world.store.find({kube::group_of(target->text_at("apiVersion")), std::string(target->text_at("kind")),
                             row.key.ns, std::string(target->text_at("name"))});
}

}  // namespace

/// There is no load to measure: the autoscaler only keeps the target between minReplicas and maxReplicas.
void simulate_autoscaler(World& world, Row& row) {
    Value status = copy_or_null(row.object.find("status"));
    auto target = scale_target(world, row);
    const Value* replicas = target ? target->object.path("spec", "replicas") : nullptr;
    if (replicas == nullptr) {
        set_condition(status, {"AbleToScale", "False", "FailedGetScale", "there is no such scale target"}, world.at);
        status.set("desiredReplicas", 0);
        set_status(world, row, std::move(status));
        return;
    }
    std::int64_t current = int_or(replicas, 1);
    std::int64_t low = std::max<std::int64_t>(0, int_or(row.object.path("spec", "minReplicas"), 1));
    std::int64_t high = std::max(low, int_or(row.object.path("spec", "maxReplicas"), low));
    std::int64_t desired = current == 0 ? 0 : std::clamp(current, low, high);  // 0 switches the autoscaler off
    set_condition(status, {"AbleToScale", "True", "ReadyForNewScale", "the target can be scaled"}, world.at);
    set_condition(status,
                  {"ScalingActive", current == 0 ? "False" : "True", current == 0 ? "ScalingDisabled" : "ValidMetricFound",
                   current == 0 ? "the target has 0 replicas" : "the load is simulated as steady"},
                  world.at);
    set_condition(status,
                  {"ScalingLimited", desired == current ? "False" : "True",
                   desired == current ? "DesiredWithinRange" : desired > current ? "TooFewReplicas" : "TooManyReplicas",
                   "the target may have " + std::to_string(low) + " to " + std::to_string(high) + " replicas"},
                  world.at);
    status.set("currentReplicas", int_or(target->object.path("status", "replicas"), 0));
    status.set("desiredReplicas", desired);
    if (desired != current) {
        status.set("lastScaleTime", base::to_rfc3339(world.at));
        Value scaled = target->object;
        scaled.at("spec").set("replicas", desired);
        change_as_controller(world, *target, std::move(scaled), k_autoscaler);
        tell(world, row, "SuccessfulRescale", "scaled " + target->key.text() + " to " + std::to_string(desired), k_autoscaler);
    }
    set_status(world, row, std::move(status));
}

void simulate_disruption_budget(World& world, Row& row) {
    Coverage coverage = read_coverage(world, row);
    const Value* least = row.object.path("spec", "minAvailable");
    const Value* most = row.object.path("spec", "maxUnavailable");
    std::int64_t desired = least != nullptr ? scaled_count(least, coverage.expected, 1, Rounding::up)
                           : most != nullptr ? coverage.expected - scaled_count(most, coverage.expected, 0, Rounding::up)
                                             : 0;
    desired = std::max<std::int64_t>(0, desired);
    std::int64_t allowed = std::max<std::int64_t>(0, coverage.healthy - desired);
    Value status = copy_or_null(row.object.find("status"));
    status.set("currentHealthy", coverage.healthy);
    status.set("desiredHealthy", desired);
    status.set("disruptionsAllowed", allowed);
    status.set("expectedPods", coverage.expected);
    status.set("observedGeneration", int_or(row.object.path("metadata", "generation"), 1));
    set_condition(status,
                  {"DisruptionAllowed", allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods",
                   std::to_string(coverage.healthy) + " of " + std::to_string(desired) + " needed Pods are healthy"},
                  world.at);
    set_status(world, row, std::move(status));
}

}  // namespace gitops::embedded
