#include "core/rollout/pod_renames.hpp"

#include <array>
#include <fmt/format.h>

#include "core/base/digest.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::string_view k_flagger_id = "flagger-id";
constexpr std::size_t k_digest_length = 10;

struct Holder {
    std::string_view field;  ///< that holds the reference
    std::string_view name;   ///< the member with the name
    std::string_view kind;
};
constexpr std::array k_volume_holders{Holder{"configMap", "name", "configmap"}, Holder{"secret", "secretName", "secret"}};
constexpr std::array k_projected_holders{Holder{"configMap", "name", "configmap"}, Holder{"secret", "name", "secret"}};
constexpr std::array k_env_holders{Holder{"configMapKeyRef", "name", "configmap"}, Holder{"secretKeyRef", "name", "secret"}};
constexpr std::array k_env_from_holders{Holder{"configMapRef", "name", "configmap"}, Holder{"secretRef", "name", "secret"}};

/// Calls `change` for each item of the list at `field` of `parent`, if it is there.
template <class Change>
void each_item(Value& parent, std::string_view field, Change change) {
    if (!parent.is_map()) return;
    auto* list = parent.find_mutable(field);
    if (list == nullptr || !list->is_list()) return;
    for (std::size_t i = 0; i < list->size(); ++i) change(list->item(i));
}

template <class Holders, class Visit>
void visit_holders(Value& owner, const Holders& holders, const Visit& visit) {
    if (!owner.is_map()) return;
    for (const auto& holder : holders) {
        auto* reference = owner.find_mutable(holder.field);
        if (reference == nullptr || !reference->is_map()) continue;
        const auto* optional = reference->find("optional");
        const bool is_optional = optional != nullptr && optional->as_bool();
        auto* name = reference->find_mutable(holder.name);
        if (name == nullptr || !name->is_string() || name->text().empty()) continue;
        visit(ConfigPlace{*name, fmt::format("{}/{}", holder.kind, name->text()), is_optional});
    }
}

/// Values equal to the own label become the primary's, in matchLabels and matchExpressions. Flagger compares with the name of
/// the workload instead, and under all keys it may select by.
class SelectorRename {
  public:
    SelectorRename(const Value& target, const SelectorLabel& label, Compat compat)
        : m_label(label), m_name(kube::name_of(target)), m_compat(compat) {}

    void in_terms(Value& affinity, std::string_view list, std::string_view inner) const {
        each_item(affinity, list, [&](Value& term) {
            auto* holder = inner.empty() ? &term : (term.is_map() ? term.find_mutable(inner) : nullptr);
            if (holder != nullptr) in_selector_of(*holder);
        });
    }

    void in_selector_of(Value& owner) const {
        auto* selector = owner.is_map() ? owner.find_mutable("labelSelector") : nullptr;
        if (selector == nullptr || !selector->is_map()) return;
        if (auto* labels = selector->find_mutable("matchLabels"); labels != nullptr && labels->is_map())
            for (const auto& [key, text] : texts_of(labels))
                if (is_own(key, text)) labels->set(key, text + std::string(k_primary_suffix));
        each_item(*selector, "matchExpressions", [&](Value& expression) {
            const std::string key(expression.text_at("key"));
            each_item(expression, "values", [&](Value& value) {
                if (is_own(key, value.text())) value = std::string(value.text()) + std::string(k_primary_suffix);
            });
        });
    }

  private:
    bool is_own(std::string_view key, std::string_view value) const {
        if (m_compat == Compat::none) return key == m_label.key && value == m_label.value;
        return value == m_name && (key == "app" || key == "name" || key == "app.kubernetes.io/name");
    }

    const SelectorLabel& m_label;
    std::string m_name;
    Compat m_compat;
};

void rename_selectors(Value& pod_spec, const SelectorRename& rename) {
    each_item(pod_spec, "topologySpreadConstraints", [&](Value& constraint) { rename.in_selector_of(constraint); });
    auto* affinity = pod_spec.find_mutable("affinity");
    auto* anti = affinity != nullptr && affinity->is_map() ? affinity->find_mutable("podAntiAffinity") : nullptr;
    if (anti == nullptr) return;
    rename.in_terms(*anti, "preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm");
    rename.in_terms(*anti, "requiredDuringSchedulingIgnoredDuringExecution", "");
}

std::string digest_of(const ConfigSums& tracked) {
    std::string text;
    for (const auto& [key, sum] : tracked) text += key + "=" + sum + "\n";
    return base::sha256_hex(text).substr(0, k_digest_length);
}

void rename_metadata(Value& pods, const CanarySpec& spec, const SelectorLabel& label, const ConfigSums& tracked) {
    auto& metadata = pods.at("metadata");
    auto labels = texts_of(metadata.find("labels"));
    labels[label.key] = label.primary_value();
    if (spec.provider == "replicas") labels[std::string(k_traffic_label)] = spec.apex();
    metadata.set("labels", to_value(labels));
    auto annotations = texts_of(metadata.find("annotations"));
    annotations.erase(std::string(k_flagger_id));
    if (!tracked.empty()) annotations[std::string(k_configs_annotation)] = digest_of(tracked);
    if (annotations.empty()) metadata.erase("annotations");
    else metadata.set("annotations", to_value(annotations));
}

}  // namespace

void visit_configs(Value& pod_spec, const std::function<void(const ConfigPlace&)>& visit) {
    each_item(pod_spec, "volumes", [&](Value& volume) {
        visit_holders(volume, k_volume_holders, visit);
        if (!volume.is_map()) return;
        if (auto* projected = volume.find_mutable("projected"); projected != nullptr)
            each_item(*projected, "sources", [&](Value& source) { visit_holders(source, k_projected_holders, visit); });
    });
    for (const auto* containers : {"containers", "initContainers"})
        each_item(pod_spec, containers, [&](Value& container) {
            each_item(container, "env", [&](Value& variable) {
                if (!variable.is_map()) return;
                if (auto* from = variable.find_mutable("valueFrom"); from != nullptr) visit_holders(*from, k_env_holders, visit);
            });
            each_item(container, "envFrom", [&](Value& source) { visit_holders(source, k_env_from_holders, visit); });
        });
}

Value primary_template(const CanarySpec& spec, const Value& target, const ConfigSums& tracked, const ObjectRules& rules) {
    const auto label = selector_label(target);
    const auto* source = target.path("spec", "template");
    auto pods = source == nullptr ? Value::map() : *source;
    rename_metadata(pods, spec, label, tracked);
    auto& pod_spec = pods.at("spec");
    visit_configs(pod_spec, [&](const ConfigPlace& place) {
        if (tracked.contains(place.key)) place.name = std::string(place.name.text()) + std::string(k_primary_suffix);
    });
    rename_selectors(pod_spec, SelectorRename(target, label, rules.compat));
    if (auto* nodes = pod_spec.find_mutable("nodeSelector"); nodes != nullptr && nodes->is_map()) {
        nodes->erase(k_scale_to_zero);
        if (nodes->empty()) pod_spec.erase("nodeSelector");
    }
    return pods;
}

}  // namespace gitops::rollout
