#include "core/deliver/ignore_places.hpp"

#include <algorithm>
#include <optional>

#include "core/deliver/applicable.hpp"
#include "core/kube/fields.hpp"
#include "core/kube/schema.hpp"
#include "core/kube/typed.hpp"

namespace gitops::deliver {
namespace {

using doc::Pointer;
using doc::Value;
using kube::FieldSet;
using kube::Type;

using Troubles = std::vector<std::string>;

Type type_of(const Value& object) { return kube::Schema::kubernetes().root(kube::gvk_of(object)); }

/// What pointers and expressions name in `object`.
std::vector<Pointer> named_places(const Value& object, const IgnoreRules& rules, Troubles* troubles) {
    std::vector<Pointer> places;
    for (const auto& rule : rules) {
        for (const auto& pointer : rule->pointers)
            if (doc::find(object, pointer) != nullptr) places.push_back(pointer);
        for (const auto& expression : rule->expressions) {
            auto found = expression.places(object);
            places.insert(places.end(), found.places.begin(), found.places.end());
            const bool quiet = found.outcome == doc::JqPlaces::Outcome::found || found.outcome == doc::JqPlaces::Outcome::mismatch;
            if (!quiet && troubles != nullptr)
                troubles->push_back(rule->origin + ", " + expression.text() + ": " + found.message);
        }
    }
    return places;
}

/// The fields that the rules' managers own in `live`.
FieldSet owned_fields(const Value& live, const IgnoreRules& rules) {
    FieldSet owned;
    const bool any = std::ranges::any_of(rules, [](const auto& rule) { return !rule->managers.empty(); });
    if (!any) return owned;
    for (const auto& manager : kube::managers_of(live)) {
        const bool named = std::ranges::any_of(
            rules, [&](const auto& rule) { return std::ranges::find(rule->managers, manager.name) != rule->managers.end(); });
        if (named) owned = owned.unite(manager.fields);
    }
    return owned;
}

/// Where the item that `step` means stands in `list`.
std::optional<std::size_t> item_at(const Value& list, std::string_view step, const Type& type) {
    for (std::size_t i = 0; i < list.items().size(); ++i)
        if (kube::item_step(list.items()[i], type) == step) return i;
    return std::nullopt;
}

/// The members of a set as places in `value`.
void append_members(const Value& value, const FieldSet& fields, const Type& type, Pointer& way, std::vector<Pointer>& places) {
    for (const auto& [step, below] : fields.children) {
        const Value* child = nullptr;
        Type child_type;
        if (step.starts_with("f:") && value.is_map()) {
            const auto name = std::string_view(step).substr(2);
            child = value.find(name);
            child_type = type.field(name).value_or(Type{});
            way.emplace_back(name);
        } else if (value.is_list()) {
            const auto index = item_at(value, step, type);
            child = index ? &value.items()[*index] : nullptr;
            child_type = type.element();
            way.push_back(index ? std::to_string(*index) : "-");
        } else {
            continue;
        }
        if (child != nullptr && below.member) places.push_back(way);
        if (child != nullptr) append_members(*child, below, child_type, way, places);
        way.pop_back();
    }
}

bool is_untouchable(const Pointer& place) {
    if (place.empty() || place[0] == "status" || place[0] == "apiVersion" || place[0] == "kind") return true;
    return place[0] == "metadata" && (place.size() == 1 || place[1] == "name" || place[1] == "namespace");
}

/// Gives one place of `desired` the live value.
class Transfer {
  public:
    explicit Transfer(const Pointer& place) : m_place(place) {}

    void run(Value& desired, const Value& live, const Type& type, std::size_t at = 0) {
        const auto& step = m_place[at];
        const bool last = at + 1 == m_place.size();
        if (live.is_map()) {
            const auto* theirs = live.find(step);
            if (theirs == nullptr || (!desired.is_map() && !desired.is_null())) return;
            if (last) return desired.set(step, *theirs);
            if (!desired.has(step)) desired.set(step, theirs->is_list() ? Value::list() : Value::map());
            run(*desired.find_mutable(step), *theirs, type.field(step).value_or(Type{}), at + 1);
        } else if (live.is_list() && desired.is_list()) {
            const auto* theirs = doc::find(live, {step});
            if (theirs == nullptr) return;
            const auto index = position(desired, live, *theirs, step, type);
            if (index && last) desired.item(*index) = *theirs;
            else if (index) run(desired.item(*index), *theirs, type.element(), at + 1);
            else if (last) desired.push_back(*theirs);
        }
    }

  private:
    static std::optional<std::size_t> position(const Value& desired, const Value&, const Value& theirs, const std::string& step,
                                               const Type& type) {
        if (const auto key = kube::item_step(theirs, type)) return item_at(desired, *key, type);
        const auto index = static_cast<std::size_t>(std::stoul(step));
        return index < desired.size() ? std::optional(index) : std::nullopt;
    }

    const Pointer& m_place;
};

}  // namespace

Ignoring without_ignored(const Value& live, const Value& predicted, const Value& owned, const IgnoreRules& rules) {
    Ignoring out{live, predicted, {}};
    const auto type = type_of(live);
    if (const auto fields = owned_fields(owned, rules); !fields.empty()) {
        const auto shared = kube::compare(live, predicted, type).modified.intersect(fields);
        Pointer way;
        std::vector<Pointer> in_live, in_predicted;
        append_members(live, shared, type, way, in_live);
        append_members(predicted, shared, type, way, in_predicted);
        doc::remove_places(out.live, std::move(in_live));
        doc::remove_places(out.predicted, std::move(in_predicted));
    }
    doc::remove_places(out.live, named_places(out.live, rules, &out.troubles));
    doc::remove_places(out.predicted, named_places(out.predicted, rules, nullptr));
    return out;
}

Value with_live_values(const Value& desired, const Value& live, const IgnoreRules& rules) {
    const auto type = type_of(live);
    auto theirs = named_places(live, rules, nullptr);
    auto ours = named_places(desired, rules, nullptr);
    if (const auto fields = owned_fields(live, rules); !fields.empty()) {
        const auto stored = comparable_live(live);
        Pointer way;
        append_members(live, kube::compare(stored, desired, type).modified.intersect(fields), type, way, theirs);
    }
    std::erase_if(theirs, is_untouchable);
    std::erase_if(ours, [&](const Pointer& place) { return is_untouchable(place) || doc::find(live, place) != nullptr; });
    auto out = desired;
    for (const auto& place : theirs) Transfer(place).run(out, live, type);  // items come at the end: places of `ours` stay
    doc::remove_places(out, std::move(ours));
    return out;
}

}  // namespace gitops::deliver
