#include <algorithm>
#include <optional>
#include <vector>

#include "core/doc/json.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

/// nullopt when nothing is missing in `value`.
std::optional<Value> completed(const Value& value, const Type& type);

std::optional<Value> completed_map(const Value& map, const Type& type) {
    std::optional<Value> out;
    for (const auto& entry : map.entries()) {
        const auto field = type.field(entry.name());
        if (!field) continue;
        auto child = completed(entry.value, *field);
        if (!child) continue;
        if (!out) out = map;
        out->set(entry.name(), std::move(*child));
    }
    return out;
}

struct DefaultKey {
    std::string_view name;
    Value value;
};

std::vector<DefaultKey> default_keys(const Type& list) {
    std::vector<DefaultKey> keys;
    const Type element = list.element();
    for (const auto name : list.keys()) {
        const auto field = element.field(name);
        if (field && !field->default_json().empty()) keys.push_back({name, doc::read_json(field->default_json())});
    }
    return keys;
}

/// An item with none of the keys stays as it is: it cannot be told from others, and the refusal should show it as written.
bool has_any(const Value& item, const std::vector<std::string_view>& keys) {
    return std::any_of(keys.begin(), keys.end(), [&](auto key) { return item.has(key); });
}

std::optional<Value> completed_list(const Value& list, const Type& type) {
    const Type element = type.element();
    const auto names = type.keys();
    const auto keys = default_keys(type);
    std::optional<Value> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Value& item = list.items()[i];
        auto changed = completed(item, element);
        for (const auto& key : keys) {
            if (item.has(key.name) || !has_any(item, names)) continue;
            if (!changed) changed = item;
            changed->set(key.name, key.value);
        }
        if (!changed) continue;
        if (!out) out = list;
        out->item(i) = std::move(*changed);
    }
    return out;
}

std::optional<Value> completed(const Value& value, const Type& type) {
    if (!type.leads_to_key_defaults()) return std::nullopt;
    if (value.is_map()) return completed_map(value, type);
    return value.is_list() ? completed_list(value, type) : std::nullopt;
}

}  // namespace

Value with_list_keys(const Value& object) {
    return completed(object, Schema::kubernetes().root(gvk_of(object))).value_or(object);
}

}  // namespace gitops::kube
