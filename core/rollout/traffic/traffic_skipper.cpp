// Skipper: a second Ingress that has both Services as backends, with their weights in an annotation.
#include <array>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/traffic/traffic_ingress.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::string_view k_weights = "zalando.org/backend-weights";
constexpr std::string_view k_predicate = "zalando.org/skipper-predicate";

/// Each path to the apex twice, once to either side; other paths are left to the user's Ingress.
Value divided_paths(const Value& paths, const CanarySpec& spec) {
    auto divided = Value::list();
    for (const auto& path : paths.items()) {
        const auto* name = path.path("backend", "service", "name");
        if (name == nullptr || name->text() != spec.apex()) continue;
        for (const auto& side : {spec.primary_service(), spec.canary_service()}) {
            auto copy = path;
            copy.at("backend").at("service").set("name", side);
            divided.push_back(std::move(copy));
        }
    }
    return divided;
}

Value divided_rules(const Value& rules, const CanarySpec& spec) {
    auto divided = Value::list();
    for (auto rule : rules.items()) {
        const auto* paths = rule.path("http", "paths");
        if (paths == nullptr) continue;
        auto both = divided_paths(*paths, spec);
        if (both.empty()) continue;
        rule.at("http").set("paths", std::move(both));
        divided.push_back(std::move(rule));
    }
    return divided;
}

/// Heavier than the user's own Ingress, and out of the way while there is no canary; the user's predicates stay.
std::string predicates_with(std::string_view existing, const Split& split) {
    std::string text = split.canary == 0 ? "False() && Weight(100)" : "Weight(100)";
    while (!existing.empty()) {
        const auto end = existing.find("&&");
        const auto one = base::trim(existing.substr(0, end));
        if (!one.empty() && one != "Weight(100)" && one != "False()") text += " && " + std::string(one);
        existing = end == std::string_view::npos ? std::string_view{} : existing.substr(end + 2);
    }
    return text;
}

std::vector<Value> build(const RouteInput& input, const Split& split) {
    const auto& spec = input.spec;
    auto ingress = canary_ingress(input, k_weights);
    auto& body = ingress.at("spec");
    if (const auto* rules = body.find("rules")) body.set("rules", divided_rules(*rules, spec));
    auto weights = Value::map();
    weights.set(spec.primary_service(), 100 - split.canary);
    weights.set(spec.canary_service(), split.canary);
    kube::set_annotation(ingress, k_weights, doc::write_json(weights, doc::JsonLayout::compact, doc::JsonKeys::sorted));
    const std::string existing(kube::annotation_of(ingress, k_predicate));
    kube::set_annotation(ingress, k_predicate, predicates_with(existing, split));
    return {std::move(ingress)};
}

std::optional<Split> read(const RouteInput& input) {
    const auto& spec = input.spec;
    const auto* ingress = input.find(ingress_objects(spec, input.provider).front());
    const auto text = ingress == nullptr ? std::string_view{} : kube::annotation_of(*ingress, k_weights);
    if (text.empty()) return std::nullopt;
    try {
        const auto weights = doc::read_json(text);
        return split_of(spec, weight_at(weights, spec.primary_service(), 0), weight_at(weights, spec.canary_service(), 0));
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

constexpr std::array k_rows{
    TrafficProvider{"skipper", "networking.k8s.io/v1", {.has_weights = true, .has_route = true}, ingress_objects, build, read}};

}  // namespace

std::span<const TrafficProvider> skipper_providers() { return k_rows; }

}  // namespace gitops::rollout
