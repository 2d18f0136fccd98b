// The cheap answer to "would this apply change anything?"; see owners.hpp.
#include "core/kube/list_items.hpp"
#include "core/kube/owners.hpp"
#include "core/kube/quantity.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

/// Walks a config, the live object and the manager's FieldsV1 side by side, and says yes only when each value of the
/// config is live and the manager owns exactly these fields. A no means: look closer.
bool settled(const Value& config, const Value& live, const Value& owned, const Type& type);

/// owned.find("f:" + name), without making that text for the small maps that most are.
const Value* find_owned_field(const Value& owned, std::string_view name) {
    if (owned.size() > 32) return owned.find(field_step(name));
    for (const auto& entry : owned.entries())
        if (entry.name().size() == name.size() + 2 && entry.name().starts_with("f:") && entry.name().ends_with(name)) return &entry.value;
    return nullptr;
}

/// `known` counts the entries of `owned` that were met, the "." included.
bool settled_child(const Value& config, const Value* live, const Value* owned_child, const Type& type, bool member, std::size_t& known) {
    if (live == nullptr || owned_child == nullptr) return false;
    ++known;
    const bool alone = owned_child->empty();
    if (form_of(type, &config) == Form::leaf) return alone && settled(config, *live, *owned_child, type);
    if (member != (alone || owned_child->has("."))) return false;
    return settled(config, *live, *owned_child, type);
}

bool settled_leaf(const Value& config, const Value& live, const Type& type) {
    if (type.shape() == Shape::scalar && !type.accepts(config)) return false;
    if (config == live) return true;
    return type.is_quantity() && config.is_scalar() && canonical_quantity(config.text()) == live.text();
}

bool settled_list(const Value& config, const Value& live, const Value& owned, const Type& type) {
    if (!config.is_list() || !live.is_list() || config.empty()) return false;
    const ItemSteps spell(type);
    const ItemIndex live_items(&live, spell);
    const Type element = type.element();
    std::size_t known = owned.has(".") ? 1 : 0;
    const Value* last = nullptr;
    for (const auto& item : config.items()) {
        const auto step = spell.of(item);
        const Value* twin = step ? live_items.only(*step) : nullptr;
        // Init containers run in the order of the config; the order of a set means nothing. Items of one list lie side by side.
        if (twin == nullptr || (last != nullptr && twin < last && !type.keys().empty())) return false;
        last = twin;
        if (!settled_child(item, twin, owned.find(*step), element, true, known)) return false;
    }
    return known == owned.size();
}

bool settled_map(const Value& config, const Value& live, const Value& owned, const Type& type) {
    if (!config.is_map() || !live.is_map()) return false;
    std::size_t known = owned.has(".") ? 1 : 0;
    for (const auto& entry : config.entries()) {
        const auto field = type.field(entry.name());
        if (!field || entry.value.is_null() || (entry.value.is_list() && entry.value.empty())) return false;
        const bool declared = type.shape() == Shape::object || type.declares(entry.name());
        const bool member = !declared || (entry.value.is_map() && entry.value.empty());
        if (!settled_child(entry.value, live.find(entry.name()), find_owned_field(owned, entry.name()), *field, member, known)) return false;
    }
    return known == owned.size();
}

bool settled(const Value& config, const Value& live, const Value& owned, const Type& type) {
    switch (form_of(type, &config)) {
        case Form::leaf: return settled_leaf(config, live, type);
        case Form::list: return settled_list(config, live, owned, type);
        case Form::map: return settled_map(config, live, owned, type);
    }
    return false;
}

/// metadata: what the server writes itself is owned by nobody.
bool settled_metadata(const Value& config, const Value* live, const Value* owned, const Type& type) {
    if (!config.is_map() || live == nullptr) return false;
    std::size_t known = 0;
    for (const auto& entry : config.entries()) {
        if (entry.name() == "name" || entry.name() == "namespace") {
            const Value* same = live->find(entry.name());
            if (!entry.value.is_string() || same == nullptr || !(*same == entry.value)) return false;
            continue;
        }
        const auto field = type.field(entry.name());
        if (owned == nullptr || !field || entry.value.is_null() || entry.value.empty()) return false;
        if (!settled_child(entry.value, live->find(entry.name()), find_owned_field(*owned, entry.name()), *field, false, known)) return false;
    }
    return known == (owned == nullptr ? 0 : owned->size());
}

bool settled_root(const Value& config, const Value& live, const Value& owned, const Type& type) {
    std::size_t known = 0;
    for (const auto& entry : config.entries()) {
        const Value* twin = live.find(entry.name());
        if (entry.name() == "apiVersion" || entry.name() == "kind") {
            if (twin == nullptr || !entry.value.is_string() || !(*twin == entry.value)) return false;
            continue;
        }
        const auto field = type.field(entry.name());
        if (!field || entry.value.is_null() || (!entry.value.is_scalar() && entry.value.empty())) return false;
        if (entry.name() == "metadata") {
            const Value* owned_metadata = owned.find("f:metadata");
            known += owned_metadata == nullptr ? 0 : 1;
            if (!settled_metadata(entry.value, twin, owned_metadata, *field)) return false;
        } else {
            const bool declared = type.shape() == Shape::object || type.declares(entry.name());
            if (!settled_child(entry.value, twin, find_owned_field(owned, entry.name()), *field, !declared, known)) return false;
        }
    }
    return known == owned.size();
}

}  // namespace

bool is_settled(const Value& live, const Value& wanted, const Owner* own, const Type& type) {
    if (own == nullptr || own->api_version() != wanted.text_at("apiVersion")) return false;
    const Value* owned = own->entry().find("fieldsV1");
    return owned != nullptr && settled_root(wanted, live, *owned, type);
}

}  // namespace gitops::kube
