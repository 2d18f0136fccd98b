// Service Mesh Interface: one TrafficSplit named as the apex, for Linkerd, Open Service Mesh and others.
#include <array>

#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

std::vector<kube::ObjectRef> objects(const CanarySpec& spec, const TrafficProvider& provider) {
    return {apex_route(spec, provider, "TrafficSplit")};
}

/// In v1alpha1 a weight is a Quantity, which is a text.
Value backend(const TrafficProvider& provider, const std::string& service, int weight) {
    const bool is_quantity = provider.api_version.ends_with("v1alpha1");
    auto entry = Value::map();
    entry.set("service", service);
    entry.set("weight", is_quantity ? Value(std::to_string(weight)) : Value(weight));
    return entry;
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    const auto ref = apex_route(spec, input.provider, "TrafficSplit");
    const auto* live = input.find(ref);
    auto route = route_base(input, ref);
    const auto* now = live == nullptr ? nullptr : live->find("spec");
    auto body = now != nullptr && now->is_map() && !input.is_flagger() ? *now : Value::map();
    const auto* hosts = service_list(spec, "hosts");
    body.set("service", hosts != nullptr ? std::string(hosts->items().front().text()) : spec.apex());
    body.set("backends", Value::list({backend(input.provider, spec.canary_service(), split.canary),
                                      backend(input.provider, spec.primary_service(), 100 - split.canary)}));
    route.set("spec", std::move(body));
    return {std::move(route)};
}

int quantity_at(const Value& backend) {
    const auto* weight = backend.find("weight");
    if (weight == nullptr || !weight->is_string()) return weight_at(backend, "weight", 0);
    auto number = Value::map();
    number.set("weight", Value::number(Value::Kind::integer, weight->text()));
    return weight_at(number, "weight", 0);
}

std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* route = input.find(apex_route(spec, input.provider, "TrafficSplit"));
    const auto* backends = route == nullptr ? nullptr : route->path("spec", "backends");
    if (backends == nullptr) return std::nullopt;
    int primary = 0;
    int canary = 0;
    for (const auto& entry : backends->items()) {
        if (entry.text_at("service") == spec.primary_service()) primary = quantity_at(entry);
        if (entry.text_at("service") == spec.canary_service()) canary = quantity_at(entry);
    }
    return split_of(spec, primary, canary);
}

constexpr TrafficAbilities k_weights{.has_weights = true, .has_route = true};
constexpr std::array k_rows{
    TrafficProvider{"smi:v1alpha1", "split.smi-spec.io/v1alpha1", k_weights, objects, build, read},
    TrafficProvider{"smi:v1alpha2", "split.smi-spec.io/v1alpha2", k_weights, objects, build, read},
    TrafficProvider{"smi:v1alpha3", "split.smi-spec.io/v1alpha3", k_weights, objects, build, read},
    TrafficProvider{"linkerd", "split.smi-spec.io/v1alpha1", k_weights, objects, build, read},
    TrafficProvider{"osm", "split.smi-spec.io/v1alpha2", k_weights, objects, build, read},
};

}  // namespace

std::span<const TrafficProvider> smi_providers() { return k_rows; }

}  // namespace gitops::rollout
