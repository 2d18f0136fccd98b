// Traefik: a TraefikService named as the apex.
#include <array>

#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

std::vector<kube::ObjectRef> objects(const CanarySpec& spec, const TrafficProvider& provider) {
    return {apex_route(spec, provider, "TraefikService")};
}

Value service_of(const CanarySpec& spec, const std::string& name, int weight) {
    auto service = Value::map();
    service.set("name", name);
    service.set("namespace", spec.ns);
    service.set("port", spec.service.port);
    service.set("weight", weight);
    return service;
}

/// The canary stands in the list only while it has traffic: Traefik wants a Service that exists and has endpoints.
std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    const auto ref = apex_route(spec, input.provider, "TraefikService");
    const auto* live = input.find(ref);
    auto route = route_base(input, ref);
    put_route_metadata(route, input);
    auto services = Value::list({service_of(spec, spec.primary_service(), 100 - split.canary)});
    if (split.canary > 0) services.push_back(service_of(spec, spec.canary_service(), split.canary));
    const auto* now = live == nullptr || input.is_flagger() ? nullptr : live->path("spec", "weighted");
    auto weighted = now != nullptr && now->is_map() ? *now : Value::map();  // sticky is the user's
    weighted.set("services", std::move(services));
    auto body = Value::map();
    body.set("weighted", std::move(weighted));
    route.set("spec", std::move(body));
    return {std::move(route)};
}

std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* route = input.find(apex_route(spec, input.provider, "TraefikService"));
    const auto* services = route == nullptr ? nullptr : route->path("spec", "weighted", "services");
    if (services == nullptr) return std::nullopt;
    int primary = 0;
    int canary = 0;
    for (const auto& service : services->items()) {  // without a weight Traefik counts 1
        if (service.text_at("name") == spec.primary_service()) primary = weight_at(service, "weight", 1);
        if (service.text_at("name") == spec.canary_service()) canary = weight_at(service, "weight", 1);
    }
    return split_of(spec, primary, canary);
}

constexpr std::array k_rows{
    TrafficProvider{"traefik", "traefik.io/v1alpha1", {.has_weights = true, .has_route = true}, objects, build, read}};

}  // namespace

std::span<const TrafficProvider> traefik_providers() { return k_rows; }

}  // namespace gitops::rollout
