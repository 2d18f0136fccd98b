#include "core/kube/merge.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/patch.hpp"

namespace gitops::kube {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_patch = "$patch", k_retain_keys = "$retainKeys";
constexpr std::string_view k_set_order = "$setElementOrder/", k_delete_from = "$deleteFromPrimitiveList/";

enum class Directive { none, merge, replace, remove };

Directive directive_of(const Value& patch) {
    const Value* found = patch.find(k_patch);
    if (found == nullptr) return Directive::none;
    if (found->is_string() && found->text() == "merge") return Directive::merge;
    if (found->is_string() && found->text() == "replace") return Directive::replace;
    if (found->is_string() && found->text() == "delete") return Directive::remove;
    throw Error(Code::invalid, "unknown patch directive \"$patch: " + std::string(found->text()) + "\"")
        .at({{}, static_cast<int>(found->line()), 0})
        .hint("use merge, replace or delete");
}

bool is_directive(std::string_view key) {
    return key == k_patch || key == k_retain_keys || key.starts_with(k_set_order) || key.starts_with(k_delete_from);
}

/// What a patch adds where nothing was: its content without nulls and directives.
Value plain_content(const Value& patch) {
    if (patch.is_map()) {
        if (directive_of(patch) == Directive::remove) return Value::map();
        Value out = Value::map();
        for (const auto& entry : patch.entries())
            if (!entry.value.is_null() && !is_directive(entry.name())) out.set(entry.name(), plain_content(entry.value));
        return out;
    }
    if (!patch.is_list()) return patch;
    Value out = Value::list();
    for (const auto& item : patch.items()) {
        if (item.is_map() && (directive_of(item) == Directive::remove || (item.size() == 1 && item.has(k_patch)))) continue;
        out.push_back(plain_content(item));
    }
    return out;
}

bool merges_lists(PatchStrategy strategy) {
    switch (strategy) {
        case PatchStrategy::merge:
        case PatchStrategy::merge_retain_keys: return true;
        case PatchStrategy::none:
        case PatchStrategy::replace:
        case PatchStrategy::retain_keys: return false;
    }
    return false;
}

/// The position of the item that equals `wanted` (lists of scalars) or has the same value at `key`.
std::optional<std::size_t> index_in(std::span<const Value> items, const Value& wanted, std::string_view key) {
    const Value* id = key.empty() ? &wanted : wanted.find(key);
    if (id == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value* other = key.empty() ? &items[i] : items[i].find(key);
        if (other != nullptr && *other == *id) return i;
    }
    return std::nullopt;
}

/// `items` in the order that $setElementOrder wants: listed ones by the list, the others where they stood among
/// them on the server.
std::vector<Value> in_order(const std::vector<Value>& items, const Value& order, std::span<const Value> server, std::string_view key) {
    std::vector<Value> listed, others, out;
    for (const auto& wanted : order.items())
        if (auto at = index_in(items, wanted, key)) listed.push_back(items[*at]);
    for (const auto& item : items)
        if (!index_in(order.items(), item, key)) others.push_back(item);
    auto left = others.begin();
    auto right = listed.begin();
    while (left != others.end() && right != listed.end()) {
        const auto left_at = index_in(server, *left, key), right_at = index_in(server, *right, key);
        const bool left_first = left_at && right_at && *left_at < *right_at;
        out.push_back(left_first ? *left++ : *right++);
    }
    out.insert(out.end(), left, others.end());
    out.insert(out.end(), right, listed.end());
    return out;
}

struct ListPatch {
    const Value* patch = nullptr;   ///< null when only an order or deletions were given
    const Value* order = nullptr;   ///< $setElementOrder
    const Value* remove = nullptr;  ///< $deleteFromPrimitiveList
};

Value merge_map(const Value& target, const Value& patch, const Type& type);

Value merge_scalars(const Value& target, const ListPatch& patch) {
    std::vector<Value> items;
    for (const auto& item : target.items())
        if (patch.remove == nullptr || !index_in(patch.remove->items(), item, {})) items.push_back(item);
    if (patch.patch != nullptr)
        for (const auto& item : patch.patch->items())
            if (!index_in(items, item, {})) items.push_back(item);
    if (patch.order != nullptr) items = in_order(items, *patch.order, target.items(), {});
    return Value::list(std::move(items));
}

void require_key(const Value& item, std::string_view key, const char* what) {
    if (item.is_map() && item.has(key)) return;
    throw Error(Code::invalid, std::string(what) + " has no merge key \"" + std::string(key) + "\": " + doc::write_json(item))
        .at({{}, static_cast<int>(item.line()), 0});
}

bool replaces_all(const Value& patch) {
    return std::any_of(patch.items().begin(), patch.items().end(),
                       [](const Value& item) { return item.is_map() && item.size() == 1 && directive_of(item) == Directive::replace; });
}

Value merge_elements(const Value& target, const ListPatch& patch, const Type& type) {
    const auto key = type.patch_key();
    std::vector<Value> items(target.items().begin(), target.items().end());
    if (patch.patch != nullptr) {
        if (replaces_all(*patch.patch)) return plain_content(*patch.patch);
        for (const auto& item : items) require_key(item, key, "a list element");
        for (const auto& change : patch.patch->items()) {
            require_key(change, key, "a patch's list element");
            const auto at = index_in(items, change, key);
            if (directive_of(change) == Directive::remove) {
                if (at) items.erase(items.begin() + static_cast<std::ptrdiff_t>(*at));
            } else if (at) {
                items[*at] = merge_map(items[*at], change, type.element());
            } else {
                items.push_back(plain_content(change));
            }
        }
    }
    if (patch.order != nullptr) items = in_order(items, *patch.order, target.items(), key);
    return Value::list(std::move(items));
}

bool holds_maps(const ListPatch& patch, const Value& target) {
    for (const Value* list : {patch.patch, patch.order, &target})
        if (list != nullptr && !list->empty()) return list->items().front().is_map();
    return false;
}

Value merge_list(const Value& target, const ListPatch& patch, const Type& type) {
    if (!merges_lists(type.patch_strategy())) {
        if (patch.patch == nullptr) return target;
        return plain_content(*patch.patch);
    }
    const bool maps = !type.patch_key().empty() && holds_maps(patch, target);
    return maps ? merge_elements(target, patch, type) : merge_scalars(target, patch);
}

void retain_keys(Value& target, const Value& patch) {
    const Value* retained = patch.find(k_retain_keys);
    if (retained == nullptr) return;
    for (const auto& entry : patch.entries())
        if (!is_directive(entry.name()) && !entry.value.is_null() && !index_in(retained->items(), Value(entry.name()), {}))
            throw Error(Code::invalid, "$retainKeys does not name \"" + std::string(entry.name()) + "\", which the patch sets")
                .at({{}, static_cast<int>(retained->line()), 0});
    std::vector<std::string> dropped;
    for (const auto& entry : target.entries())
        if (!index_in(retained->items(), Value(entry.name()), {})) dropped.emplace_back(entry.name());
    for (const auto& name : dropped) target.erase(name);
}

/// Lists that the patch only orders or deletes from.
void apply_list_directives(Value& target, const Value& patch, const Type& type) {
    for (const auto& entry : patch.entries()) {
        const bool order = entry.name().starts_with(k_set_order);
        if (!order && !entry.name().starts_with(k_delete_from)) continue;
        if (!entry.value.is_list())
            throw Error(Code::invalid, std::string(entry.name()) + " must be a list").at({{}, static_cast<int>(entry.value.line()), 0});
        const auto name = entry.name().substr(order ? k_set_order.size() : k_delete_from.size());
        const Value* list = target.find(name);
        if (patch.has(name) || list == nullptr || !list->is_list()) continue;
        ListPatch change;
        (order ? change.order : change.remove) = &entry.value;
        target.set(name, merge_list(Value(*list), change, type.field(name).value_or(Type())));
    }
}

Value merge_field(const Value& target, const Value& patch, const Value& whole_patch, std::string_view name, const Type& type) {
    if (patch.is_map() && target.is_map() && type.patch_strategy() != PatchStrategy::replace) return merge_map(target, patch, type);
    if (!patch.is_list() || !target.is_list()) return plain_content(patch);
    ListPatch change;
    change.patch = &patch;
    change.order = whole_patch.find(std::string(k_set_order).append(name));
    change.remove = whole_patch.find(std::string(k_delete_from).append(name));
    return merge_list(target, change, type);
}

Value merge_map(const Value& target, const Value& patch, const Type& type) {
    if (type.shape() == Shape::untyped && !patch.has(k_patch)) return doc::merge_patch(target, patch);
    switch (directive_of(patch)) {
        case Directive::replace: return plain_content(patch);
        case Directive::remove: return Value::map();
        case Directive::none:
        case Directive::merge: break;
    }
    Value out = target;
    retain_keys(out, patch);
    for (const auto& entry : patch.entries()) {
        if (is_directive(entry.name())) continue;
        const Value* old = out.find(entry.name());
        if (entry.value.is_null()) {
            out.erase(entry.name());
        } else if (old == nullptr) {
            out.set(entry.name(), plain_content(entry.value));
        } else {
            const Value before = *old;
            out.set(entry.name(), merge_field(before, entry.value, patch, entry.name(), type.field(entry.name()).value_or(Type())));
        }
    }
    apply_list_directives(out, patch, type);
    return out;
}

}  // namespace

Value strategic_merge(const Value& target, const Value& patch, Type type) {
    if (!patch.is_map() || !target.is_map()) return doc::merge_patch(target, patch);
    return merge_map(target, patch, type);
}

}  // namespace gitops::kube
