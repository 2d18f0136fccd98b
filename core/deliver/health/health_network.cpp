#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {
namespace {

bool has_address(const doc::Value& object) {
    const auto* ingress = at_path(object, "status.loadBalancer.ingress");
    return ingress != nullptr && !ingress->empty();
}

}  // namespace

std::optional<Health> service_health(const doc::Value& object) {
    if (text_at(object, "spec.type") == "LoadBalancer" && !has_address(object))
        return Health{HealthStatus::progressing, "Waiting for the load balancer to get an address"};
    return Health{};
}

std::optional<Health> ingress_health(const doc::Value& object) {
    if (has_address(object)) return Health{};
    return Health{HealthStatus::progressing, "Waiting for the ingress controller to give it an address"};
}

}  // namespace gitops::deliver
