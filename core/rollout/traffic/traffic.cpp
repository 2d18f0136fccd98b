#include "core/rollout/traffic/traffic.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_most_matches = 1'000;
/// What Flagger serves beside the rows of the table.
constexpr std::array<std::string_view, 7> k_not_yet{"apisix", "appmesh", "appmesh:v1beta1", "appmesh:v1beta2", "gloo",
                                                    "knative", "kuma"};

std::vector<TrafficProvider> all_rows() {
    std::vector<TrafficProvider> rows;
    for (const auto table : {service_providers(), istio_providers(), gateway_providers(), smi_providers(), nginx_providers(),
                             skipper_providers(), traefik_providers(), contour_providers()})
        rows.insert(rows.end(), table.begin(), table.end());
    return rows;
}

const std::vector<TrafficProvider>& rows() {
    static const auto table = all_rows();
    return table;
}

const TrafficProvider* row_of(std::string_view name) {
    const auto found = std::ranges::find(rows(), name, &TrafficProvider::name);
    return found == rows().end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const CanarySpec& spec) {
    const auto known = traffic_providers();
    if (std::ranges::find(k_not_yet, spec.provider) != k_not_yet.end())
        throw Error(Code::invalid, fmt::format("provider {} is not supported yet", spec.provider))
            .hint("supported are " + base::join(known, ", "));
    if (spec.provider == "gatewayapi")
        throw Error(Code::invalid, "provider gatewayapi needs its version: without one Flagger takes it for Istio")
            .hint("write provider: gatewayapi:v1")
            .suggest({"gatewayapi:v1", "gatewayapi:v1beta1"});
    throw Error(Code::invalid, fmt::format("provider \"{}\" is not known", spec.provider))
        .hint("it is one of " + base::join(known, ", "))
        .suggest(base::near_names(spec.provider, known));
}

const TrafficProvider& provider_of(const CanarySpec& spec, Compat compat) {
    if (const auto* row = row_of(spec.provider)) return *row;
    if (spec.provider == "gatewayapi" && compat == Compat::flagger) return *row_of("istio");
    refuse(spec);
}

/// Flagger lets the conditions of an A/B test go where the provider has none, and so sends everybody to the canary.
void require_match(const RouteInput& input) {
    if (!has_match(input.spec) || input.provider.abilities.can_match || input.is_flagger()) return;
    throw Error(Code::invalid,
                fmt::format("spec.analysis.match: provider {} cannot tell requests apart, so all of them would go to the canary",
                            input.provider.name))
        .hint("use a provider that can (istio, gatewayapi:v1, nginx, contour), or leave match out");
}

bool strays(const Value& live, const Value& wanted) {
    const auto* now = live.find("spec");
    const auto* then = wanted.find("spec");
    return then != nullptr && (now == nullptr || !covers(*now, *then));
}

}  // namespace

std::vector<std::string> traffic_providers() {
    std::vector<std::string> names;
    for (const auto& row : rows()) names.emplace_back(row.name);
    std::ranges::sort(names);
    return names;
}

TrafficAbilities traffic_abilities(const CanarySpec& spec, Compat compat) { return provider_of(spec, compat).abilities; }

std::vector<kube::ObjectRef> route_objects(const CanarySpec& spec, Compat compat) {
    const auto& provider = provider_of(spec, compat);
    return provider.objects(spec, provider);
}

std::vector<Value> make_routes(const CanarySpec& spec, const std::vector<Value>& live, const ObjectRules& rules) {
    const auto& provider = provider_of(spec, rules.compat);
    const RouteInput input{spec, live, rules, provider};
    require_match(input);
    if (!provider.abilities.has_route) return {};
    const auto split = provider.read(input);
    auto documents = provider.build(input, split.value_or(Split{}));
    const bool has_strayed = std::ranges::any_of(documents, [&](const Value& document) {
        const auto* object = input.find(kube::ref_of(document));
        return object != nullptr && strays(*object, document);
    });
    if (has_strayed && input.is_flagger()) documents = provider.build(input, {});
    return changed_only(std::move(documents), live);
}

std::vector<Value> set_weights(const CanarySpec& spec, const std::vector<Value>& live, const Split& split,
                               const ObjectRules& rules) {
    const auto& provider = provider_of(spec, rules.compat);
    const RouteInput input{spec, live, rules, provider};
    require_match(input);
    auto bounded = split;
    bounded.canary = std::clamp(split.canary, 0, 100);
    return changed_only(provider.build(input, bounded), live);
}

std::optional<Split> read_weights(const CanarySpec& spec, const std::vector<Value>& live, Compat compat) {
    const auto& provider = provider_of(spec, compat);
    const ObjectRules rules{.owner_uid = {}, .compat = compat, .label_prefixes = {}};
    const RouteInput input{spec, live, rules, provider};
    if (provider.check != nullptr) provider.check(input);
    const auto split = provider.read(input);
    if (split || !provider.abilities.has_route) return split;
    const auto route = provider.objects(spec, provider).front();
    if (input.find(route) == nullptr) return std::nullopt;
    throw Error(Code::invalid, fmt::format("{} {}/{} leads neither to {} nor to {}", route.gvk.kind, route.ns, route.name,
                                           spec.primary_service(), spec.canary_service()))
        .hint("somebody else wrote it; it is put right by the next tick");
}

bool is_in_force(const CanarySpec& spec, const std::vector<Value>& live, const Split& split, const ObjectRules& rules) {
    const auto& provider = provider_of(spec, rules.compat);
    const RouteInput input{spec, live, rules, provider};
    if (provider.has_arrived != nullptr) return provider.has_arrived(input, split);
    return set_weights(spec, live, split, rules).empty();
}

kube::ObjectRef apex_route(const CanarySpec& spec, const TrafficProvider& provider, std::string_view kind) {
    return {.gvk = {kube::group_of(provider.api_version), kube::version_of(provider.api_version), std::string(kind)},
            .ns = spec.ns,
            .name = spec.apex()};
}

Value route_base(const RouteInput& input, const kube::ObjectRef& ref) {
    if (const auto* live = input.find(ref)) return *live;
    return new_object(input.spec, input.rules, ref.gvk.api_version(), ref.gvk.kind, ref.name);
}

void put_route_metadata(Value& route, const RouteInput& input) {
    auto metadata = declared_metadata(input.spec, "apex");
    keep_from_flux(metadata.annotations);
    put_metadata(route, metadata, input.spec, input.rules);
}

const Value* service_list(const CanarySpec& spec, std::string_view field) {
    const auto* list = spec.service.document.find(field);
    return list == nullptr || !list->is_list() || list->empty() ? nullptr : list;
}

bool has_match(const CanarySpec& spec) { return spec.analysis.match.is_list() && !spec.analysis.match.empty(); }

std::size_t match_product(std::size_t analysis, std::size_t service) {
    if (analysis > k_most_matches || service > k_most_matches || analysis * service > k_most_matches)
        throw Error(Code::invalid, fmt::format("spec.analysis.match and spec.service.match make more than {} pairs",
                                               k_most_matches));
    return analysis * service;
}

int weight_at(const Value& map, std::string_view key, int otherwise) {
    const auto* value = map.find(key);
    const auto number = value == nullptr ? std::nullopt : value->to_int();
    return static_cast<int>(std::clamp<std::int64_t>(number.value_or(otherwise), 0, 1'000'000));
}

std::optional<Split> split_of(const CanarySpec& spec, int primary, int canary) {
    const int sum = primary + canary;
    if (sum == 0) return std::nullopt;
    const int weight = sum == 100 ? canary : static_cast<int>((std::int64_t{canary} * 100 + sum / 2) / sum);
    return Split{weight, false, weight > 0 && spec.analysis.strategy == Strategy::ab_testing};
}

}  // namespace gitops::rollout
