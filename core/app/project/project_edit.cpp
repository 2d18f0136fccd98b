#include "core/app/project/project_edit.hpp"

#include <span>

namespace gitops::app {

namespace {

using doc::Value;

/// Equal but for the order of keys and for keys that are empty.
bool same_entry(const Value& a, const Value& b) {
    if (!a.is_map() || !b.is_map()) return a == b;
    const auto covers = [](const Value& these, const Value& those) {
        for (const auto& entry : these.entries())
            if (entry.value.text() != those.text_at(entry.name())) return false;
        return true;
    };
    return covers(a, b) && covers(b, a);
}

}  // namespace

bool add_entry(Value& document, std::string_view list, const Value& entry) {
    Value& entries = document.at("spec").at(list);
    for (const auto& item : entries.is_list() ? entries.items() : std::span<const Value>())
        if (same_entry(item, entry)) return false;
    entries.push_back(entry);
    return true;
}

bool remove_entry(Value& document, std::string_view list, const Value& entry) {
    const Value* found = document.path("spec", list);
    if (found == nullptr || !found->is_list()) return false;
    Value left = Value::list();
    for (const auto& item : found->items())
        if (!same_entry(item, entry)) left.push_back(item);
    if (left.size() == found->size()) return false;
    document.at("spec").set(list, left);
    return true;
}

Value named_destination_entry(std::string_view name, std::string_view ns) {
    Value entry = Value::map();
    entry.set("name", name);
    entry.set("namespace", ns);
    return entry;
}

Value destination_entry(std::string_view cluster, std::string_view ns) {
    if (cluster.find("://") == std::string_view::npos && cluster != "*") return named_destination_entry(cluster, ns);
    Value entry = Value::map();
    entry.set("server", cluster);
    entry.set("namespace", ns);
    return entry;
}

Value resource_entry(std::string_view group, std::string_view kind, std::string_view name) {
    Value entry = Value::map();
    entry.set("group", group);
    entry.set("kind", kind);
    if (!name.empty()) entry.set("name", name);
    return entry;
}

}  // namespace gitops::app
