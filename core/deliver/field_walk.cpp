#include "core/deliver/field_walk.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/kube/fields.hpp"
#include "core/kube/quantity.hpp"

namespace gitops::deliver {
namespace {

using doc::Value;
using kube::Type;

/// The three versions of one field; nullptr where a version has none.
struct Versions {
    const Value* predicted;
    const Value* live;
    const Value* wanted;
};

/// `value` unless the server would store nothing for it.
const Value* stored(const Value* value, const Type& type) {
    if (value == nullptr || value->is_null()) return nullptr;
    const bool droppable = type.shape() == kube::Shape::list || type.shape() == kube::Shape::map;
    if (droppable && !value->is_scalar() && value->empty()) return nullptr;
    return value;
}

bool same_scalar(const Value& a, const Value& b, const Type& type) {
    if (a == b) return true;
    if (!type.is_quantity()) return false;
    const auto left = kube::canonical_quantity(a.text()), right = kube::canonical_quantity(b.text());
    return left && right && *left == *right;
}

bool is_keyed(const Type& type) {
    return type.shape() == kube::Shape::list &&
           (type.merge() == kube::Merge::associative || type.merge() == kube::Merge::set);
}

bool all_maps(const Value& list) {
    return std::all_of(list.items().begin(), list.items().end(), [](const Value& item) { return item.is_map(); });
}

const Value* item_at(const Value* list, std::size_t index) {
    return list != nullptr && index < list->size() ? &list->items()[index] : nullptr;
}

class Walk {
  public:
    explicit Walk(const TypedFields* typed) : m_typed(typed) {}

    std::vector<Difference> found;

    void compare(const Versions& all, const Type& type) {
        const auto* predicted = stored(all.predicted, type);
        const auto* live = stored(all.live, type);
        if (predicted == nullptr && live == nullptr) return;
        if (predicted == nullptr || live == nullptr) {
            const bool is_default = predicted != nullptr && stored(all.wanted, type) == nullptr;
            if (!is_default) report(predicted, live);
            return;
        }
        if (predicted->same_node(*live)) return;
        const Versions both{predicted, live, all.wanted};
        if (predicted->is_map() && live->is_map()) compare_maps(both, type);
        else if (predicted->is_list() && live->is_list()) compare_lists(both, type);
        else if (!predicted->is_scalar() || !live->is_scalar() || !same_scalar(*predicted, *live, type))
            report(predicted, live);
    }

  private:
    void report(const Value* desired, const Value* live) {
        std::string path;
        for (const auto& step : m_steps) kube::append_path(path, step);
        found.push_back({m_steps, std::move(path), desired, live});
    }

    Type known_here(const Type& type) const {
        const auto known = std::find_if(m_typed->begin(), m_typed->end(), [&](const TypedField& field) { return field.steps == m_steps; });
        return known == m_typed->end() ? type : known->type;
    }

    /// Goes one step down, compares, and comes back.
    void descend(std::string step, const Versions& all, const Type& type) {
        m_steps.push_back(std::move(step));
        compare(all, m_typed != nullptr && type.shape() == kube::Shape::untyped ? known_here(type) : type);
        m_steps.pop_back();
    }

    void compare_field(std::string_view name, const Versions& all, const Type& type) {
        const auto* wanted = all.wanted == nullptr ? nullptr : all.wanted->find(name);
        descend(kube::field_step(name), {all.predicted->find(name), all.live->find(name), wanted},
                type.field(name).value_or(Type{}));
    }

    void compare_maps(const Versions& all, const Type& type) {
        for (const auto& entry : all.live->entries()) {
            const auto* other = all.predicted->find(entry.name());
            if (other == nullptr || !other->same_node(entry.value)) compare_field(entry.name(), all, type);
        }
        for (const auto& entry : all.predicted->entries())
            if (!all.live->has(entry.name())) compare_field(entry.name(), all, type);
    }

    void compare_lists(const Versions& all, const Type& type) {
        if (is_keyed(type) && compare_keyed(all, type)) return;
        if (*all.predicted == *all.live) return;
        const bool item_by_item = all.predicted->size() == all.live->size() && all_maps(*all.predicted) && all_maps(*all.live);
        const auto before = found.size();
        const auto element = type.element();
        for (std::size_t i = 0; i < all.predicted->size() && i < all.live->size(); ++i)
            descend("i:" + std::to_string(i),
                    {item_at(all.predicted, i), item_at(all.live, i), item_at(all.wanted, i)}, element);
        if (item_by_item || (found.size() == before && all.predicted->size() == all.live->size())) return;
        found.resize(before);  // lists of texts, and lists of different length, are told whole
        report(all.predicted, all.live);
    }

    /// The items of a keyed list by their steps, in the order they stand.
    struct Keyed {
        std::vector<std::string> order;
        std::map<std::string, const Value*, std::less<>> items;
        const Value* at(const std::string& step) const {
            const auto item = items.find(step);
            return item == items.end() ? nullptr : item->second;
        }
    };

    /// nullopt when an item has no key or two have the same: then the list can only be compared as a whole.
    static std::optional<Keyed> by_key(const Value* list, const Type& type) {
        Keyed keyed;
        if (list == nullptr) return keyed;
        for (const auto& item : list->items()) {
            auto step = kube::item_step(item, type);
            if (!step || !keyed.items.emplace(*step, &item).second) return std::nullopt;
            keyed.order.push_back(std::move(*step));
        }
        return keyed;
    }

    bool compare_keyed(const Versions& all, const Type& type) {
        const auto predicted = by_key(all.predicted, type), live = by_key(all.live, type), wanted = by_key(all.wanted, type);
        if (!predicted || !live || !wanted) return false;
        const auto element = type.element();
        const auto before = found.size();
        const auto compare_item = [&](const std::string& step) {
            descend(step, {predicted->at(step), live->at(step), wanted->at(step)}, element);
        };
        for (const auto& step : live->order) compare_item(step);
        for (const auto& step : predicted->order)
            if (live->at(step) == nullptr) compare_item(step);
        // The order of init containers, environment variables and the like has a meaning, so its change is told.
        if (found.size() == before && predicted->order != live->order) report(all.predicted, all.live);
        return true;
    }

    const TypedFields* m_typed;
    std::vector<std::string> m_steps;
};

}  // namespace

std::vector<Difference> differences(const doc::Value& predicted, const doc::Value& live, const doc::Value& wanted,
                                    const kube::Type& type, const TypedFields* typed) {
    Walk walk(typed);
    walk.compare({&predicted, &live, &wanted}, type);
    return std::move(walk.found);
}

}  // namespace gitops::deliver
