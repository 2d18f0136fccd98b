#include "core/app/appset/appset_kept.hpp"

#include <algorithm>
#include <functional>

#include "core/doc/jq_path.hpp"

namespace gitops::app {

namespace {

using doc::Value;

/// Annotations that others put on Applications and no set takes away, as in Argo CD.
constexpr std::string_view k_always_kept[] = {"notified.notifications.argoproj.io", "argocd.argoproj.io/refresh",
    "argocd.argoproj.io/hydrate"};

bool is_kept(const std::string& key, const std::vector<std::string>& kept) {
    return std::ranges::find(kept, key) != kept.end();
}

void keep_entries(Value& after, const Value& before, std::string_view field,
                  const std::function<bool(const std::string&)>& stays) {
    const Value* map = before.path("metadata", field);
    if (map == nullptr) return;
    for (const doc::Entry& entry : map->entries())
        if (const std::string key(entry.name()); stays(key)) after.at("metadata").at(field).set(key, entry.value);
}

/// Maps on the way are made; an item of a list has to be there. False when the way leads nowhere.
bool put_at(Value& root, const doc::Pointer& pointer, const Value& value) {
    Value* at = &root;
    for (const std::string& key : pointer) {
        if (at->is_list()) {
            const bool is_number = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
            if (!is_number || std::stoul(key) >= at->size()) return false;
            at = &at->item(std::stoul(key));
        } else if (at->is_map() || at->is_null()) {
            at = &at->at(key);
        } else {
            return false;
        }
    }
    *at = value;
    return true;
}

/// Whether what is missing on the way is no list: an item of it alone would stand for a list that nobody wrote.
bool needs_no_list(const Value& after, const Value& before, const doc::Pointer& pointer) {
    const Value *own = &after, *live = &before;
    for (const std::string& key : pointer) {
        if (live != nullptr && live->is_list() != (own != nullptr && own->is_list())) return false;
        if (own != nullptr) own = doc::find(*own, {key});
        if (live != nullptr) live = doc::find(*live, {key});
    }
    return true;
}

void keep_pointer(Value& after, const Value& before, const doc::Pointer& pointer) {
    const Value* live = doc::find(before, pointer);
    if (live != nullptr && needs_no_list(after, before, pointer)) put_at(after, pointer, *live);
    else if (live == nullptr) doc::remove(after, pointer);
}

/// The places that the expression names in one document get what stands at those of the other, one by one in their order: a
/// source may have moved in its list. When their numbers differ, what is registered is put where the expression still names
/// it, so that a value never lands in another source. An expression that fails on a document names nothing, as in Argo CD.
void keep_path(Value& after, const Value& before, const doc::JqPath& path) {
    const auto own = path.places(after).places, live = path.places(before).places;
    if (own.size() == live.size()) {
        for (std::size_t i = 0; i < own.size(); ++i) put_at(after, own[i], *doc::find(before, live[i]));
        return;
    }
    doc::remove_places(after, own);
    for (const doc::Pointer& pointer : live) {
        if (!needs_no_list(after, before, pointer)) continue;
        Value tried = after;
        if (!put_at(tried, pointer, *doc::find(before, pointer))) continue;
        const auto named = path.places(tried).places;
        if (std::ranges::find(named, pointer) != named.end()) after = std::move(tried);
    }
}

}  // namespace

Value with_kept(const sources::ApplicationSet& set, const std::string& name, Value after, const Value& before) {
    keep_entries(after, before, "labels", [&](const std::string& key) { return is_kept(key, set.kept_labels); });
    keep_entries(after, before, "annotations", [&](const std::string& key) {
        return is_kept(key, set.kept_annotations) ||
               std::ranges::any_of(k_always_kept, [&](std::string_view kept) { return key == kept ||
                   key.starts_with(std::string(kept) + "/") || key.starts_with(std::string(kept) + "."); });
    });
    for (const auto& kept : set.kept_fields) {
        if (!kept.name.empty() && kept.name != name) continue;
        for (const auto& pointer : kept.pointers) keep_pointer(after, before, pointer);
        for (const auto& path : kept.paths) keep_path(after, before, path);
    }
    for (const doc::Entry& entry : before.entries())
        if (!after.has(entry.name())) after.set(entry.name(), entry.value);
    return after;
}

}  // namespace gitops::app
