#include "core/rollout/services.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_longest_name = 63;
constexpr std::array<std::string_view, 2> k_sidecars{"istio-proxy", "envoy"};

bool is_service_target(const CanarySpec& spec) { return spec.target.kind == "Service"; }

kube::ObjectRef service_ref(const CanarySpec& spec, const std::string& name) {
    return {.gvk = {"", "v1", "Service"}, .ns = spec.ns, .name = name};
}

bool is_target_port(const CanarySpec& spec, const Value& port) {
    const auto number = port.find("containerPort");
    const auto& wanted = spec.service.target_port;
    if (wanted.is_string()) return port.text_at("name") == wanted.text();
    const auto own = wanted.is_null() ? std::optional<std::int64_t>(spec.service.port) : wanted.to_int();
    return number != nullptr && number->to_int() == own;
}

Value service_port(std::string_view name, const Value& number, const Value& target_port, std::string_view protocol) {
    auto port = Value::map();
    port.set("name", name);
    port.set("port", number);
    port.set("protocol", protocol);
    port.set("targetPort", target_port);
    return port;
}

/// The other ports of the target's containers, without those of sidecars.
void discover_ports(const CanarySpec& spec, const Value& target, Compat compat, Value& ports) {
    const auto* containers = target.path("spec", "template", "spec", "containers");
    if (containers == nullptr) return;
    for (const auto& container : containers->items()) {
        if (std::ranges::find(k_sidecars, container.text_at("name")) != k_sidecars.end()) continue;
        const auto* list = container.find("ports");
        if (list == nullptr) continue;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto& port = list->items()[i];
            const auto* number = port.find("containerPort");
            if (number == nullptr || is_target_port(spec, port)) continue;
            const bool is_taken = number->to_int() == spec.service.port;  // a Service has a port number once
            if (is_taken && compat == Compat::none) continue;
            const auto name = port.text_at("name");
            const auto protocol = compat == Compat::none ? port.text_at("protocol") : std::string_view{};
            const auto unnamed = fmt::format("tcp-{}-{}", container.text_at("name"), i);
            ports.push_back(service_port(name.empty() ? unnamed : name, *number, *number, protocol.empty() ? "TCP" : protocol));
        }
    }
}

Value ports_of(const CanarySpec& spec, const Value& target, Compat compat) {
    const auto& service = spec.service;
    auto first = service_port(service.port_name, service.port,
                              service.target_port.is_null() ? Value(service.port) : service.target_port,
                              "TCP");
    if (!service.app_protocol.empty()) first.set("appProtocol", service.app_protocol);
    auto ports = Value::list({std::move(first)});
    if (service.port_discovery) discover_ports(spec, target, compat, ports);
    return ports;
}

/// Node ports were chosen by the cluster, once.
void keep_node_ports(Value& ports, const Value* live) {
    if (live == nullptr) return;
    for (std::size_t i = 0; i < ports.size(); ++i)
        for (const auto& port : live->items()) {
            const auto* node_port = port.find("nodePort");
            const bool is_same = port.text_at("name") == ports.items()[i].text_at("name");
            if (node_port != nullptr && is_same) ports.item(i).set("nodePort", *node_port);
        }
}

Value service_of(const CanarySpec& spec, const std::string& name, std::string_view part, const Texts& selector, Value ports,
                 const SelectorLabel& label, const Value* live, const ObjectRules& rules) {
    if (name.size() > k_longest_name)
        throw Error(Code::invalid, fmt::format("the name of the Service {} is too long: at most {} characters", name,
                                               k_longest_name))
            .hint("give a shorter spec.service.name");
    auto service = live != nullptr ? *live : new_object(spec, rules, "v1", "Service", name);
    if (live == nullptr || is_made_for(*live, spec)) {
        auto metadata = declared_metadata(spec, part);
        metadata.labels[label.key] = name;
        keep_from_flux(metadata.annotations);
        put_metadata(service, metadata, spec, rules);
    }
    auto& body = service.at("spec");
    if (live == nullptr) {
        body.set("type", "ClusterIP");
        if (spec.service.headless) body.set("clusterIP", "None");
    } else {
        keep_node_ports(ports, live->path("spec", "ports"));
    }
    body.set("ports", std::move(ports));
    body.set("selector", to_value(selector));
    if (const auto distribution = spec.service.document.text_at("trafficDistribution"); !distribution.empty())
        body.set("trafficDistribution", distribution);
    return service;
}

/// The selector the apex has, where it is one of those the provider chooses between.
Texts kept_selector(const CanarySpec& spec, const SelectorLabel& label, const Value* live) {
    constexpr int k_between = 50;
    const auto now = live == nullptr ? Texts{} : texts_of(live->path("spec", "selector"));
    for (const int weight : {k_between, 100})
        if (const auto selector = apex_selector(spec, label, {weight, false, false}); selector && *selector == now) return now;
    return {{label.key, label.primary_value()}};
}

Value service_copy(const CanarySpec& spec, const Value& target, const std::string& name, const Value* live,
                   const ObjectRules& rules) {
    auto copy = live != nullptr ? *live : new_object(spec, rules, "v1", "Service", name);
    Metadata metadata{texts_of(target.path("metadata", "labels")), portable_annotations(target, rules)};
    keep_from_flux(metadata.annotations);
    put_metadata(copy, metadata, spec, rules);
    const auto* source = target.find("spec");
    auto body = source == nullptr ? Value::map() : *source;
    for (const auto* field : {"clusterIP", "clusterIPs", "healthCheckNodePort"}) {
        const auto* own = live == nullptr ? nullptr : live->path("spec", field);
        if (own != nullptr) body.set(field, *own);
        else if (source == nullptr || source->text_at("clusterIP") != "None") body.erase(field);
    }
    if (auto* ports = body.find_mutable("ports"); ports != nullptr && ports->is_list()) {
        for (std::size_t i = 0; i < ports->size(); ++i)
            if (ports->item(i).is_map()) ports->item(i).erase("nodePort");
        keep_node_ports(*ports, live == nullptr ? nullptr : live->path("spec", "ports"));
    }
    copy.set("spec", std::move(body));
    return copy;
}

}  // namespace

std::vector<kube::ObjectRef> service_objects(const CanarySpec& spec) {
    if (is_service_target(spec))
        return {service_ref(spec, spec.target.name + "-canary"), service_ref(spec, spec.primary_name())};
    return {service_ref(spec, spec.canary_service()), service_ref(spec, spec.primary_service()), service_ref(spec, spec.apex())};
}

std::vector<Value> make_services(const CanarySpec& spec, const Value& target, const std::vector<Value>& live,
                                 const ObjectRules& rules) {
    const auto refs = service_objects(spec);
    std::vector<Value> documents;
    if (is_service_target(spec)) {
        documents.push_back(service_copy(spec, target, refs[0].name, find_live(live, refs[0]), rules));
        if (find_live(live, refs[1]) == nullptr) documents.push_back(service_copy(spec, target, refs[1].name, nullptr, rules));
        return changed_only(std::move(documents), live);
    }
    const auto label = selector_label(target);
    const auto ports = ports_of(spec, target, rules.compat);
    const Texts primary{{label.key, label.primary_value()}};
    const Texts canary{{label.key, label.value}};
    const auto* apex = find_live(live, refs[2]);
    documents.push_back(service_of(spec, refs[0].name, "canary", canary, ports, label, find_live(live, refs[0]), rules));
    documents.push_back(service_of(spec, refs[1].name, "primary", primary, ports, label, find_live(live, refs[1]), rules));
    documents.push_back(service_of(spec, refs[2].name, "apex", kept_selector(spec, label, apex), ports, label, apex, rules));
    return changed_only(std::move(documents), live);
}

std::optional<Value> promoted_service(const CanarySpec& spec, const Value& primary, const Value& target) {
    auto next = primary;
    const auto copy = service_copy(spec, target, spec.primary_name(), &primary, ObjectRules{});
    next.set("spec", *copy.find("spec"));
    if (next == primary) return std::nullopt;
    return next;
}

std::optional<Value> restored_service(const Value& primary, const Value& saved_spec) {
    const auto* now = primary.find("spec");
    if (!saved_spec.is_map() || (now != nullptr && *now == saved_spec)) return std::nullopt;
    auto next = primary;
    next.set("spec", saved_spec);
    return next;
}

std::optional<Texts> apex_selector(const CanarySpec& spec, const SelectorLabel& label, const Split& split) {
    if (spec.provider != "kubernetes" && spec.provider != "replicas") return std::nullopt;
    if (split.canary <= 0) return Texts{{label.key, label.primary_value()}};
    if (split.canary >= 100) return Texts{{label.key, label.value}};
    if (spec.provider == "replicas") return Texts{{std::string(k_traffic_label), spec.apex()}};
    return std::nullopt;
}

ReplicaCounts replica_counts(int weight, int total, int most) {
    total = std::max(1, total);
    if (weight <= 0) return {total, 0};
    if (weight >= 100) return {total, total};
    ReplicaCounts best;
    std::int64_t least_error = -1;
    const int first = std::max(2, total);
    for (int pods = first; pods <= std::max(first, std::min(most, 2 * first)); ++pods) {
        const auto nearest = static_cast<int>((std::int64_t{pods} * weight + 50) / 100);
        const int canary = std::clamp(nearest, 1, pods - 1);
        // The error is |canary/pods - weight/100|; fractions are compared by cross-multiplying with the best one's pods.
        const auto error = std::abs(std::int64_t{canary} * 100 - std::int64_t{weight} * pods);
        const auto best_pods = best.primary + best.canary;
        if (least_error >= 0 && error * best_pods >= least_error * pods) continue;
        best = {pods - canary, canary};
        least_error = error;
    }
    return best;
}

}  // namespace gitops::rollout
