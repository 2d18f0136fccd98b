// The tables of rules for custom resources, one per family of operators. A row says what Argo CD says of that kind.
#pragma once

#include <span>
#include <string_view>

#include "core/deliver/health/health_clauses.hpp"
#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {

struct CustomRule {
    std::string_view group;             ///< "*.x.io": every group that ends in ".x.io"
    std::string_view kinds;             ///< blank-separated; "*": every kind of the group
    std::span<const Clause> clauses;    ///< the rule, or
    HealthRule rule = nullptr;          ///< what clauses cannot say
};

inline constexpr auto k_healthy = HealthStatus::healthy, k_degraded = HealthStatus::degraded,
                      k_waiting = HealthStatus::progressing, k_suspended = HealthStatus::suspended,
                      k_missing = HealthStatus::missing, k_unknown = HealthStatus::unknown;

/// Ready and nothing else.
inline constexpr Clause k_ready[] = {
    {"@Ready=False", k_degraded},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};

/// Ready, once the controller has looked at the object as it is now.
inline constexpr Clause k_ready_current[] = {
    {"stale", k_waiting},
    {"@Ready=False", k_degraded},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};

std::span<const CustomRule> argo_rules();           ///< Rollouts, Workflows, Events, ApplicationSet, Numaflow, Promoter
std::span<const CustomRule> delivery_rules();       ///< Flux, Flagger, Knative, KServe, KEDA, functions, CI
std::span<const CustomRule> secret_rules();         ///< certificates, external and sealed secrets
std::span<const CustomRule> gateway_rules();        ///< Gateway API, Contour, Gloo, Istio, routes
std::span<const CustomRule> data_rules();           ///< databases, search, object stores
std::span<const CustomRule> stream_rules();         ///< Kafka, RabbitMQ, Spark, Flink, Humio
std::span<const CustomRule> cluster_rules();        ///< Cluster API, Karpenter, KubeVirt, Karmada, OpenShift, policies
std::span<const CustomRule> hosting_rules();        ///< HyperShift, Capsule, Open Data Hub
std::span<const CustomRule> workload_rules();       ///< Kruise, SpinApp, GameServer and other ways to run pods
std::span<const CustomRule> storage_rules();        ///< snapshots, Ceph, NetApp
std::span<const CustomRule> cloud_rules();          ///< Crossplane, ACK, Config Connector, 3scale, SAP
std::span<const CustomRule> observability_rules();  ///< Prometheus, Grafana, Keptn, ...

}  // namespace gitops::deliver
