// Contour: an HTTPProxy named as the apex, for the user's own root proxy to include.
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

std::vector<kube::ObjectRef> objects(const CanarySpec& spec, const TrafficProvider& provider) {
    return {apex_route(spec, provider, "HTTPProxy")};
}

/// With a header by which Linkerd behind Contour finds the Service.
Value service_of(const CanarySpec& spec, const std::string& name, int weight) {
    auto header = Value::map();
    header.set("name", "l5d-dst-override");
    header.set("value", fmt::format("{}.{}.svc.cluster.local:{}", name, spec.ns, spec.service.port));
    auto policy = Value::map();
    policy.set("set", Value::list({std::move(header)}));
    auto service = Value::map();
    service.set("name", name);
    service.set("port", spec.service.port);
    service.set("requestHeadersPolicy", std::move(policy));
    service.set("weight", weight);
    return service;
}

Value prefix_condition(const CanarySpec& spec) {
    std::string_view prefix = "/";
    if (const auto* matches = service_list(spec, "match"))
        if (const auto* uri = matches->items().front().find("uri"); uri != nullptr && !uri->text_at("prefix").empty())
            prefix = uri->text_at("prefix");
    auto condition = Value::map();
    condition.set("prefix", prefix);
    return condition;
}

Value header_condition(std::string_view name, const Value& match) {
    auto header = Value::map();
    header.set("name", name);
    if (const auto text = match.text_at("exact"); !text.empty()) header.set("exact", text);
    else if (const auto start = match.text_at("prefix"); !start.empty()) header.set("contains", start);
    else if (const auto end = match.text_at("suffix"); !end.empty()) header.set("contains", end);
    else if (const auto pattern = match.text_at("regex"); !pattern.empty()) header.set("regex", pattern);
    else throw Error(Code::invalid, fmt::format("spec.analysis.match: header {} wants exact, prefix, suffix or regex", name));
    auto condition = Value::map();
    condition.set("header", std::move(header));
    return condition;
}

Value route_of(const CanarySpec& spec, Value conditions, const Split& split) {
    const auto& service = spec.service.document;
    auto route = Value::map();
    route.set("conditions", std::move(conditions));
    route.set("services", Value::list({service_of(spec, spec.primary_service(), 100 - split.canary),
                                       service_of(spec, spec.canary_service(), split.canary)}));
    if (const auto timeout = service.text_at("timeout"); !timeout.empty()) {
        auto policy = Value::map();
        policy.set("idle", "5m");
        policy.set("response", timeout);
        route.set("timeoutPolicy", std::move(policy));
    }
    if (const auto* retries = service.find("retries"); retries != nullptr && retries->is_map()) {
        auto policy = Value::map();
        if (const auto* attempts = retries->find("attempts")) policy.set("count", *attempts);
        if (const auto* timeout = retries->find("perTryTimeout")) policy.set("perTryTimeout", *timeout);
        route.set("retryPolicy", std::move(policy));
    }
    return route;
}

/// The conditions of one entry of analysis.match, after the prefix; all of them have to hold.
void add_headers(Value& conditions, const Value& match) {
    const auto* headers = match.find("headers");
    if (headers == nullptr) return;
    for (const auto& entry : headers->entries()) conditions.push_back(header_condition(entry.name(), entry.value));
}

/// A route per entry of analysis.match, of which one has to hold, and one for everybody else. Flagger makes a single route
/// that all the headers together have to hold for.
Value routes_of(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    auto routes = Value::list();
    if (!has_match(spec)) return Value::list({route_of(spec, Value::list({prefix_condition(spec)}), split)});
    match_product(spec.analysis.match.size(), 1);
    auto conditions = Value::list({prefix_condition(spec)});
    for (const auto& match : spec.analysis.match.items()) {
        if (!input.is_flagger()) conditions = Value::list({prefix_condition(spec)});
        add_headers(conditions, match);
        if (!input.is_flagger() && conditions.size() > 1) routes.push_back(route_of(spec, conditions, split));
    }
    if (input.is_flagger()) routes.push_back(route_of(spec, conditions, split));
    if (routes.empty()) throw Error(Code::invalid, "spec.analysis.match: Contour tells requests apart by headers, found none");
    routes.push_back(route_of(spec, Value::list({prefix_condition(spec)}), {}));
    return routes;
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto ref = apex_route(input.spec, input.provider, "HTTPProxy");
    const auto* live = input.find(ref);
    auto proxy = route_base(input, ref);
    const auto* now = live == nullptr ? nullptr : live->find("spec");
    auto body = now != nullptr && now->is_map() && !input.is_flagger() ? *now : Value::map();
    body.set("routes", routes_of(input, split));
    proxy.set("spec", std::move(body));
    return {std::move(proxy)};
}

std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* proxy = input.find(apex_route(spec, input.provider, "HTTPProxy"));
    const auto* routes = proxy == nullptr ? nullptr : proxy->path("spec", "routes");
    const auto* services = routes == nullptr || routes->empty() ? nullptr : routes->items().front().find("services");
    if (services == nullptr) return std::nullopt;
    int primary = 0;
    int canary = 0;
    for (const auto& service : services->items()) {
        if (service.text_at("name") == spec.primary_service()) primary = weight_at(service, "weight", 0);
        if (service.text_at("name") == spec.canary_service()) canary = weight_at(service, "weight", 0);
    }
    return split_of(spec, primary, canary);
}

constexpr std::array k_rows{TrafficProvider{
    "contour", "projectcontour.io/v1", {.has_weights = true, .has_route = true, .can_match = true}, objects, build, read}};

}  // namespace

std::span<const TrafficProvider> contour_providers() { return k_rows; }

}  // namespace gitops::rollout
