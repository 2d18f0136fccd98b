// What brings requests in: Gateway API, Contour, Gloo, Airlock, Istio's control plane, OpenShift's routes.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

using doc::Value;

std::span<const Value> list_at(const Value& from, std::string_view path) {
    const auto* found = at_path(from, path);
    return found == nullptr ? std::span<const Value>{} : found->items();
}

std::optional<Condition> condition_in(std::span<const Value> conditions, std::string_view type) {
    for (const auto& item : conditions)
        if (item.text_at("type") == type) return condition_of(item);
    return std::nullopt;
}

std::string words(std::string_view prefix, const Condition& condition) {
    const auto text = condition.message.empty() ? condition.reason : condition.message;
    return fmt::format("{}{} is {}{}{}", prefix, condition.type, condition.status, text.empty() ? "" : ": ", text);
}

constexpr std::string_view k_refusals[] = {"ResolvedRefs", "Accepted"};

/// Of a gateway, a listener, or a route at one parent: what is refused or not yet programmed; nullopt when nothing is.
std::optional<Health> flaw_of(std::span<const Value> conditions, std::string_view prefix,
                              std::span<const std::string_view> refusals = k_refusals) {
    for (const auto type : refusals)
        for (const auto& item : conditions)
            if (const auto found = condition_of(item); found.type == type && found.is_false())
                return Health{k_degraded, words(prefix, found)};
    for (const auto& item : conditions)
        if (const auto found = condition_of(item); found.type == "Programmed" && !found.is_true())
            return Health{k_waiting, words(prefix, found)};
    return std::nullopt;
}

Health waiting(std::string_view why) { return {k_waiting, std::string(why)}; }

bool has_stale_condition(const Value& object, std::span<const Value> conditions) {
    const auto generation = number_at(object, "metadata.generation");
    return generation && std::any_of(conditions.begin(), conditions.end(), [&](const Value& item) {
               const auto observed = number_at(item, "observedGeneration");
               return observed && *observed != *generation;
           });
}

std::optional<Health> gateway_health(const Value& object) {
    const auto conditions = conditions_of(object).items();
    if (auto flaw = flaw_of(conditions, "")) return flaw;
    const auto listeners = list_at(object, "status.listeners");
    for (const auto& listener : listeners)
        if (auto flaw = flaw_of(list_at(listener, "conditions"), fmt::format("listener {}: ", listener.text_at("name"))))
            return flaw;
    if (at_path(object, "status.conditions") == nullptr && listeners.empty())
        return waiting("waiting for a controller to write a status");
    return Health{k_healthy, ""};
}

std::optional<Health> listener_set_health(const Value& object) {
    const auto conditions = conditions_of(object).items();
    if (has_stale_condition(object, conditions)) return waiting("the conditions are of an older generation");
    if (auto flaw = flaw_of(conditions, "", std::span(k_refusals).last(1))) return flaw;
    const auto listeners = list_at(object, "status.listeners");
    for (const auto& listener : listeners) {
        const auto prefix = fmt::format("listener {}: ", listener.text_at("name"));
        const auto of_listener = list_at(listener, "conditions");
        if (const auto conflicted = condition_in(of_listener, "Conflicted"); conflicted && conflicted->is_true())
            return Health{k_degraded, words(prefix, *conflicted)};
        if (auto flaw = flaw_of(of_listener, prefix)) return flaw;
    }
    return listeners.empty() ? waiting("waiting for a controller to write a status") : Health{k_healthy, ""};
}

/// Of each gateway the route is attached to: one that refuses it is enough to be Degraded.
std::optional<Health> route_health(const Value& object) {
    bool judged = false;
    for (const auto& parent : list_at(object, "status.parents")) {
        const auto conditions = list_at(parent, "conditions");
        if (conditions.empty() || has_stale_condition(object, conditions)) continue;
        if (auto flaw = flaw_of(conditions, fmt::format("parent {}: ", text_at(parent, "parentRef.name")))) return flaw;
        judged = true;
    }
    return judged ? Health{k_healthy, ""} : waiting("no gateway has looked at the latest change yet");
}

/// As above, and stricter: without Accepted and ResolvedRefs nothing is healthy, and a refusal anywhere comes first.
std::optional<Health> tls_route_health(const Value& object) {
    std::optional<Health> unfinished;
    bool accepted = false;
    for (const auto& parent : list_at(object, "status.parents")) {
        const auto conditions = list_at(parent, "conditions");
        if (conditions.empty() || has_stale_condition(object, conditions)) continue;
        auto flaw = flaw_of(conditions, fmt::format("parent {}: ", text_at(parent, "parentRef.name")));
        if (flaw && flaw->status == k_degraded) return flaw;
        if (flaw && !unfinished) unfinished = std::move(flaw);
        const auto taken = condition_in(conditions, "Accepted"), resolved = condition_in(conditions, "ResolvedRefs");
        if (!flaw && taken && taken->is_true() && resolved && resolved->is_true()) accepted = true;
    }
    if (unfinished) return unfinished;
    return accepted ? Health{k_healthy, ""} : waiting("no gateway has looked at the latest change yet");
}

/// An entry of a controller that says only that the target is none of its own, when another one has taken the policy:
/// every controller of a cluster looks at every policy.
bool is_not_responsible(const Value& ancestor, std::span<const Value> ancestors) {
    const auto refused = condition_in(list_at(ancestor, "conditions"), "Accepted");
    if (!refused || refused->is_true() || refused->reason != "TargetNotFound") return false;
    return std::any_of(ancestors.begin(), ancestors.end(), [&](const Value& other) {
        const auto accepted = condition_in(list_at(other, "conditions"), "Accepted");
        return accepted && accepted->is_true() && other.text_at("controllerName") != ancestor.text_at("controllerName");
    });
}

std::optional<Health> flaw_at_ancestor(const Value& ancestor) {
    const auto prefix = fmt::format("ancestor {}: ", text_at(ancestor, "ancestorRef.name"));
    for (const auto& item : list_at(ancestor, "conditions"))
        if (const auto found = condition_of(item); (found.type == "Accepted" || found.type == "ResolvedRefs") && !found.is_true())
            return Health{k_degraded, words(prefix, found)};
    return std::nullopt;
}

std::optional<Health> backend_tls_health(const Value& object) {
    const auto ancestors = list_at(object, "status.ancestors");
    for (const auto& ancestor : ancestors)
        if (has_stale_condition(object, list_at(ancestor, "conditions")))
            return waiting("the conditions are of an older generation");
    bool accepted = false;
    for (const auto& ancestor : ancestors) {
        if (is_not_responsible(ancestor, ancestors)) continue;
        if (auto flaw = flaw_at_ancestor(ancestor)) return flaw;
        accepted = accepted || condition_in(list_at(ancestor, "conditions"), "Accepted").has_value();
    }
    return accepted ? Health{k_healthy, ""} : waiting("no gateway has taken the policy yet");
}

/// Envoy Gateway: a policy is as good as the gateways that have looked at its present form say.
std::optional<Health> envoy_policy_health(const Value& object) {
    bool judged = false;
    for (const auto& ancestor : list_at(object, "status.ancestors")) {
        const auto conditions = list_at(ancestor, "conditions");
        if (conditions.empty() || has_stale_condition(object, conditions)) continue;
        for (const auto& item : conditions)
            if (const auto found = condition_of(item); found.type == "Accepted" && found.is_false())
                return Health{k_degraded, words(fmt::format("ancestor {}: ", text_at(ancestor, "ancestorRef.name")), found)};
        judged = true;
    }
    return judged ? Health{k_healthy, ""} : waiting("no gateway has looked at the latest change yet");
}

/// Airlock: policies are accepted by what they apply to; its other kinds are only configuration.
std::optional<Health> airlock_health(const Value& object) {
    if (!object.text_at("kind").ends_with("Policy")) return Health{k_healthy, ""};
    const auto ancestors = list_at(object, "status.ancestors");
    const auto generation = number_at(object, "metadata.generation");
    for (const auto& ancestor : ancestors)
        for (const auto& item : list_at(ancestor, "conditions"))
            if (generation && number_at(item, "observedGeneration") != generation)
                return waiting("the conditions are of an older generation");
    std::optional<Health> health;
    for (const auto& ancestor : ancestors) {
        if (auto flaw = flaw_at_ancestor(ancestor)) return flaw;
        const bool accepted = condition_in(list_at(ancestor, "conditions"), "Accepted").has_value();
        health = accepted ? Health{k_healthy, ""} : Health{k_degraded, "an ancestor has not accepted it"};
    }
    return health ? health : waiting("nobody has taken the policy yet");
}

/// Gloo writes one state per namespace that looks at the object, or (older) one; by name or by number.
std::optional<Health> gloo_state(const Value& status) {
    const auto* state = status.find("state");
    if (state == nullptr) return std::nullopt;
    const auto name = state->text();
    const std::string reason(status.text_at("reason"));
    if (name == "Accepted" || name == "1") return Health{k_healthy, reason};
    if (name == "Warning" || name == "3" || name == "Rejected" || name == "2") return Health{k_degraded, reason};
    if (name == "Pending" || name == "0") return Health{k_suspended, "not validated yet"};
    return std::nullopt;
}

std::optional<Health> gloo_health(const Value& object) {
    if (const auto* statuses = at_path(object, "status.statuses"))
        for (const auto& entry : statuses->entries())
            if (auto health = gloo_state(entry.value)) return health;
    if (const auto* status = object.find("status"))
        if (auto health = gloo_state(*status)) return health;
    return waiting("waiting for Gloo to look at it");
}

/// Every router that serves the route must have admitted it.
std::optional<Health> openshift_route_health(const Value& object) {
    if (at_path(object, "status.ingress") == nullptr) return waiting("no router has admitted it yet");
    const auto routers = list_at(object, "status.ingress");
    std::size_t admitted = 0;
    std::optional<Health> refused;
    for (const auto& router : routers)
        for (const auto& item : list_at(router, "conditions")) {
            const auto condition = condition_of(item);
            if (condition.type != "Admitted") continue;
            if (condition.is_true()) ++admitted;
            if (condition.is_false() && !refused)
                refused = Health{k_degraded, words(fmt::format("router {}: ", router.text_at("routerName")), condition)};
        }
    if (admitted >= routers.size()) return Health{k_healthy, ""};
    return refused ? refused : waiting("not every router has admitted it yet");
}

constexpr Clause k_gateway_class[] = {
    {"Accepted~", k_waiting},
    {"Accepted=True", k_healthy},
    {"Accepted=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_envoy_backend[] = {
    {"Accepted~", k_waiting},
    {"Accepted=True", k_healthy},
    {"Accepted", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_extension_service[] = {
    {"Valid+=True", k_healthy},
    {"Valid+=False", k_degraded},
    {"else", k_waiting},
};
// A proxy that includes others is only as valid as they are, which it cannot tell.
constexpr Clause k_http_proxy[] = {
    {"Valid+=True", k_healthy},
    {"*+=False&?spec.includes", k_healthy},
    {"Valid+=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_istio[] = {
    {".status.status=0|NONE", k_unknown},
    {".status.status=1|UPDATING|2|RECONCILING", k_waiting},
    {".status.status=3|HEALTHY", k_healthy},
    {".status.status=4|ERROR", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_kiali[] = {
    {"@Successful=True", k_healthy},
    {"@Failure=True", k_degraded},
    {"@Running:Running", k_waiting},
    {"else", k_waiting},
};

constexpr CustomRule k_rows[] = {
    {"gateway.networking.k8s.io", "Gateway", {}, gateway_health},
    {"gateway.networking.k8s.io", "GatewayClass", k_gateway_class},
    {"gateway.networking.k8s.io", "ListenerSet", {}, listener_set_health},
    {"gateway.networking.k8s.io", "HTTPRoute GRPCRoute", {}, route_health},
    {"gateway.networking.k8s.io", "TLSRoute", {}, tls_route_health},
    {"gateway.networking.k8s.io", "BackendTLSPolicy", {}, backend_tls_health},
    {"gateway.envoyproxy.io", "Backend", k_envoy_backend},
    {"gateway.envoyproxy.io",
     "BackendTrafficPolicy ClientTrafficPolicy EnvoyExtensionPolicy EnvoyPatchPolicy SecurityPolicy", {}, envoy_policy_health},
    {"microgateway.airlock.com", "*", {}, airlock_health},
    {"projectcontour.io", "ExtensionService", k_extension_service},
    {"projectcontour.io", "HTTPProxy", k_http_proxy},
    {"gateway.solo.io", "Gateway MatchableHttpGateway RouteOption RouteTable VirtualHostOption VirtualService", {}, gloo_health},
    {"gloo.solo.io", "Proxy Settings Upstream UpstreamGroup", {}, gloo_health},
    {"install.istio.io", "IstioOperator", k_istio},
    {"kiali.io", "Kiali", k_kiali},
    {"route.openshift.io", "Route", {}, openshift_route_health},
};

}  // namespace

std::span<const CustomRule> gateway_rules() { return k_rows; }

}  // namespace gitops::deliver
