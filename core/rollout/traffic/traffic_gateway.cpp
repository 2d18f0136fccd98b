// The Gateway API: one HTTPRoute named as the apex.
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
    return {apex_route(spec, provider, "HTTPRoute")};
}

/// What the API server would fill in is written out, so that a route that lives can be compared.
Value parent_refs(const CanarySpec& spec) {
    const auto* given = service_list(spec, "gatewayRefs");
    if (given == nullptr)
        throw Error(Code::invalid, "spec.service.gatewayRefs: missing; an HTTPRoute hangs on a Gateway")
            .hint("name it: gatewayRefs: [{name: ..., namespace: ...}]");
    auto parents = Value::list();
    for (auto parent : given->items()) {
        if (!parent.is_map()) throw Error(Code::invalid, "spec.service.gatewayRefs: expected a list of {name, namespace}");
        if (!parent.has("group")) parent.set("group", "gateway.networking.k8s.io");
        if (!parent.has("kind")) parent.set("kind", "Gateway");
        parents.push_back(std::move(parent));
    }
    return parents;
}

Value typed(std::string_view type, std::string_view value) {
    auto map = Value::map();
    map.set("type", type);
    map.set("value", value);
    return map;
}

[[noreturn]] void refuse_condition(std::string_view what) {
    throw Error(Code::invalid, fmt::format("match: the Gateway API knows {} only by exact text or by regex", what))
        .hint("a prefix of a header is regex: ^text.*");
}

/// {exact} or {regex} of Istio's StringMatch.
Value exact_or_regex(const Value& condition, std::string_view what) {
    if (const auto text = condition.text_at("exact"); !text.empty()) return typed("Exact", text);
    if (const auto text = condition.text_at("regex"); !text.empty()) return typed("RegularExpression", text);
    refuse_condition(what);
}

Value path_match(const Value& uri) {
    if (const auto text = uri.text_at("regex"); !text.empty()) return typed("RegularExpression", text);
    if (const auto text = uri.text_at("exact"); !text.empty()) return typed("Exact", text);
    if (const auto text = uri.text_at("prefix"); !text.empty()) return typed("PathPrefix", text);
    throw Error(Code::invalid, "match.uri: expected exact, prefix or regex");
}

Value named_matches(const Value& conditions, std::string_view what) {
    auto list = Value::list();
    for (const auto& entry : conditions.entries()) {
        auto match = exact_or_regex(entry.value, what);
        match.set("name", entry.name());
        list.push_back(std::move(match));
    }
    return list;
}

/// One of Istio's conditions as the Gateway API has it.
Value route_match(const Value& condition) {
    auto match = Value::map();
    if (const auto* uri = condition.find("uri"); uri != nullptr && uri->is_map()) match.set("path", path_match(*uri));
    if (const auto* method = condition.find("method"); method != nullptr && method->is_map()) {
        if (method->text_at("exact").empty()) refuse_condition("a method");
        match.set("method", method->text_at("exact"));
    }
    if (const auto* headers = condition.find("headers"); headers != nullptr && !headers->empty())
        match.set("headers", named_matches(*headers, "a header"));
    if (const auto* query = condition.find("queryParams"); query != nullptr && !query->empty())
        match.set("queryParams", named_matches(*query, "a query parameter"));
    return match;
}

Value route_matches(const Value* conditions) {
    auto matches = Value::list();
    if (conditions != nullptr)
        for (const auto& condition : conditions->items())
            if (auto match = route_match(condition); !match.empty()) matches.push_back(std::move(match));
    return matches;
}

Value common_matches(const CanarySpec& spec) {
    auto matches = route_matches(service_list(spec, "match"));
    if (matches.empty()) matches.push_back(Value::map());
    for (std::size_t i = 0; i < matches.size(); ++i)
        if (!matches.items()[i].has("path")) matches.item(i).set("path", typed("PathPrefix", "/"));
    return matches;
}

/// Flagger adds only headers and query parameters to what all requests have to meet.
Value merged_matches(const CanarySpec& spec, const Value& common, Compat compat) {
    const auto analysis = route_matches(&spec.analysis.match);
    if (analysis.empty()) return common;
    match_product(analysis.size(), common.size());
    auto merged = Value::list();
    for (const auto& condition : analysis.items())
        for (const auto& base : common.items()) {
            auto both = base;
            for (const auto& entry : condition.entries())
                if (compat == Compat::none || entry.name() == "headers" || entry.name() == "queryParams")
                    both.set(entry.name(), entry.value);
            merged.push_back(std::move(both));
        }
    return merged;
}

Value header_list(const Value* texts) {
    auto list = Value::list();
    for (const auto& [name, text] : texts_of(texts)) {
        auto header = Value::map();
        header.set("name", name);
        header.set("value", text);
        list.push_back(std::move(header));
    }
    return list;
}

void add_filter(Value& filters, std::string_view type, std::string_view field, Value content) {
    auto filter = Value::map();
    filter.set("type", type);
    filter.set(field, std::move(content));
    filters.push_back(std::move(filter));
}

void add_header_filter(Value& filters, const Value* operations, std::string_view type, std::string_view field) {
    if (operations == nullptr || !operations->is_map()) return;
    auto content = Value::map();
    for (const auto* verb : {"add", "set"})
        if (auto list = header_list(operations->find(verb)); !list.empty()) content.set(verb, std::move(list));
    if (const auto* names = operations->find("remove"); names != nullptr && names->is_list() && !names->empty())
        content.set("remove", *names);
    if (!content.empty()) add_filter(filters, type, field, std::move(content));
}

void add_rewrite(Value& filters, const Value* rewrite) {
    if (rewrite == nullptr || !rewrite->is_map()) return;
    auto content = Value::map();
    if (const auto authority = rewrite->text_at("authority"); !authority.empty()) content.set("hostname", authority);
    if (const auto uri = rewrite->text_at("uri"); !uri.empty()) {
        const bool is_prefix = rewrite->text_at("type") == "ReplacePrefixMatch";
        auto path = Value::map();
        path.set("type", is_prefix ? "ReplacePrefixMatch" : "ReplaceFullPath");
        path.set(is_prefix ? "replacePrefixMatch" : "replaceFullPath", uri);
        content.set("path", std::move(path));
    }
    if (!content.empty()) add_filter(filters, "URLRewrite", "urlRewrite", std::move(content));
}

Value backend(const CanarySpec& spec, const std::string& name) {
    auto to = Value::map();
    to.set("group", "");
    to.set("kind", "Service");
    to.set("name", name);
    to.set("port", spec.service.port);
    return to;
}

Value weighted(const CanarySpec& spec, const std::string& name, int weight) {
    auto to = backend(spec, name);
    to.set("weight", weight);
    return to;
}

Value filters_of(const CanarySpec& spec) {
    const auto& service = spec.service.document;
    auto filters = Value::list();
    add_header_filter(filters, service.path("headers", "request"), "RequestHeaderModifier", "requestHeaderModifier");
    add_header_filter(filters, service.path("headers", "response"), "ResponseHeaderModifier", "responseHeaderModifier");
    add_rewrite(filters, service.find("rewrite"));
    if (const auto* mirrors = service_list(spec, "mirror"))
        for (auto mirror : mirrors->items()) {
            auto* to = mirror.is_map() ? mirror.find_mutable("backendRef") : nullptr;
            if (to == nullptr || !to->is_map()) continue;
            if (!to->has("group")) to->set("group", "");
            if (!to->has("kind")) to->set("kind", "Service");
            add_filter(filters, "RequestMirror", "requestMirror", std::move(mirror));
        }
    return filters;
}

void add_canary_mirror(Value& filters, const CanarySpec& spec, const TrafficProvider& provider) {
    auto content = Value::map();
    content.set("backendRef", backend(spec, spec.canary_service()));
    const bool knows_percent = provider.name == "gatewayapi:v1";  // since 1.3, where not all of the traffic is meant
    if (knows_percent && spec.analysis.mirror_weight < 100) content.set("percent", spec.analysis.mirror_weight);
    add_filter(filters, "RequestMirror", "requestMirror", std::move(content));
}

Value rule_of(const CanarySpec& spec, Value matches, const Value& filters, Value backends) {
    auto rule = Value::map();
    rule.set("matches", std::move(matches));
    if (!filters.empty()) rule.set("filters", filters);
    rule.set("backendRefs", std::move(backends));
    auto timeouts = Value::map();
    if (const auto timeout = spec.service.document.text_at("timeout"); !timeout.empty()) timeouts.set("request", timeout);
    if (const auto timeout = spec.service.document.text_at("backendTimeout"); !timeout.empty())
        timeouts.set("backendRequest", timeout);
    if (!timeouts.empty()) rule.set("timeouts", std::move(timeouts));
    return rule;
}

Value rules_of(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    const auto common = common_matches(spec);
    const auto filters = filters_of(spec);
    auto sides = Value::list({weighted(spec, spec.primary_service(), 100 - split.canary),
                              weighted(spec, spec.canary_service(), split.canary)});
    if (has_match(spec))
        return Value::list({rule_of(spec, merged_matches(spec, common, input.rules.compat), filters, std::move(sides)),
                            rule_of(spec, common, filters, Value::list({weighted(spec, spec.primary_service(), 100)}))});
    auto mirrored = filters;
    const bool can_mirror = !input.is_flagger() || spec.analysis.iterations > 0;
    if (split.mirrored && can_mirror) add_canary_mirror(mirrored, spec, input.provider);
    return Value::list({rule_of(spec, common, mirrored, std::move(sides))});
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto ref = apex_route(input.spec, input.provider, "HTTPRoute");
    const auto* live = input.find(ref);
    auto route = route_base(input, ref);
    put_route_metadata(route, input);
    // Controllers of Gateways keep notes on a route; Flagger leaves them, too.
    if (live != nullptr)
        for (const auto& [key, text] : texts_of(live->path("metadata", "annotations")))
            if (kube::annotation_of(route, key).empty()) kube::set_annotation(route, key, text);
    const auto* now = live == nullptr ? nullptr : live->find("spec");
    auto body = now != nullptr && now->is_map() && !input.is_flagger() ? *now : Value::map();
    body.set("parentRefs", parent_refs(input.spec));
    if (const auto* hosts = service_list(input.spec, "hosts")) body.set("hostnames", *hosts);
    else body.erase("hostnames");
    body.set("rules", rules_of(input, split));
    route.set("spec", std::move(body));
    return {std::move(route)};
}

bool mirrors_to(const Value& rule, const std::string& name) {
    const auto* filters = rule.find("filters");
    if (filters == nullptr) return false;
    for (const auto& filter : filters->items())
        if (const auto* to = filter.path("requestMirror", "backendRef"); to != nullptr && to->text_at("name") == name)
            return true;
    return false;
}

/// The rule with both backends; the one of an A/B test that is left to the primary has one.
std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* route = input.find(apex_route(spec, input.provider, "HTTPRoute"));
    const auto* rules = route == nullptr ? nullptr : route->path("spec", "rules");
    if (rules == nullptr) return std::nullopt;
    std::optional<Split> found;
    for (const auto& rule : rules->items()) {
        const auto* backends = rule.find("backendRefs");
        if (backends == nullptr || backends->size() != 2) continue;
        int primary = 0;
        int canary = 0;
        for (const auto& side : backends->items()) {
            if (side.text_at("name") == spec.primary_service()) primary = weight_at(side, "weight", 1);
            if (side.text_at("name") == spec.canary_service()) canary = weight_at(side, "weight", 1);
        }
        if (auto split = split_of(spec, primary, canary)) {
            split->mirrored = mirrors_to(rule, spec.canary_service());
            found = split;
        }
    }
    return found;
}

/// Whether the Gateway named by `parent` took the route. A Gateway that says nothing has no controller that would.
void check_parent(const RouteInput& input, const Value& route, const Value& parent) {
    const auto generation = weight_at(*route.find("metadata"), "generation", 0);
    const auto* conditions = parent.find("conditions");
    if (conditions == nullptr) return;
    for (const auto& condition : conditions->items()) {
        if (condition.text_at("type") != "Accepted") continue;
        const bool is_current = weight_at(condition, "observedGeneration", generation) >= generation;
        const bool is_accepted = condition.text_at("status") == "True";
        if (is_current && is_accepted) continue;
        if (!is_current && !input.is_flagger()) continue;  // it has not looked yet
        const auto* name = parent.path("parentRef", "name");
        throw Error(Code::unavailable, fmt::format("HTTPRoute {}/{} is not accepted by Gateway {}: {}", input.spec.ns,
                                                   input.spec.apex(),
                                                   name == nullptr ? std::string_view{} : name->text(),
                                                   is_current ? condition.text_at("reason") : "it has not seen the last change"));
    }
}

void check(const RouteInput& input) {
    const auto* route = input.find(apex_route(input.spec, input.provider, "HTTPRoute"));
    const auto* parents = route == nullptr ? nullptr : route->path("status", "parents");
    const auto* wanted = service_list(input.spec, "gatewayRefs");
    if (parents == nullptr || wanted == nullptr) return;
    for (const auto& parent : parents->items()) {
        const auto* ref = parent.find("parentRef");
        for (const auto& gateway : wanted->items())
            if (ref != nullptr && ref->text_at("name") == gateway.text_at("name") &&
                ref->text_at("sectionName") == gateway.text_at("sectionName"))
                check_parent(input, *route, parent);
    }
}

constexpr TrafficAbilities k_all{true, true, true, true};
constexpr std::array k_rows{
    TrafficProvider{"gatewayapi:v1", "gateway.networking.k8s.io/v1", k_all, objects, build, read, check},
    TrafficProvider{"gatewayapi:v1beta1", "gateway.networking.k8s.io/v1beta1", k_all, objects, build, read, check},
};

}  // namespace

std::span<const TrafficProvider> gateway_providers() { return k_rows; }

}  // namespace gitops::rollout
