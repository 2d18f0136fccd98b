#include "core/render/merge_schema.hpp"

#include "core/base/text.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_reference_start = "#/definitions/";
constexpr int k_max_references = 32;

/// Follows "$ref" until a schema stands there; nullptr when it leads nowhere.
const Value* resolve(const Value* node, const Value* definitions) {
    for (int hops = 0; node != nullptr && hops < k_max_references; ++hops) {
        std::string_view reference = node->text_at("$ref");
        if (reference.empty()) return node;
        if (!reference.starts_with(k_reference_start)) return nullptr;
        node = definitions->find(reference.substr(k_reference_start.size()));
    }
    return nullptr;
}

/// Where the built-in tables, which are found by kind, hold definitions that other schemas like to refer to.
struct BuiltInPlace {
    std::string_view definition, group, kind, path;
};

constexpr BuiltInPlace k_built_in_places[] = {
    {"io.k8s.api.core.v1.PodTemplateSpec", "apps", "Deployment", "spec.template"},
    {"io.k8s.api.core.v1.PodSpec", "", "Pod", "spec"},
    {"io.k8s.api.core.v1.Container", "", "Pod", "spec.containers.[]"},
    {"io.k8s.api.core.v1.EnvVar", "", "Pod", "spec.containers.[].env.[]"},
    {"io.k8s.api.core.v1.Volume", "", "Pod", "spec.volumes.[]"},
    {"io.k8s.api.core.v1.VolumeMount", "", "Pod", "spec.containers.[].volumeMounts.[]"},
    {"io.k8s.api.core.v1.ServiceSpec", "", "Service", "spec"},
    {"io.k8s.api.batch.v1.JobSpec", "batch", "Job", "spec"},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "", "Pod", "metadata"},
};

TypeView built_in_definition(std::string_view name) {
    for (const auto& place : k_built_in_places) {
        if (place.definition != name) continue;
        kube::Gvk gvk{std::string(place.group), "v1", std::string(place.kind)};
        TypeView type(kube::Schema::kustomize().root(gvk));
        for (std::string_view part : base::split(place.path, '.'))
            type = part == "[]" ? type.element() : type.field(part);
        return type;
    }
    return {};
}

bool says_merge(std::string_view strategy) {
    for (std::string_view part : base::split(strategy, ','))
        if (part == "merge") return true;
    return false;
}

bool is_keyed_list(const Value& schema, ListTypes list_types) {
    std::string_view type = schema.text_at("x-kubernetes-list-type");
    const Value* keys = schema.find("x-kubernetes-list-map-keys");
    if (list_types == ListTypes::ignored) return false;
    return type == "set" || (type == "map" && keys != nullptr && !keys->empty());
}

bool defines(const Value& definition, const kube::Gvk& gvk) {
    const Value* kinds = definition.find("x-kubernetes-group-version-kind");
    if (kinds == nullptr) return false;
    for (const auto& kind : kinds->items())
        if (kind.text_at("group") == gvk.group && kind.text_at("version") == gvk.version && kind.text_at("kind") == gvk.kind)
            return true;
    return false;
}

}  // namespace

TypeView::TypeView(const Value* node, const Value* definitions, bool with_built_in, ListTypes list_types)
    : m_node(resolve(node, definitions)), m_definitions(definitions), m_with_built_in(with_built_in), m_list_types(list_types) {
    m_known = m_node != nullptr;
    if (m_known || node == nullptr || !with_built_in) return;
    std::string_view reference = node->text_at("$ref");
    if (reference.starts_with(k_reference_start))
        *this = built_in_definition(reference.substr(k_reference_start.size()));
}

TypeView TypeView::field(std::string_view name) const {
    if (!m_known) return {};
    if (m_node == nullptr) {
        auto type = m_type.field(name);
        return type ? TypeView(*type) : TypeView();
    }
    const Value* properties = m_node->find("properties");
    const Value* next = properties == nullptr ? nullptr : properties->find(name);
    if (next == nullptr) {
        next = m_node->find("additionalProperties");
        if (next != nullptr && !next->is_map()) next = nullptr;
    }
    return {next, m_definitions, m_with_built_in, m_list_types};
}

TypeView TypeView::element() const {
    if (!m_known) return {};
    if (m_node == nullptr) return TypeView(m_type.element());
    if (m_node->text_at("type") != "array") return {};
    return {m_node->find("items"), m_definitions, m_with_built_in, m_list_types};
}

bool TypeView::merges() const {
    if (!m_known) return false;
    if (m_node != nullptr) return says_merge(m_node->text_at("x-kubernetes-patch-strategy")) || is_keyed_list(*m_node, m_list_types);
    switch (m_type.patch_strategy()) {
        case kube::PatchStrategy::merge:
        case kube::PatchStrategy::merge_retain_keys: return true;
        case kube::PatchStrategy::none:
        case kube::PatchStrategy::replace:
        case kube::PatchStrategy::retain_keys: return false;
    }
    return false;
}

std::vector<std::string> TypeView::keys() const {
    std::vector<std::string> keys;
    if (m_node != nullptr) {
        if (const Value* list = m_node->find("x-kubernetes-list-map-keys"))
            for (const auto& key : list->items()) keys.emplace_back(key.text());
        std::string_view key = m_node->text_at("x-kubernetes-patch-merge-key");
        if (keys.empty() && !key.empty()) keys.emplace_back(key);
        return keys;
    }
    for (std::string_view key : m_type.keys()) keys.emplace_back(key);
    if (keys.empty() && !m_type.patch_key().empty()) keys.emplace_back(m_type.patch_key());
    return keys;
}

void MergeSchema::use(const Value& document) {
    const Value* definitions = document.find("definitions");
    m_own = std::make_shared<const Value>(definitions != nullptr && definitions->is_map() ? *definitions : Value::map());
}

void MergeSchema::learn(const Value& object) {
    const Value* versions = object.path("spec", "versions");
    const Value* kind = object.path("spec", "names", "kind");
    if (object.text_at("kind") != "CustomResourceDefinition" || versions == nullptr || kind == nullptr) return;
    for (const auto& version : versions->items()) {
        const Value* schema = version.path("schema", "openAPIV3Schema");
        if (schema == nullptr || !schema->is_map()) continue;
        const kube::Gvk gvk{std::string(object.find("spec")->text_at("group")), std::string(version.text_at("name")),
                            std::string(kind->text())};
        m_learnt.push_back({gvk, *schema});
    }
}

TypeView MergeSchema::root(const kube::Gvk& gvk) const {
    static const Value no_definitions = Value::map();
    for (const auto& learnt : m_learnt)
        if (learnt.gvk.kind == gvk.kind && learnt.gvk.group == gvk.group && learnt.gvk.version == gvk.version)
            return {&learnt.schema, &no_definitions, false, m_list_types};
    if (m_own == nullptr) {
        const auto& schema = kube::Schema::kustomize();
        return schema.knows(gvk) ? TypeView(schema.root(gvk)) : TypeView();
    }
    for (const auto& entry : m_own->entries())
        if (defines(entry.value, gvk)) return {&entry.value, m_own.get(), m_built_in_used, m_list_types};
    const auto& schema = kube::Schema::kustomize();
    return m_built_in_used && schema.knows(gvk) ? TypeView(schema.root(gvk)) : TypeView();
}

}  // namespace gitops::render
