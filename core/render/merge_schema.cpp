#include "core/render/merge_schema.hpp"

#include "core/base/error.hpp"
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

bool says_merge(std::string_view strategy) {
    for (std::string_view part : base::split(strategy, ','))
        if (part == "merge") return true;
    return false;
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

TypeView::TypeView(const Value* node, const Value* definitions)
    : m_known(node != nullptr), m_node(node), m_definitions(definitions) {}

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
    return {resolve(next, m_definitions), m_definitions};
}

TypeView TypeView::element() const {
    if (!m_known) return {};
    if (m_node == nullptr) return TypeView(m_type.element());
    if (m_node->text_at("type") != "array") return {};
    return {resolve(m_node->find("items"), m_definitions), m_definitions};
}

bool TypeView::merges() const {
    if (!m_known) return false;
    if (m_node != nullptr) return says_merge(m_node->text_at("x-kubernetes-patch-strategy"));
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

void MergeSchema::use(const Value& document, const std::string& file) {
    const Value* definitions = document.find("definitions");
    if (definitions == nullptr || !definitions->is_map())
        throw base::Error(base::Code::invalid, "the OpenAPI document has no definitions").at({file, 0, 0});
    m_own = std::make_shared<const Value>(*definitions);
}

TypeView MergeSchema::root(const kube::Gvk& gvk) const {
    if (m_own == nullptr) {
        const auto& schema = kube::Schema::kustomize();
        return schema.knows(gvk) ? TypeView(schema.root(gvk)) : TypeView();
    }
    for (const auto& entry : m_own->entries())
        if (defines(entry.value, gvk)) return {&entry.value, m_own.get()};
    return {};
}

}  // namespace gitops::render
