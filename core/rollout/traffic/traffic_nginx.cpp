// The nginx Ingress controller: a second Ingress whose annotations say who goes to the canary.
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/rollout/traffic/traffic_ingress.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// The one header and the one cookie nginx can look at.
struct Conditions {
    std::string cookie;
    std::string header;
    std::string value;
    std::string pattern;
};

void take(std::string& place, std::string_view text, std::string_view what) {
    if (!place.empty() && place != text)
        throw Error(Code::invalid, fmt::format("spec.analysis.match: nginx looks at one {} only, found {} and {}", what,
                                               place, text));
    place = text;
}

Conditions conditions_of(const CanarySpec& spec) {
    Conditions found;
    for (const auto& condition : spec.analysis.match.items()) {
        const auto* headers = condition.find("headers");
        if (headers == nullptr) continue;
        for (const auto& entry : headers->entries()) {
            if (entry.name() == "cookie") {
                take(found.cookie, entry.value.text_at("exact"), "cookie");
                continue;
            }
            take(found.header, entry.name(), "header");
            found.value = entry.value.text_at("exact");
            found.pattern = entry.value.text_at("regex");
        }
    }
    if (found.cookie.empty() && found.header.empty())
        throw Error(Code::invalid, "spec.analysis.match: nginx tells requests apart by a header or a cookie, found neither")
            .hint("headers: {x-canary: {exact: insider}}, or headers: {cookie: {exact: canary}}");
    return found;
}

Texts canary_annotations(const RouteInput& input, const Split& split) {
    const auto& prefix = input.rules.ingress_prefix;
    const bool is_matched = has_match(input.spec);
    // Flagger marks an Ingress without traffic as none of a canary's, which makes it a rival of the user's own.
    if (split.canary == 0 && input.is_flagger()) return {{prefix + "/canary", "false"}};
    Texts wanted{{prefix + "/canary", "true"}};
    if (!is_matched || split.canary == 0) {
        wanted[prefix + "/canary-weight"] = std::to_string(split.canary);
        return wanted;
    }
    const auto conditions = conditions_of(input.spec);
    const auto put = [&](const char* suffix, const std::string& text) {
        if (!text.empty()) wanted[prefix + suffix] = text;
    };
    put("/canary-by-cookie", conditions.cookie);
    put("/canary-by-header", conditions.header);
    put("/canary-by-header-value", conditions.value);
    put("/canary-by-header-pattern", conditions.pattern);
    return wanted;
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto own = input.rules.ingress_prefix + "/canary";
    auto ingress = canary_ingress(input, own);
    each_backend(ingress.at("spec"), input.spec.apex(),
                 [&](Value& backend) { backend.at("service").set("name", input.spec.canary_service()); });
    auto annotations = texts_of(ingress.path("metadata", "annotations"));
    std::erase_if(annotations, [&](const auto& entry) { return entry.first.starts_with(own); });
    annotations.merge(canary_annotations(input, split));
    ingress.at("metadata").set("annotations", to_value(annotations));
    return {std::move(ingress)};
}

std::optional<Split> read(const RouteInput& input) {
    const auto& prefix = input.rules.ingress_prefix;
    const auto* ingress = input.find(ingress_objects(input.spec, input.provider).front());
    if (ingress == nullptr) return std::nullopt;
    const bool is_switched = !kube::annotation_of(*ingress, prefix + "/canary-by-cookie").empty() ||
                             !kube::annotation_of(*ingress, prefix + "/canary-by-header").empty();
    if (has_match(input.spec)) return split_of(input.spec, is_switched ? 0 : 100, is_switched ? 100 : 0);
    const auto text = kube::annotation_of(*ingress, prefix + "/canary-weight");
    auto number = Value::map();
    if (!text.empty()) number.set("weight", Value::number(Value::Kind::integer, text));
    const int weight = std::min(100, weight_at(number, "weight", 0));
    return split_of(input.spec, 100 - weight, weight);
}

constexpr std::array k_rows{TrafficProvider{
    "nginx", "networking.k8s.io/v1", {.has_weights = true, .has_route = true, .can_match = true}, ingress_objects, build, read}};

}  // namespace

std::span<const TrafficProvider> nginx_providers() { return k_rows; }

}  // namespace gitops::rollout
