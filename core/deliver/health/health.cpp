#include "core/deliver/health/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/deliver/health/health_clauses.hpp"
#include "core/deliver/health/health_rules.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

struct KindRule {
    std::string_view group, kind;
    std::string_view versions;  ///< blank-separated; "" for any. Older ones are Unknown, as in Argo CD.
    HealthRule rule;
};

constexpr std::array k_rules = {
    KindRule{"", "PersistentVolumeClaim", "v1", volume_claim_health},
    KindRule{"", "Pod", "v1", pod_health},
    KindRule{"", "Service", "v1", service_health},
    KindRule{"apiextensions.k8s.io", "CustomResourceDefinition", "", crd_health},
    KindRule{"apiregistration.k8s.io", "APIService", "v1 v1beta1", api_service_health},
    KindRule{"apps", "DaemonSet", "v1", daemon_set_health},
    KindRule{"apps", "Deployment", "v1", deployment_health},
    KindRule{"apps", "ReplicaSet", "v1", replica_set_health},
    KindRule{"apps", "StatefulSet", "v1", stateful_set_health},
    KindRule{"argoproj.io", "Workflow", "", workflow_health},
    KindRule{"autoscaling", "HorizontalPodAutoscaler", "v1 v2", autoscaler_health},
    KindRule{"batch", "CronJob", "", cron_job_health},
    KindRule{"batch", "Job", "v1", job_health},
    KindRule{"extensions", "Ingress", "", ingress_health},
    KindRule{"networking.k8s.io", "Ingress", "", ingress_health},
    KindRule{"policy", "PodDisruptionBudget", "", disruption_budget_health},
};

bool is_supported(std::string_view versions, std::string_view version) {
    if (versions.empty() || versions == version) return true;
    return versions.starts_with(fmt::format("{} ", version)) || versions.ends_with(fmt::format(" {}", version));
}

const KindRule* find_rule(std::string_view group, std::string_view kind) {
    return std::find_if(k_rules.begin(), k_rules.end(),
                        [&](const KindRule& candidate) { return candidate.kind == kind && candidate.group == group; });
}

bool is_malformed(const doc::Value& object, std::string_view part) {
    const auto* value = object.find(part);
    return value != nullptr && !value->is_map() && !value->is_null();
}

bool is_leaving(const doc::Value& object) {
    if (!kube::is_being_deleted(object)) return false;
    const auto* finalizers = object.path("metadata", "finalizers");
    if (finalizers == nullptr) return true;
    const auto items = finalizers->items();
    return std::none_of(items.begin(), items.end(),
                        [](const doc::Value& item) { return item.text() == "argocd.argoproj.io/hook-finalizer"; });
}

}  // namespace

std::string_view health_name(HealthStatus status) {
    switch (status) {
        case HealthStatus::healthy: return "Healthy";
        case HealthStatus::suspended: return "Suspended";
        case HealthStatus::progressing: return "Progressing";
        case HealthStatus::missing: return "Missing";
        case HealthStatus::degraded: return "Degraded";
        case HealthStatus::unknown: return "Unknown";
    }
    return "Unknown";
}

bool can_have_health(const kube::Gvk& gvk) {
    return find_rule(gvk.group, gvk.kind) != k_rules.end() || !kube::find_kind({gvk.group, "", gvk.kind});
}

std::optional<Health> health_of_leaving(const doc::Value& object) {
    if (!is_leaving(object)) return std::nullopt;
    return Health{HealthStatus::progressing, "Pending deletion"};
}

std::optional<Health> health_of(const doc::Value& live) {
    if (auto leaving = health_of_leaving(live)) return leaving;
    const auto api_version = live.text_at("apiVersion");
    const auto slash = api_version.find('/');
    const auto group = slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
    const auto kind = live.text_at("kind");
    const auto* rule = find_rule(group, kind);
    if (rule == k_rules.end()) return custom_health(live);
    if (!is_supported(rule->versions, kube::version_of(api_version)))
        return Health{HealthStatus::unknown, fmt::format("unsupported version of {}: {}", kind, api_version)};
    for (const auto part : {"spec", "status"})
        if (is_malformed(live, part))
            return Health{HealthStatus::unknown, fmt::format("{} is a {}, not a map", part, doc::kind_name(live.find(part)->kind()))};
    return rule->rule(live);
}

}  // namespace gitops::deliver
