#include "core/deliver/diff.hpp"

#include <algorithm>

#include "core/deliver/applicable.hpp"
#include "core/deliver/field_walk.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/fields.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/schema.hpp"

namespace gitops::deliver {
namespace {

/// Live and predicted in comparable form, and what Git says of it.
struct Sides {
    doc::Value live, predicted, wanted;
};

Sides sides_of(const doc::Value& desired, const doc::Value& live) {
    Sides sides;
    sides.wanted = comparable_desired(desired, live);
    sides.live = comparable_live(live);
    if (!kube::apply_would_change(live, sides.wanted, k_manager)) {
        sides.predicted = sides.live;
        return sides;
    }
    // The time of an apply that never happens: it ends in managedFields, which is not compared.
    const auto applied = kube::server_side_apply(live, sides.wanted, k_manager, kube::OnConflict::take_over, base::Time{});
    sides.predicted = comparable_live(applied.object);
    return sides;
}

std::vector<Difference> differences_of(const Sides& sides) {
    if (sides.predicted.same_node(sides.live)) return {};
    return differences(sides.predicted, sides.live, sides.wanted,
                       kube::Schema::kubernetes().root(kube::gvk_of(sides.live)));
}

/// How many of the steps lead to a member of `fields`: the deepest one counts; 0 when none does.
std::size_t owned_depth(const kube::FieldSet& fields, const std::vector<std::string>& steps) {
    std::size_t depth = 0;
    const auto* node = &fields;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto child = node->children.find(steps[i]);
        if (child == node->children.end()) break;
        node = &child->second;
        if (node->member || node->children.empty()) depth = i + 1;
    }
    return depth;
}

bool owns_below(const kube::FieldSet& fields, const std::vector<std::string>& steps) {
    const auto* node = &fields;
    for (const auto& step : steps) {
        const auto child = node->children.find(step);
        if (child == node->children.end()) return false;
        node = &child->second;
    }
    return true;
}

/// Who set the live value: the owner of the very field, else of something below it, else of the nearest parent; of
/// several the one that wrote last.
const kube::Manager* owner_of_field(const std::vector<kube::Manager>& managers, const std::vector<std::string>& steps) {
    const kube::Manager* owner = nullptr;
    std::pair<std::size_t, base::Time> best{0, base::Time::min()};
    for (const auto& manager : managers) {
        if (manager.subresource == "status") continue;
        const auto depth = owns_below(manager.fields, steps) ? steps.size() : owned_depth(manager.fields, steps);
        const std::pair rank(depth, manager.time);
        if (depth == 0 || rank < best) continue;
        best = rank;
        owner = &manager;
    }
    return owner;
}

}  // namespace

ObjectDiff diff_object(const doc::Value& desired, const doc::Value& live) {
    auto sides = sides_of(desired, live);
    const bool modified = !differences_of(sides).empty();
    return {modified, sides.live, modified ? std::move(sides.predicted) : sides.live};
}

std::vector<FieldChange> field_changes(const doc::Value& desired, const doc::Value& live) {
    auto sides = sides_of(desired, live);
    auto masked = kube::mask_secrets({sides.live, sides.predicted});
    sides.live = std::move(masked[0]);
    sides.predicted = std::move(masked[1]);
    std::vector<FieldChange> changes;
    const auto found = differences_of(sides);
    if (found.empty()) return changes;
    const auto managers = kube::managers_of(live);
    for (const auto& difference : found) {
        FieldChange change;
        change.path = difference.path;
        if (difference.desired != nullptr) change.desired = *difference.desired;
        if (difference.live != nullptr) {
            change.live = *difference.live;
            if (const auto* owner = owner_of_field(managers, difference.steps)) {
                change.manager = owner->name;
                change.changed_at = owner->time;
            }
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace gitops::deliver
