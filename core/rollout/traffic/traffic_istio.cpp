// Istio: a VirtualService named as the apex, and a DestinationRule for each side.
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_original = "flagger.kubernetes.io/original-configuration";
constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";
/// Fields of spec.service that stand in every HTTP route as they are.
constexpr std::array<std::string_view, 5> k_passed_on{"match", "timeout", "retries", "corsPolicy", "headers"};

bool is_tcp(const CanarySpec& spec) { return base::lower(spec.service.app_protocol) == "tcp"; }
bool delegates(const CanarySpec& spec) {
    const auto* flag = spec.service.document.find("delegation");
    return flag != nullptr && flag->as_bool();
}

kube::ObjectRef rule_ref(const CanarySpec& spec, const TrafficProvider& provider, const std::string& host) {
    auto ref = apex_route(spec, provider, "DestinationRule");
    ref.name = host;
    return ref;
}

std::vector<kube::ObjectRef> objects(const CanarySpec& spec, const TrafficProvider& provider) {
    return {apex_route(spec, provider, "VirtualService"), rule_ref(spec, provider, spec.canary_service()),
            rule_ref(spec, provider, spec.primary_service())};
}

/// Behind an ingress gateway Istio cannot guess the port of a Service with several.
Value destination(const CanarySpec& spec, const std::string& host) {
    auto to = Value::map();
    to.set("host", host);
    const auto* gateways = service_list(spec, "gateways");
    const bool is_behind_gateway = gateways != nullptr && gateways->items().front().text() != "mesh";
    if (spec.service.port_discovery && (is_behind_gateway || delegates(spec))) {
        auto port = Value::map();
        port.set("number", spec.service.port);
        to.set("port", std::move(port));
    }
    return to;
}

Value weighted(const CanarySpec& spec, const std::string& host, int weight) {
    auto entry = Value::map();
    entry.set("destination", destination(spec, host));
    entry.set("weight", weight);
    return entry;
}

Value both_sides(const CanarySpec& spec, const Split& split) {
    return Value::list({weighted(spec, spec.primary_service(), 100 - split.canary),
                        weighted(spec, spec.canary_service(), split.canary)});
}

Value http_route(const CanarySpec& spec, Value sides) {
    auto route = Value::map();
    const auto& service = spec.service.document;
    for (const auto field : k_passed_on)
        if (const auto* value = service.find(field); value != nullptr && !value->is_null()) route.set(field, *value);
    if (const auto* rewrite = service.find("rewrite"); rewrite != nullptr && rewrite->is_map()) {
        auto own = *rewrite;
        own.erase("type");  // of the Gateway API
        if (!own.empty()) route.set("rewrite", std::move(own));
    }
    route.set("route", std::move(sides));
    return route;
}

/// Each condition of the analysis, with what every request has to meet. Flagger adds only headers and source labels.
Value merged_match(const CanarySpec& spec, Compat compat) {
    const auto* common = service_list(spec, "match");
    if (common == nullptr) return spec.analysis.match;
    match_product(spec.analysis.match.size(), common->size());
    auto merged = Value::list();
    for (const auto& condition : spec.analysis.match.items())
        for (const auto& base : common->items()) {
            auto both = base;
            for (const auto& entry : condition.entries())
                if (compat == Compat::none || entry.name() == "headers" || entry.name() == "sourceLabels")
                    both.set(entry.name(), entry.value);
            merged.push_back(std::move(both));
        }
    return merged;
}

Value http_routes(const CanarySpec& spec, const Split& split, Compat compat) {
    auto first = http_route(spec, both_sides(spec, split));
    if (has_match(spec)) {
        first.set("match", merged_match(spec, compat));
        const int rest = compat == Compat::none ? 100 : 100 - split.canary;
        return Value::list({first, http_route(spec, Value::list({weighted(spec, spec.primary_service(), rest)}))});
    }
    if (split.mirrored) {
        first.set("mirror", destination(spec, spec.canary_service()));
        auto percentage = Value::map();
        percentage.set("value", spec.analysis.mirror_weight);
        first.set("mirrorPercentage", std::move(percentage));
    }
    return Value::list({first});
}

Value tcp_routes(const CanarySpec& spec, const Split& split) {
    auto route = Value::map();
    if (const auto* matches = service_list(spec, "match")) {
        auto ports = Value::list();
        for (const auto& match : matches->items())
            if (const auto* port = match.find("port")) {
                auto condition = Value::map();
                condition.set("port", *port);
                ports.push_back(std::move(condition));
            }
        if (!ports.empty()) route.set("match", std::move(ports));
    }
    route.set("route", both_sides(spec, split));
    return Value::list({route});
}

Value hosts_of(const CanarySpec& spec) {
    const auto* given = service_list(spec, "hosts");
    auto hosts = given == nullptr ? Value::list() : *given;
    for (const auto& host : hosts.items())
        if (host.text() == spec.apex() || host.text() == "*") return hosts;
    hosts.push_back(spec.apex());
    return hosts;
}

Value virtual_service_spec(const RouteInput& input, const Split& split, const Value* now) {
    const auto& spec = input.spec;
    auto body = now != nullptr && now->is_map() && !input.is_flagger() ? *now : Value::map();
    for (const auto* field : {"hosts", "gateways", "http", "tcp"}) body.erase(field);
    const auto* gateways = service_list(spec, "gateways");
    if (delegates(spec)) {
        if (gateways != nullptr || service_list(spec, "hosts") != nullptr)
            throw Error(Code::invalid,
                        "spec.service: a VirtualService that is delegated to has neither hosts nor gateways of its own")
                .hint("leave out spec.service.hosts and spec.service.gateways, or spec.service.delegation");
    } else {
        body.set("hosts", hosts_of(spec));
        body.set("gateways", gateways != nullptr ? *gateways : Value::list({"mesh"}));
    }
    if (is_tcp(spec)) body.set("tcp", tcp_routes(spec, split));
    else body.set("http", http_routes(spec, split, input.rules.compat));
    return body;
}

Value destination_rule(const RouteInput& input, const std::string& host) {
    auto rule = route_base(input, rule_ref(input.spec, input.provider, host));
    auto body = Value::map();
    body.set("host", host);
    if (const auto* policy = input.spec.service.document.find("trafficPolicy"); policy != nullptr && !policy->is_null())
        body.set("trafficPolicy", *policy);
    rule.set("spec", std::move(body));
    return rule;
}

/// Of all the routes of a VirtualService the last one that leads to the canary.
const Value* route_to_canary(const CanarySpec& spec, const Value& service) {
    const auto* routes = service.path("spec", is_tcp(spec) ? "tcp" : "http");
    const Value* found = nullptr;
    if (routes == nullptr) return found;
    for (const auto& route : routes->items()) {
        const auto* sides = route.find("route");
        if (sides == nullptr) continue;
        for (const auto& side : sides->items())
            if (const auto* to = side.find("destination"); to != nullptr && to->text_at("host") == spec.canary_service())
                found = &route;
    }
    return found;
}

std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* service = input.find(apex_route(spec, input.provider, "VirtualService"));
    const auto* route = service == nullptr ? nullptr : route_to_canary(spec, *service);
    if (route == nullptr) return std::nullopt;
    int primary = 0;
    int canary = 0;
    for (const auto& side : route->find("route")->items()) {
        const auto* to = side.find("destination");
        if (to == nullptr) continue;
        if (to->text_at("host") == spec.primary_service()) primary = weight_at(side, "weight", 0);
        if (to->text_at("host") == spec.canary_service()) canary = weight_at(side, "weight", 0);
    }
    auto split = split_of(spec, primary, canary);
    const auto* mirror = route->find("mirror");
    if (split && mirror != nullptr) split->mirrored = mirror->text_at("host") == spec.canary_service();
    return split;
}

/// What somebody else's VirtualService said, for the day it is given back.
void keep_original(Value& service, const RouteInput& input, const Value* live) {
    if (live == nullptr || is_made_for(*live, input.spec) || route_to_canary(input.spec, *live) != nullptr) return;
    if (!kube::annotation_of(*live, k_last_applied).empty() || !kube::annotation_of(*live, k_original).empty()) return;
    if (const auto* spec = live->find("spec"))
        kube::set_annotation(service, k_original, doc::write_json(*spec, doc::JsonLayout::compact, doc::JsonKeys::sorted));
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    const auto ref = apex_route(spec, input.provider, "VirtualService");
    const auto* live = input.find(ref);
    auto service = route_base(input, ref);
    put_route_metadata(service, input);
    keep_original(service, input, live);
    service.set("spec", virtual_service_spec(input, split, live == nullptr ? nullptr : live->find("spec")));
    return {destination_rule(input, spec.canary_service()), destination_rule(input, spec.primary_service()), std::move(service)};
}

constexpr std::array k_rows{TrafficProvider{"istio", "networking.istio.io/v1beta1", {true, true, true, true}, objects, build,
                                            read}};

}  // namespace

std::span<const TrafficProvider> istio_providers() { return k_rows; }

}  // namespace gitops::rollout
