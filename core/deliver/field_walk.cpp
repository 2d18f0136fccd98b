#include "core/deliver/field_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/text.hpp"
#include "core/doc/json.hpp"
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

/// How an element of an associative list or a set is told: in paths and in FieldsV1.
struct ItemName {
    std::string path, step;
    bool operator<(const ItemName& other) const { return step < other.step; }
    bool operator==(const ItemName& other) const { return step == other.step; }
};

ItemName name_of_item(const Value& item, const Type& list) {
    if (list.merge() == kube::Merge::set)
        return {fmt::format("[{}]", item.text()), "v:" + doc::write_json(item)};
    std::vector<std::string> parts;
    auto keys = Value::map();
    for (const auto key : list.keys()) {
        const auto* found = item.find(key);
        Value value = found != nullptr ? *found : Value();
        if (found == nullptr)
            if (const auto field = list.element().field(key); field && !field->default_json().empty())
                value = doc::read_json(field->default_json());
        if (value.is_null()) continue;
        parts.push_back(fmt::format("{}={}", key, value.text()));
        keys.set(key, std::move(value));
    }
    return {fmt::format("[{}]", base::join(parts, ",")),
            "k:" + doc::write_json(keys, doc::JsonLayout::compact, doc::JsonKeys::sorted)};
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
    void report(const Value* desired, const Value* live) { found.push_back({m_path, m_steps, desired, live}); }

    /// Goes one step down, compares, and comes back.
    void descend(std::string_view path, std::string step, const Versions& all, const Type& type) {
        const auto length = m_path.size();
        m_path += path;
        m_steps.push_back(std::move(step));
        compare(all, type);
        m_steps.pop_back();
        m_path.resize(length);
    }

    void compare_field(std::string_view name, const Versions& all, const Type& type) {
        const auto* wanted = all.wanted == nullptr ? nullptr : all.wanted->find(name);
        const bool plain = name.find_first_of(".[]") == std::string_view::npos;
        const auto path = !plain ? fmt::format("[{}]", name) : m_path.empty() ? std::string(name) : fmt::format(".{}", name);
        descend(path, fmt::format("f:{}", name), {all.predicted->find(name), all.live->find(name), wanted},
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
            descend(fmt::format("[{}]", i), fmt::format("i:{}", i),
                    {item_at(all.predicted, i), item_at(all.live, i), item_at(all.wanted, i)}, element);
        if (item_by_item || (found.size() == before && all.predicted->size() == all.live->size())) return;
        found.resize(before);  // lists of texts, and lists of different length, are told whole
        report(all.predicted, all.live);
    }

    using Index = std::map<ItemName, std::size_t>;

    /// nullopt when two items have one name: then the list can only be compared as a whole.
    static std::optional<Index> index_items(const Value* list, const Type& type) {
        Index index;
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
            if (!index.emplace(name_of_item(list->items()[i], type), i).second) return std::nullopt;
        return index;
    }

    static const Value* pick(const Value* list, const Index& index, const ItemName& name) {
        const auto found_at = index.find(name);
        return found_at == index.end() ? nullptr : &list->items()[found_at->second];
    }

    bool compare_keyed(const Versions& all, const Type& type) {
        const auto predicted = index_items(all.predicted, type), live = index_items(all.live, type);
        const auto wanted = index_items(all.wanted, type);
        if (!predicted || !live || !wanted) return false;
        const auto element = type.element();
        const auto before = found.size();
        std::vector<ItemName> order;
        for (const auto& item : all.live->items()) order.push_back(name_of_item(item, type));
        for (const auto& item : all.predicted->items())
            if (auto name = name_of_item(item, type); !live->contains(name)) order.push_back(std::move(name));
        for (const auto& name : order)
            descend(name.path, name.step,
                    {pick(all.predicted, *predicted, name), pick(all.live, *live, name), pick(all.wanted, *wanted, name)},
                    element);
        if (found.size() == before && reordered(all, type)) report(all.predicted, all.live);
        return true;
    }

    /// The order of init containers, environment variables and the like has a meaning, so it counts.
    static bool reordered(const Versions& all, const Type& type) {
        if (all.predicted->size() != all.live->size()) return false;
        for (std::size_t i = 0; i < all.predicted->size(); ++i)
            if (!(name_of_item(all.predicted->items()[i], type) == name_of_item(all.live->items()[i], type))) return true;
        return false;
    }

    std::string m_path;
    std::vector<std::string> m_steps;
};

}  // namespace

std::vector<Difference> differences(const doc::Value& predicted, const doc::Value& live, const doc::Value& wanted,
                                    const kube::Type& type) {
    Walk walk;
    walk.compare({&predicted, &live, &wanted}, type);
    return std::move(walk.found);
}

}  // namespace gitops::deliver
