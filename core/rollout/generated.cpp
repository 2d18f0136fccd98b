#include "core/rollout/generated.hpp"

#include <algorithm>
#include <array>

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::string_view k_flux = "toolkit.fluxcd.io";
constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view k_original = "flagger.kubernetes.io/original-configuration";
constexpr std::size_t k_longest_label = 63;
/// Annotations that say something about the one object they stand on.
constexpr std::array<std::string_view, 7> k_personal{
    "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/",     "deprecated.daemonset.template.generation",
    "argocd.argoproj.io/",                              "kustomize.config.k8s.io/",      "meta.helm.sh/",
    "config.kubernetes.io/"};

bool is_flux(std::string_view key) { return key.find(k_flux) != std::string_view::npos; }

bool lists(const Value* list, std::string_view key) {
    if (list == nullptr) return false;
    return std::ranges::any_of(list->items(), [&](const Value& item) { return item.text() == key; });
}

void put_texts(Value& metadata, std::string_view field, Texts wanted, const Value* unmanaged, Compat compat) {
    for (auto& [key, text] : texts_of(metadata.find(field))) {
        const bool is_kept = compat == Compat::none || key.starts_with(k_own_prefix) || key == k_last_applied ||
            key == k_original ||
                             lists(unmanaged, key);
        if (is_kept) wanted.emplace(key, text);
    }
    if (wanted.empty()) metadata.erase(field);
    else metadata.set(field, to_value(wanted));
}

}  // namespace

Texts texts_of(const Value* map) {
    Texts texts;
    if (map == nullptr) return texts;
    for (const auto& entry : map->entries())
        if (entry.value.is_string()) texts.emplace(entry.name(), entry.value.text());
    return texts;
}

Value to_value(const Texts& texts) {
    auto map = Value::map();
    for (const auto& [key, text] : texts) map.set(key, text);
    return map;
}

Value owner_reference(const CanarySpec& spec, const ObjectRules& rules) {
    auto owner = Value::map();
    owner.set("apiVersion", spec.document.text_at("apiVersion"));
    owner.set("kind", "Canary");
    owner.set("name", spec.name);
    owner.set("uid", rules.owner_uid);
    owner.set("controller", true);
    owner.set("blockOwnerDeletion", true);
    return owner;
}

Value new_object(const CanarySpec& spec, const ObjectRules& rules, std::string_view api_version, std::string_view kind,
                 const std::string& name) {
    auto metadata = Value::map();
    metadata.set("name", name);
    metadata.set("namespace", spec.ns);
    if (spec.name.size() <= k_longest_label) metadata.set("labels", to_value(Texts{{std::string(k_canary_label), spec.name}}));
    if (!rules.owner_uid.empty()) metadata.set("ownerReferences", Value::list({owner_reference(spec, rules)}));
    auto object = Value::map();
    object.set("apiVersion", api_version);
    object.set("kind", kind);
    object.set("metadata", std::move(metadata));
    return object;
}

bool is_made_for(const Value& object, const CanarySpec& spec) {
    if (kube::label_of(object, k_canary_label) == spec.name) return true;
    const auto* owners = object.path("metadata", "ownerReferences");
    if (owners == nullptr) return false;
    return std::ranges::any_of(owners->items(), [&](const Value& owner) {
        const auto* controller = owner.find("controller");
        return controller != nullptr && controller->as_bool() && owner.text_at("kind") == "Canary" &&
               owner.text_at("name") == spec.name;
    });
}

const Value* find_live(const std::vector<Value>& live, const kube::ObjectRef& ref) {
    const auto found = std::ranges::find_if(live, [&](const Value& object) {
        const auto gvk = kube::gvk_of(object);
        return gvk.group == ref.gvk.group && gvk.kind == ref.gvk.kind && kube::name_of(object) == ref.name &&
               (ref.ns.empty() || kube::namespace_of(object) == ref.ns);
    });
    return found == live.end() ? nullptr : &*found;
}

Metadata declared_metadata(const CanarySpec& spec, std::string_view part) {
    const auto* declared = spec.service.document.find(part);
    if (declared == nullptr) return {};
    return {texts_of(declared->find("labels")), texts_of(declared->find("annotations"))};
}

void keep_from_flux(Texts& annotations) {
    annotations["kustomize.toolkit.fluxcd.io/reconcile"] = "disabled";
    annotations["helm.toolkit.fluxcd.io/driftDetection"] = "disabled";
}

void put_metadata(Value& object, const Metadata& wanted, const CanarySpec& spec, const ObjectRules& rules) {
    auto& metadata = object.at("metadata");
    put_texts(metadata, "labels", wanted.labels, spec.service.document.path("unmanagedMetadata", "labels"), rules.compat);
    put_texts(metadata, "annotations", wanted.annotations, spec.service.document.path("unmanagedMetadata", "annotations"),
              rules.compat);
}

Texts allowed_labels(const Value& object, const ObjectRules& rules) {
    Texts allowed;
    for (auto& [key, text] : texts_of(object.path("metadata", "labels"))) {
        if (is_flux(key)) continue;
        const bool is_listed = std::ranges::any_of(rules.label_prefixes, [&](const std::string& prefix) {
            return prefix == "*" || (!prefix.empty() && key.starts_with(prefix));
        });
        if (is_listed) allowed.emplace(key, text);
    }
    return allowed;
}

Texts portable_annotations(const Value& object, const ObjectRules& rules) {
    Texts portable;
    for (auto& [key, text] : texts_of(object.path("metadata", "annotations"))) {
        const bool is_personal = key.starts_with(k_own_prefix) ||
                                 (rules.compat == Compat::none &&
                                  std::ranges::any_of(k_personal,
                                                      [&](std::string_view prefix) { return key.starts_with(prefix); }));
        if (!is_flux(key) && !is_personal) portable.emplace(key, text);
    }
    return portable;
}

std::vector<Value> changed_only(std::vector<Value> documents, const std::vector<Value>& live) {
    std::erase_if(documents, [&](const Value& document) {
        const auto* object = find_live(live, kube::ref_of(document));
        return object != nullptr && *object == document;
    });
    return documents;
}

bool covers(const Value& live, const Value& wanted) {
    if (live.same_node(wanted)) return true;
    if (wanted.is_map() && live.is_map())
        return std::ranges::all_of(wanted.entries(), [&](const doc::Entry& entry) {
            const auto* value = live.find(entry.name());
            return value != nullptr && covers(*value, entry.value);
        });
    if (!wanted.is_list() || !live.is_list()) return live == wanted;
    return std::ranges::equal(live.items(), wanted.items(), [](const Value& a, const Value& b) { return covers(a, b); });
}

}  // namespace gitops::rollout
