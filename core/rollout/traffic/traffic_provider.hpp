// The table of providers: each file traffic_<family>.cpp fills one or more rows.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/rollout/traffic/traffic.hpp"

namespace gitops::rollout {

struct TrafficProvider;

/// What a provider works on.
struct RouteInput {
    const CanarySpec& spec;
    const std::vector<doc::Value>& live;
    const ObjectRules& rules;
    const TrafficProvider& provider;

    const doc::Value* find(const kube::ObjectRef& ref) const { return find_live(live, ref); }
    bool is_flagger() const { return rules.compat == Compat::flagger; }
};

struct TrafficProvider {
    std::string_view name;
    std::string_view api_version;  ///< of its route
    TrafficAbilities abilities;
    std::vector<kube::ObjectRef> (*objects)(const CanarySpec& spec, const TrafficProvider& provider);
    /// Whole documents for a split, whether they differ from the live ones or not.
    std::vector<doc::Value> (*build)(const RouteInput& input, const Split& split);
    /// The split of the live route; nullopt when there is none to read in it.
    std::optional<Split> (*read)(const RouteInput& input);
    /// Throws when the live route is not in force; may be nullptr.
    void (*check)(const RouteInput& input) = nullptr;
    /// Whether all that build() aims at has come about, for a provider that gets there in steps; may be nullptr.
    bool (*has_arrived)(const RouteInput& input, const Split& split) = nullptr;
};

// The rows.
std::span<const TrafficProvider> service_providers();   ///< kubernetes, replicas
std::span<const TrafficProvider> istio_providers();
std::span<const TrafficProvider> gateway_providers();   ///< gatewayapi:v1, gatewayapi:v1beta1
std::span<const TrafficProvider> smi_providers();       ///< smi:v1alpha1..3, linkerd, osm
std::span<const TrafficProvider> nginx_providers();
std::span<const TrafficProvider> skipper_providers();
std::span<const TrafficProvider> traefik_providers();
std::span<const TrafficProvider> contour_providers();

// What several of them need.

/// `kind` of the provider's group and version, named as the apex.
kube::ObjectRef apex_route(const CanarySpec& spec, const TrafficProvider& provider, std::string_view kind);
/// The live object at `ref`, or a new one.
doc::Value route_base(const RouteInput& input, const kube::ObjectRef& ref);
/// Labels and annotations of spec.service.apex, and those against Flux.
void put_route_metadata(doc::Value& route, const RouteInput& input);
/// The list at spec.service.`field`, or nullptr when it is absent, empty or no list.
const doc::Value* service_list(const CanarySpec& spec, std::string_view field);
/// spec.analysis.match has conditions.
bool has_match(const CanarySpec& spec);
/// How many pairs of conditions there are; Error(invalid) when they are absurdly many.
std::size_t match_product(std::size_t analysis, std::size_t service);
/// An integer at `key`, clamped to 0..1,000,000; `otherwise` when there is none.
int weight_at(const doc::Value& map, std::string_view key, int otherwise);
/// The split of two weights, of whatever sum; nullopt when both are zero.
std::optional<Split> split_of(const CanarySpec& spec, int primary, int canary);

}  // namespace gitops::rollout
