// Routes: how each traffic provider is told what share of the requests the canary gets.
//
// The live route object is the truth about the weights. Functions take the live objects of route_objects() and return the
// documents to write (see generated.hpp), none when nothing has to change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rollout/generated.hpp"
#include "core/rollout/state.hpp"

namespace gitops::rollout {

/// What a provider can do.
struct TrafficAbilities {
    bool has_weights = false;  ///< any share; else all or nothing
    bool has_route = false;    ///< an object beside the Services holds the weights
    bool can_match = false;    ///< A/B: by headers or cookies of a request
    bool can_mirror = false;
};

/// Names of the providers that are supported.
std::vector<std::string> traffic_providers();
/// Error(invalid) for a provider that nobody knows (with near names), for one that Flagger knows and we do not yet, and for bare
/// `gatewayapi`, which silently is Istio to Flagger and here only under Compat::flagger.
TrafficAbilities traffic_abilities(const CanarySpec& spec, Compat compat);

/// The objects to read before the functions below.
std::vector<kube::ObjectRef> route_objects(const CanarySpec& spec, Compat compat);

/// The route made, or repaired where something but the weights strays from the spec. The weights stay as they are; under
/// Compat::flagger a repair takes them back to 0. Error(invalid) for a spec that the provider cannot serve, Error(not_found) for
/// an object of the user's that has to be there.
std::vector<doc::Value> make_routes(const CanarySpec& spec, const std::vector<doc::Value>& live, const ObjectRules& rules);

/// The route with this split. Zeros are written out. Provider `replicas` changes the apex and the scale of both sides, and
/// only as far as pods that are ready allow: call it again, with what lives then, until is_in_force().
std::vector<doc::Value> set_weights(const CanarySpec& spec, const std::vector<doc::Value>& live, const Split& split,
                                    const ObjectRules& rules);

/// The split as it is routed; nullopt when the provider has no route or it is not made yet. Error(invalid) when the route that
/// lives leads to neither side, Error(unavailable) when its controller refused it.
std::optional<Split> read_weights(const CanarySpec& spec, const std::vector<doc::Value>& live, Compat compat);

/// Requests go as `split` says: the route says so, or, without one, the apex selects the right pods in the right numbers.
bool is_in_force(const CanarySpec& spec, const std::vector<doc::Value>& live, const Split& split, const ObjectRules& rules);

}  // namespace gitops::rollout
