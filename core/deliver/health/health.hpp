// Health of one object, as Argo CD judges it (gitops-engine/pkg/health and its bundled scripts).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {

/// Best to worst, in Argo CD's order.
enum class HealthStatus { healthy, suspended, progressing, missing, degraded, unknown };
std::string_view health_name(HealthStatus status);  ///< "Healthy", ...

struct Health {
    HealthStatus status = HealthStatus::healthy;
    std::string message;
};

/// By the built-in rules. nullopt for kinds that have no health (ConfigMap, Secret, RBAC, ...), and for custom resources
/// of kinds nobody made a rule for and nobody has written a status for. HealthBook adds users' own scripts.
std::optional<Health> health_of(const doc::Value& live);
/// False for the built-in kinds that never have health: nothing to read or wait for.
bool can_have_health(const kube::Gvk& gvk);

/// An object of an application, for the sum: `health` empty where the kind has none.
struct HealthPart {
    std::string key;  ///< "apps/Deployment prod/web"
    std::optional<Health> health;
    bool live = true;
    bool counts = true;  ///< false for hooks and ignore-healthcheck
};
/// The worst of the live parts with the names and messages of at most three culprits; Missing when nothing is live.
Health aggregate(const std::vector<HealthPart>& parts);

}  // namespace gitops::deliver
