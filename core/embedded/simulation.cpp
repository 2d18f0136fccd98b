#include "core/embedded/simulation.hpp"

#include <algorithm>
#include <array>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"
#include "core/doc/json.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// One look settles at most so much; the next one goes on. A day of a busy CronJob is far below.
constexpr int k_most_steps = 200'000;

using Controller = void (*)(World&, Row&);

struct Entry {
    std::string_view group;
    std::string_view kind;
    Controller controller;
};

constexpr std::array k_controllers{
    Entry{"", "Pod", simulate_pod},
    Entry{"apps", "ReplicaSet", simulate_replica_set},
    Entry{"apps", "Deployment", simulate_deployment},
    Entry{"apps", "StatefulSet", simulate_stateful_set},
    Entry{"apps", "DaemonSet", simulate_daemon_set},
    Entry{"batch", "Job", simulate_job},
    Entry{"batch", "CronJob", simulate_cron_job},
    Entry{"", "Namespace", simulate_namespace},
    Entry{"", "PersistentVolumeClaim", simulate_claim},
    Entry{"", "Service", simulate_service},
    Entry{"networking.k8s.io", "Ingress", simulate_ingress},
    Entry{"autoscaling", "HorizontalPodAutoscaler", simulate_autoscaler},
    Entry{"policy", "PodDisruptionBudget", simulate_disruption_budget},
    Entry{"apiextensions.k8s.io", "CustomResourceDefinition", simulate_definition},
    Entry{"apiregistration.k8s.io", "APIService", simulate_api_service},
};

void settle(World& world, Row& row) {
    if (!collect(world, row)) return;
    bool leaving = kube::is_being_deleted(row.object);
    for (const Entry& entry : k_controllers) {
        if (entry.kind != row.key.kind || entry.group != row.key.group) continue;
        if (!leaving || entry.controller == simulate_namespace) entry.controller(world, row);
        return;
    }
}

}  // namespace

void advance(const World& start) {
    for (int step = 0; step < k_most_steps; ++step) {
        auto due = start.timers.take(start.now);
        if (!due) return;
        World world = start;
        world.at = due->due;
        auto row = world.store.find(due->object);
        if (!row) continue;
        try {
            settle(world, *row);
        } catch (base::Error& error) {
            // An object no controller can work with must not stop the others; anything else is the file's trouble.
            if (error.code() != base::Code::invalid && error.code() != base::Code::internal) throw;
            warn(world, *row, "FailedSync", error.message(), "simulation");
        }
    }
}

bool set_status(World& world, Row& row, Value status) {
    const Value* old = row.object.find("status");
    if (old != nullptr ? *old == status : status.is_null()) return false;
    row.object.set("status", std::move(status));
    world.store.update(row);
    return true;
}

void wake_controller(World& world, const Row& row) {
    std::string_view uid = controller_uid(row.object);
    if (uid.empty()) return;
    if (auto owner = world.store.find_uid(uid)) world.timers.wake(*owner, world.at);
}

void wake_observers(World& world, std::string_view ns) {
    for (const Row& row : world.store.list("policy", "PodDisruptionBudget", std::string(ns)))
        world.timers.wake(row, world.at);
    for (const Row& row : world.store.list("autoscaling", "HorizontalPodAutoscaler", std::string(ns)))
        world.timers.wake(row, world.at);
}

void tell(World& world, const Row& about, std::string_view reason, std::string message, std::string_view component) {
    world.recorder.record(about, {"Normal", std::string(reason), std::move(message), std::string(component), world.at,
                                  world.at, 1});
}

void warn(World& world, const Row& about, std::string_view reason, std::string message, std::string_view component) {
    world.recorder.record(about, {"Warning", std::string(reason), std::move(message), std::string(component), world.at,
                                  world.at, 1});
}

std::string template_hash(const Value& pod_template) {
    return short_hash(doc::write_json(pod_template, doc::JsonLayout::compact, doc::JsonKeys::sorted), 10);
}

}  // namespace gitops::embedded
