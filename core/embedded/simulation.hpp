// The simulation: controllers that do on the embedded cluster what Kubernetes' own do, one function per kind.
//
// Overview: advance() takes one due timer after the other and calls the controller of that object at the instant the
// timer was set for, so the outcome depends on what was applied and on the clock, not on when somebody looked. A
// controller reads its object and its children, writes what has to change, and sets the next timer. All of it
// happens inside the transaction of the request that looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/embedded/lifecycle.hpp"

namespace gitops::embedded {

/// Lets everything happen that is due at or before world.now; world.at is ignored.
void advance(const World& world);

// Controllers.
void simulate_pod(World& world, Row& row);
void simulate_replica_set(World& world, Row& row);
void simulate_deployment(World& world, Row& row);
void simulate_stateful_set(World& world, Row& row);
void simulate_daemon_set(World& world, Row& row);
void simulate_job(World& world, Row& row);
void simulate_cron_job(World& world, Row& row);
void simulate_namespace(World& world, Row& row);
void simulate_claim(World& world, Row& row);
void simulate_service(World& world, Row& row);
void simulate_ingress(World& world, Row& row);
void simulate_autoscaler(World& world, Row& row);
void simulate_disruption_budget(World& world, Row& row);
void simulate_definition(World& world, Row& row);
void simulate_api_service(World& world, Row& row);

// What they share.

/// Stores `status` when it differs; true then.
bool set_status(World& world, Row& row, doc::Value status);
/// Wakes the controller that owns the object, and what watches the Pods of its namespace.
void wake_controller(World& world, const Row& row);
void wake_observers(World& world, std::string_view ns);
void tell(World& world, const Row& about, std::string_view reason, std::string message, std::string_view component);
void warn(World& world, const Row& about, std::string_view reason, std::string message, std::string_view component);

/// Ten letters that depend on the Pod template alone: pod-template-hash, controller-revision-hash.
std::string template_hash(const doc::Value& pod_template);

/// The Pods a controller has, and how far they are.
struct PodCount {
    std::vector<Row> pods;                ///< not over, not being deleted
    std::int64_t ready = 0;
    std::int64_t available = 0;           ///< ready for minReadySeconds
    std::optional<base::Time> next;       ///< when the next one becomes available by waiting
};
PodCount count_pods(World& world, const Row& owner);
/// Creates a Pod of `pod_template` under `owner` with more labels.
struct NewPod {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    doc::Value overrides;  ///< merged into spec: volumes, hostname
};
Row create_pod(World& world, const Row& owner, const doc::Value& pod_template, const NewPod& pod);
void delete_pod(World& world, const Row& pod);

/// Brings the number of Pods of a ReplicaSet to spec.replicas and writes its status, without waking its owner.
PodCount sync_replica_set(World& world, Row& row);

}  // namespace gitops::embedded
