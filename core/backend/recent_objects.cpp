#include "core/backend/recent_objects.hpp"

#include <algorithm>

#include "core/kube/resource.hpp"

namespace gitops::backend {

using doc::Value;

namespace {

constexpr std::size_t k_kept = 64;  ///< more than requests are in flight: what was read is still here when applied

/// Equal in everything that `config` names; lists are compared whole.
bool is_same_where_named(const Value& before, const Value& after, const Value& config) {
    if (!config.is_map()) return before == after;
    return std::ranges::all_of(config.entries(), [&](const doc::Entry& entry) {
        const Value* one = before.find(entry.name());
        const Value* other = after.find(entry.name());
        if (one == nullptr || other == nullptr) return one == other;
        return is_same_where_named(*one, *other, entry.value);
    });
}

/// What the manager owns by applying, and since when; null when nothing. An apply that changes nothing keeps the time.
Value applied_entry(const Value& object, std::string_view manager) {
    const Value* entries = object.path("metadata", "managedFields");
    if (entries == nullptr) return {};
    const auto is_own = [&](const Value& entry) {
        return entry.text_at("manager") == manager && entry.text_at("operation") == "Apply" && entry.text_at("subresource").empty();
    };
    const auto found = std::ranges::find_if(entries->items(), is_own);
    return found == entries->items().end() ? Value() : *found;
}

}  // namespace

void RecentObjects::keep(const std::string& path, const Value& object) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_objects, [&](const auto& kept) { return kept.first == path; });
    if (m_objects.size() >= k_kept) m_objects.pop_front();
    m_objects.emplace_back(path, object);
}

void RecentObjects::drop(const std::string& path) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_objects, [&](const auto& kept) { return kept.first == path; });
}

std::optional<Value> RecentObjects::find(const std::string& path) const {
    const std::lock_guard lock(m_mutex);
    const auto found = std::ranges::find(m_objects, path, [](const auto& kept) { return kept.first; });
    return found == m_objects.end() ? std::nullopt : std::optional(found->second);
}

bool is_changed_by_apply(const Value& before, const Value& after, const Value& config, std::string_view manager) {
    if (kube::uid_of(before) != kube::uid_of(after)) return true;
    Value wish = config;
    if (wish.has("metadata")) wish.at("metadata").erase("resourceVersion");  // a condition, not a wish
    return !is_same_where_named(before, after, wish) || applied_entry(before, manager) != applied_entry(after, manager);
}

}  // namespace gitops::backend
