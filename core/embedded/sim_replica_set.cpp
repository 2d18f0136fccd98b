// ReplicaSets: as many Pods as spec.replicas says.
#include <algorithm>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/simulation.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// A workload that wants more stays short: the embedded cluster has one small node.
constexpr std::int64_t k_most_pods = 1000;
constexpr std::string_view k_component = "replicaset-controller";

void grow(World& world, const Row& row, std::int64_t missing, PodCount& count) {
    const Value* pod_template = row.object.path("spec", "template");
    if (pod_template == nullptr) return;
    for (std::int64_t i = 0; i < missing; ++i) {
        std::string suffix = short_hash(row.key.name + std::to_string(world.store.version()), 5);
        count.pods.push_back(create_pod(world, row, *pod_template, {row.key.name + "-" + suffix, {}, {}}));
    }
}

/// What does not work goes first, then the youngest.
void shrink(World& world, std::int64_t surplus, PodCount& count) {
    auto less_wanted = [](const Row& one, const Row& other) {
        bool one_ready = is_ready(one.object), other_ready = is_ready(other.object);
        if (one_ready != other_ready) return !one_ready;
        return one.id > other.id;
    };
    std::ranges::sort(count.pods, less_wanted);
    for (std::int64_t i = 0; i < surplus; ++i) delete_pod(world, count.pods[static_cast<std::size_t>(i)]);
}

Value status_of(const Row& row, const PodCount& count, base::Time at) {
    Value status = map_of({{"replicas", static_cast<std::int64_t>(count.pods.size())}});
    set_count(status, "fullyLabeledReplicas", static_cast<std::int64_t>(count.pods.size()));
    set_count(status, "readyReplicas", count.ready);
    set_count(status, "availableReplicas", count.available);
    status.set("observedGeneration", int_or(row.object.path("metadata", "generation"), 1));
    if (int_or(row.object.path("spec", "replicas"), 1) > k_most_pods)
        set_condition(status, {"ReplicaFailure", "True", "FailedCreate",
                               "the embedded cluster runs at most " + std::to_string(k_most_pods) + " Pods of one workload"},
                      at);
    return status;
}

}  // namespace

PodCount sync_replica_set(World& world, Row& row) {
    PodCount count = count_pods(world, row);
    std::int64_t wanted = std::clamp<std::int64_t>(int_or(row.object.path("spec", "replicas"), 1), 0, k_most_pods);
    std::int64_t have = static_cast<std::int64_t>(count.pods.size());
    if (have < wanted) {
        grow(world, row, wanted - have, count);
        tell(world, row, "SuccessfulCreate", "created Pods up to " + std::to_string(wanted), k_component);
    } else if (have > wanted) {
        shrink(world, have - wanted, count);
        count = count_pods(world, row);
        tell(world, row, "SuccessfulDelete", "deleted Pods down to " + std::to_string(wanted), k_component);
    }
    if (count.next) world.timers.wake(row, *count.next);
    set_status(world, row, status_of(row, count, world.at));
    return count;
}

void simulate_replica_set(World& world, Row& row) {
    sync_replica_set(world, row);
    wake_controller(world, row);
    if (controller_uid(row.object).empty()) wake_observers(world, row.key.ns);
}

}  // namespace gitops::embedded
