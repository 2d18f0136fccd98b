#include "core/kube/yielding.hpp"

#include <algorithm>

#include "core/doc/json.hpp"
#include "core/kube/fields.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr std::string_view k_field = "f:";
constexpr std::string_view k_item = "k:";

class Yielding {
  public:
    void walk(Value& desired, const Value& live, const FieldSet& owned, const std::string& path) {
        for (const auto& [step, below] : owned.children) {
            if (step.starts_with(k_item)) {
                walk_item(desired, live, step, below, path);
                continue;
            }
            if (!step.starts_with(k_field)) continue;
            const auto name = std::string_view(step).substr(k_field.size());
            auto* ours = desired.find_mutable(name);
            if (ours == nullptr) continue;
            std::string here = path;
            append_path(here, step);
            const auto* theirs = live.find(name);
            if (below.children.empty()) yield(desired, name, theirs, here);
            else if (theirs != nullptr && ours->kind() == theirs->kind()) walk(*ours, *theirs, below, here);
        }
    }

    std::vector<std::string> paths;

  private:
    /// Items of a list that both sides have under the keys of `step`.
    void walk_item(Value& desired, const Value& live, const std::string& step, const FieldSet& below, const std::string& path) {
        if (!desired.is_list() || !live.is_list()) return;
        const auto keys = doc::read_json(std::string_view(step).substr(k_item.size()), "managedFields");
        const auto theirs = std::ranges::find_if(live.items(), [&](const Value& item) { return has_keys(item, keys); });
        if (theirs == live.items().end()) return;
        std::string here = path;
        append_path(here, step);
        for (std::size_t i = 0; i < desired.size(); ++i)
            if (has_keys(desired.items()[i], keys)) walk(desired.item(i), *theirs, below, here);
    }

    static bool has_keys(const Value& item, const Value& keys) {
        return keys.is_map() && std::ranges::all_of(keys.entries(), [&](const doc::Entry& key) {
                   const auto* value = item.find(key.name());
                   return value != nullptr && *value == key.value;
               });
    }

    void yield(Value& desired, std::string_view name, const Value* theirs, const std::string& path) {
        if (theirs == nullptr) desired.erase(name);
        else if (*desired.find(name) == *theirs) return;
        else desired.set(name, *theirs);
        paths.push_back(path);
    }
};

}  // namespace

std::vector<std::string> yield_fields(Value& desired, const Value& live, std::string_view manager) {
    const auto* entries = live.path("metadata", "managedFields");
    if (entries == nullptr) return {};
    Yielding yielding;
    for (const auto& entry : entries->items()) {
        if (entry.text_at("manager") != manager || !entry.text_at("subresource").empty()) continue;
        if (const auto* fields = entry.find("fieldsV1")) yielding.walk(desired, live, FieldSet::from_json(*fields), "");
    }
    return std::move(yielding.paths);
}

}  // namespace gitops::kube
