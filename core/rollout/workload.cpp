#include "core/rollout/workload.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/rollout/autoscaling.hpp"
#include "core/rollout/pod_renames.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_longest_label = 63;
constexpr std::array<std::string_view, 3> k_selector_keys{"app", "name", "app.kubernetes.io/name"};
/// Fields of the spec that a promotion takes over as they are.
constexpr std::array<std::string_view, 5> k_taken_over{"progressDeadlineSeconds", "minReadySeconds", "revisionHistoryLimit",
                                                       "strategy", "updateStrategy"};

bool is_daemon_set(const Value& workload) { return kube::kind_of(workload) == "DaemonSet"; }

void require_workload(const Value& target) {
    const auto kind = kube::kind_of(target);
    if (kind != "Deployment" && kind != "DaemonSet")
        throw Error(Code::invalid, fmt::format("a {} cannot be rolled out, only a Deployment, a DaemonSet or a Service", kind));
    const auto* type = target.path("spec", "updateStrategy", "type");
    if (kind == "DaemonSet" && type != nullptr && type->text() != "RollingUpdate")
        throw Error(Code::invalid, fmt::format("{} is updated by {}, which nobody can wait for", kube::key_of(target).text(),
                                               type->text()))
            .hint("set spec.updateStrategy.type to RollingUpdate");
}

void take_over(Value& primary_spec, const Value* target_spec) {
    for (const auto field : k_taken_over) {
        const auto* value = target_spec == nullptr ? nullptr : target_spec->find(field);
        if (value != nullptr) primary_spec.set(field, *value);
        else primary_spec.erase(field);
    }
}

kube::Patch patch_of(const Value& workload, Value spec) {
    auto patch = Value::map();
    patch.set("spec", std::move(spec));
    return {.ref = kube::ref_of(workload), .kind = kube::PatchKind::merge, .patch = std::move(patch), .subresource = {},
            .resource_version = {}};
}

Value one(std::string_view key, Value value) {
    auto map = Value::map();
    map.set(key, std::move(value));
    return map;
}

bool has_zero_selector(const Value& daemon_set) {
    const auto* nodes = daemon_set.path("spec", "template", "spec", "nodeSelector");
    return nodes != nullptr && nodes->has(k_scale_to_zero);
}

kube::Patch zero_selector_patch(const Value& daemon_set, Value mark) {
    return patch_of(daemon_set, one("template", one("spec", one("nodeSelector", one(k_scale_to_zero, std::move(mark))))));
}

Value without_flagger_id(Value pods) {
    auto* metadata = pods.find_mutable("metadata");
    auto* annotations = metadata == nullptr || !metadata->is_map() ? nullptr : metadata->find_mutable("annotations");
    if (annotations == nullptr || !annotations->is_map()) return pods;
    annotations->erase("flagger-id");
    if (annotations->empty()) metadata->erase("annotations");
    return pods;
}

Value template_of(const Value& workload) {
    const auto* pods = workload.path("spec", "template");
    return pods == nullptr ? Value() : *pods;
}

Metadata primary_metadata(const Value& target, const ObjectRules& rules) {
    const auto label = selector_label(target);
    Metadata metadata{allowed_labels(target, rules), portable_annotations(target, rules)};
    metadata.labels[label.key] = label.primary_value();
    keep_from_flux(metadata.annotations);
    return metadata;
}

/// From the first promotion on Flagger copies only annotations with a listed prefix, so that others vanish.
Metadata promoted_metadata(const Value& target, const ObjectRules& rules) {
    auto metadata = primary_metadata(target, rules);
    if (rules.compat == Compat::none) return metadata;
    std::erase_if(metadata.annotations, [&](const auto& entry) {
        return std::ranges::none_of(rules.label_prefixes, [&](const std::string& prefix) {
            return prefix == "*" || (!prefix.empty() && entry.first.starts_with(prefix));
        });
    });
    return metadata;
}

}  // namespace

SelectorLabel selector_label(const Value& target) {
    const auto* labels = target.path("spec", "selector", "matchLabels");
    for (const auto key : k_selector_keys) {
        const auto value = labels == nullptr ? std::string_view{} : labels->text_at(key);
        if (value.empty()) continue;
        SelectorLabel label{std::string(key), std::string(value)};
        if (label.primary_value().size() > k_longest_label)
            throw Error(Code::invalid, fmt::format("the label {} of {} is too long: with {} it has more than {} characters", key,
                                                   kube::key_of(target).text(), k_primary_suffix, k_longest_label));
        return label;
    }
    throw Error(Code::invalid, fmt::format("{} selects its pods by none of the labels app, name and app.kubernetes.io/name",
                                           kube::key_of(target).text()))
        .hint("the primary is told apart by one of them: put it into spec.selector.matchLabels and spec.template.metadata.labels; "
              "a selector cannot be changed, so the workload has to be made anew");
}

int replicas_of(const Value& workload) {
    const auto* replicas = workload.path("spec", "replicas");
    const auto count = replicas == nullptr ? std::nullopt : replicas->to_int();
    return static_cast<int>(std::clamp<std::int64_t>(count.value_or(1), 0, 1'000'000));
}

Value make_primary(const CanarySpec& spec, const Value& target, const ConfigSums& tracked, const ObjectRules& rules) {
    require_workload(target);
    const auto label = selector_label(target);
    const bool is_daemon = is_daemon_set(target);
    auto primary = new_object(spec, rules, "apps/v1", kube::kind_of(target), spec.primary_name());
    put_metadata(primary, primary_metadata(target, rules), spec, rules);
    auto body = Value::map();
    if (!is_daemon) body.set("replicas", std::max(1, replicas_of(target)));
    body.set("selector", one("matchLabels", one(label.key, label.primary_value())));
    take_over(body, target.find("spec"));
    body.set("template", primary_template(spec, target, tracked, rules));
    primary.set("spec", std::move(body));
    return primary;
}

std::optional<Value> promoted(const CanarySpec& spec, const Value& primary, const Value& target, const ConfigSums& tracked,
                              const ObjectRules& rules) {
    require_workload(target);
    auto pods = primary_template(spec, target, tracked, rules);
    if (without_flagger_id(template_of(primary)) == pods) return std::nullopt;
    auto next = primary;
    put_metadata(next, promoted_metadata(target, rules), spec, rules);
    auto& body = next.at("spec");
    body.set("template", std::move(pods));
    take_over(body, target.find("spec"));
    const bool takes_replicas = !is_daemon_set(target) && !spec.autoscaler && spec.provider != "replicas" &&
        replicas_of(target) > 0;
    if (takes_replicas) body.set("replicas", replicas_of(target));
    return next;
}

std::optional<Value> restored(const Value& primary, const Value& saved_template) {
    if (template_of(primary) == saved_template || !saved_template.is_map()) return std::nullopt;
    auto next = primary;
    next.at("spec").set("template", saved_template);
    return next;
}

std::optional<kube::Patch> scale_up(const CanarySpec& spec, const Value& target, const Value* primary, const Value* autoscaler) {
    if (kube::kind_of(target) == "Service") return std::nullopt;
    if (is_daemon_set(target)) {
        if (!has_zero_selector(target)) return std::nullopt;
        return zero_selector_patch(target, nullptr);
    }
    if (replicas_of(target) > 0) return std::nullopt;
    int wanted = 1;
    const int least = autoscaler == nullptr ? 0 : least_replicas(*autoscaler);
    if (spec.provider == "replicas") wanted = 1;
    else if (least > 1) wanted = least;
    else if (autoscaler == nullptr && primary != nullptr) wanted = std::max(1, replicas_of(*primary));
    return scale_to(target, wanted);
}

std::optional<kube::Patch> scale_to_zero(const Value& target) {
    if (kube::kind_of(target) == "Service") return std::nullopt;
    if (!is_daemon_set(target)) return scale_to(target, 0);
    if (has_zero_selector(target)) return std::nullopt;
    return zero_selector_patch(target, "true");
}

std::optional<kube::Patch> scale_to(const Value& workload, int replicas) {
    if (replicas_of(workload) == replicas) return std::nullopt;
    return patch_of(workload, one("replicas", replicas));
}

std::optional<kube::Patch> traffic_label_patch(const CanarySpec& spec, const Value& workload) {
    if (spec.provider != "replicas" || kube::kind_of(workload) == "Service") return std::nullopt;
    const auto* labels = workload.path("spec", "template", "metadata", "labels");
    if (labels != nullptr && labels->text_at(k_traffic_label) == spec.apex()) return std::nullopt;
    return patch_of(workload, one("template", one("metadata", one("labels", one(k_traffic_label, spec.apex())))));
}

}  // namespace gitops::rollout
