#include "core/rollout/autoscaling.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::string_view k_hpa = "HorizontalPodAutoscaler";
constexpr std::string_view k_scaled_object = "ScaledObject";
constexpr std::string_view k_paused = "autoscaling.keda.sh/paused-replicas";

kube::ObjectRef ref_to(const CanarySpec& spec, const std::string& name) {
    const auto& kind = spec.autoscaler->kind;
    if (kind != k_hpa && kind != k_scaled_object)
        throw base::Error(base::Code::invalid, fmt::format("spec.autoscalerRef: a {} is no autoscaler of a canary", kind))
            .hint("it is a HorizontalPodAutoscaler or a ScaledObject");
    std::string version = spec.autoscaler->api_version;
    if (version.empty()) version = kind == k_hpa ? "autoscaling/v2" : "keda.sh/v1alpha1";
    return {.gvk = {kube::group_of(version), kube::version_of(version), kind}, .ns = spec.ns, .name = name};
}

std::string replaced_all(std::string text, std::string_view what, std::string_view with) {
    std::size_t at = 0;
    while (!what.empty() && (at = text.find(what, at)) != std::string::npos) {
        text.replace(at, what.size(), with);
        at += with.size();
    }
    return text;
}

/// `<target>` and `<target>-canary` become `<target>-primary`; what is the primary's already stays.
std::string primary_query(const std::string& query, const CanarySpec& spec) {
    constexpr std::string_view k_mark{"\0", 1};
    auto text = replaced_all(query, spec.primary_name(), k_mark);
    text = replaced_all(std::move(text), spec.target.name + "-canary", k_mark);
    text = replaced_all(std::move(text), spec.target.name, k_mark);
    return replaced_all(std::move(text), k_mark, spec.primary_name());
}

void rename_queries(Value& body, const CanarySpec& spec) {
    auto* triggers = body.find_mutable("triggers");
    if (triggers == nullptr || !triggers->is_list()) return;
    const auto* given = spec.document.path("spec", "autoscalerRef", "primaryScalerQueries");
    for (std::size_t i = 0; i < triggers->size(); ++i) {
        auto& trigger = triggers->item(i);
        auto* metadata = trigger.is_map() ? trigger.find_mutable("metadata") : nullptr;
        if (metadata == nullptr || !metadata->is_map()) continue;
        if (given != nullptr && given->is_map()) {
            if (const auto query = given->text_at(trigger.text_at("name")); !query.empty()) metadata->set("query", query);
        } else if (metadata->text_at("query") != "") {
            metadata->set("query", primary_query(std::string(metadata->text_at("query")), spec));
        }
    }
}

/// KEDA names the HPA it makes; two of one name would fight.
void rename_hpa(Value& body) {
    const auto* name = body.path("advanced", "horizontalPodAutoscalerConfig", "name");
    if (name == nullptr || name->text().empty()) return;
    const std::string renamed = std::string(name->text()) + std::string(k_primary_suffix);
    body.at("advanced").at("horizontalPodAutoscalerConfig").set("name", renamed);
}

Value primary_spec(const CanarySpec& spec, const Value& autoscaler, bool is_keda) {
    const auto* source = autoscaler.find("spec");
    auto body = source == nullptr || !source->is_map() ? Value::map() : *source;
    body.at("scaleTargetRef").set("name", spec.primary_name());
    if (is_keda) {
        rename_queries(body, spec);
        rename_hpa(body);
    }
    const auto* bounds = spec.document.path("spec", "autoscalerRef", "primaryScalerReplicas");
    if (bounds == nullptr) return body;
    if (const auto* least = bounds->find("minReplicas")) body.set(is_keda ? "minReplicaCount" : "minReplicas", *least);
    if (const auto* most = bounds->find("maxReplicas")) body.set(is_keda ? "maxReplicaCount" : "maxReplicas", *most);
    return body;
}

Metadata copied_metadata(const Value& autoscaler, const ObjectRules& rules, bool is_keda) {
    Metadata metadata;
    for (auto& [key, text] : texts_of(autoscaler.path("metadata", "labels")))
        if (key.find("toolkit.fluxcd.io") == std::string::npos) metadata.labels.emplace(key, text);
    if (is_keda) metadata.annotations = portable_annotations(autoscaler, rules);
    metadata.annotations.erase(std::string(k_paused));
    keep_from_flux(metadata.annotations);
    return metadata;
}

}  // namespace

std::optional<kube::ObjectRef> autoscaler_ref(const CanarySpec& spec) {
    if (!spec.autoscaler) return std::nullopt;
    return ref_to(spec, spec.autoscaler->name);
}

std::optional<kube::ObjectRef> primary_autoscaler_ref(const CanarySpec& spec) {
    if (!spec.autoscaler) return std::nullopt;
    return ref_to(spec, spec.autoscaler->name + std::string(k_primary_suffix));
}

std::optional<Value> primary_autoscaler(const CanarySpec& spec, const Value& autoscaler, const Value* live,
                                        AutoscalerMoment moment, const ObjectRules& rules) {
    if (live != nullptr && moment == AutoscalerMoment::creation) return std::nullopt;
    const auto ref = primary_autoscaler_ref(spec);
    if (!ref) return std::nullopt;
    const bool is_keda = ref->gvk.kind == k_scaled_object;
    auto copy = live != nullptr ? *live : new_object(spec, rules, autoscaler.text_at("apiVersion"), ref->gvk.kind, ref->name);
    if (live == nullptr) put_metadata(copy, copied_metadata(autoscaler, rules, is_keda), spec, rules);
    copy.set("spec", primary_spec(spec, autoscaler, is_keda));
    if (live != nullptr && copy == *live) return std::nullopt;
    return copy;
}

std::optional<Value> paused(const Value& scaled_object) {
    if (kube::kind_of(scaled_object) != k_scaled_object) return std::nullopt;
    if (kube::annotation_of(scaled_object, k_paused) == "0") return std::nullopt;
    auto next = scaled_object;
    kube::set_annotation(next, k_paused, "0");
    return next;
}

std::optional<Value> resumed(const Value& scaled_object) {
    const auto* annotations = scaled_object.path("metadata", "annotations");
    if (kube::kind_of(scaled_object) != k_scaled_object) return std::nullopt;
    if (annotations == nullptr || !annotations->has(k_paused)) return std::nullopt;
    auto next = scaled_object;
    next.at("metadata").at("annotations").erase(k_paused);
    return next;
}

int least_replicas(const Value& autoscaler) {
    const auto field = kube::kind_of(autoscaler) == k_scaled_object ? "minReplicaCount" : "minReplicas";
    const auto* least = autoscaler.path("spec", field);
    const auto count = least == nullptr ? std::nullopt : least->to_int();
    return static_cast<int>(std::clamp<std::int64_t>(count.value_or(1), 0, 1'000'000));
}

}  // namespace gitops::rollout
