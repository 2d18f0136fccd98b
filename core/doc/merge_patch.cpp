#include <algorithm>
#include <vector>

#include "core/doc/patch.hpp"

namespace gitops::doc {

Value merge_patch(const Value& target, const Value& patch) {
    if (!patch.is_map()) return patch;
    const Value base = target.is_map() ? target : Value::map();
    if (patch.empty()) return base;
    std::vector<Entry> merged;
    merged.reserve(base.size() + patch.size());
    for (const Entry& entry : base.entries()) {
        const Value* change = patch.find(entry.name());
        if (change == nullptr) merged.push_back(entry);
        else if (!change->is_null()) merged.push_back({entry.key, merge_patch(entry.value, *change)});
    }
    for (const Entry& entry : patch.entries())
        if (!entry.value.is_null() && !base.has(entry.name()))
            merged.push_back({entry.key, merge_patch(Value(), entry.value)});
    Value result = Value::map_of_distinct(std::move(merged));
    result.set_line(base.line());
    return result;
}

Value merge_patch_between(const Value& from, const Value& to) {
    if (!from.is_map() || !to.is_map()) return to;
    std::vector<Entry> changes;
    if (from.same_node(to)) return Value::map();
    for (const Entry& entry : from.entries())
        if (!to.has(entry.name())) changes.push_back({entry.key, Value()});
    for (const Entry& entry : to.entries()) {
        const Value* old = from.find(entry.name());
        if (old == nullptr) {
            changes.push_back(entry);
        } else if (old->is_map() && entry.value.is_map()) {
            Value inner = merge_patch_between(*old, entry.value);
            if (!inner.empty()) changes.push_back({entry.key, std::move(inner)});
        } else if (!(*old == entry.value)) {
            changes.push_back(entry);
        }
    }
    return Value::map_of_distinct(std::move(changes));
}

}  // namespace gitops::doc
