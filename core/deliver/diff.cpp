#include "core/deliver/diff.hpp"

#include <algorithm>

#include "core/deliver/adoption.hpp"
#include "core/deliver/applicable.hpp"
#include "core/deliver/field_walk.hpp"
#include "core/deliver/ignore_places.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/fields.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/schema.hpp"

namespace gitops::deliver {
namespace {

/// Live and predicted in comparable form, and what Git says of it.
struct Sides {
    doc::Value live, predicted, wanted;
    std::shared_ptr<const TypedFields> typed{};
};

Sides sides_of(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    Sides sides;
    sides.typed = terms.typed;
    sides.wanted = comparable_desired(desired, live);
    sides.live = comparable_live(live);
    auto before = live;
    if (auto adopted = adopted_fields(desired, live, k_manager, terms.fields)) before.at("metadata").set("managedFields", std::move(*adopted));
    if (!kube::apply_would_change(before, sides.wanted, k_manager)) {
        sides.predicted = sides.live;
        return sides;
    }
    // The time of an apply that never happens: it ends in managedFields, which is not compared.
    const auto applied = kube::server_side_apply(before, sides.wanted, k_manager, kube::OnConflict::take_over, base::Time{});
    sides.predicted = comparable_live(kube::in_order_of(applied.object, sides.wanted));
    return sides;
}

Sides sides_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    if (adopted_fields(desired, live, k_manager, terms.fields)) return sides_of(desired, live, terms);
    auto answer = comparable_live(kube::in_order_of(predicted, desired));
    auto wanted = terms.additions == Additions::are_changes ? answer : comparable_desired(desired, live);
    return {comparable_live(live), std::move(answer), std::move(wanted), terms.typed};
}

/// What the rules name is taken out of both sides; what they could not name is told.
std::vector<std::string> ignore(Sides& sides, const doc::Value& live, const IgnoreRules& rules) {
    if (rules.empty() || sides.predicted.same_node(sides.live)) return {};
    auto rest = without_ignored(sides.live, sides.predicted, live, rules);
    sides.live = std::move(rest.live);
    sides.predicted = std::move(rest.predicted);
    return std::move(rest.troubles);
}

std::vector<Difference> differences_of(const Sides& sides) {
    if (sides.predicted.same_node(sides.live)) return {};
    return differences(sides.predicted, sides.live, sides.wanted,
                       kube::Schema::kubernetes().root(kube::gvk_of(sides.live)), sides.typed.get());
}

/// Who set the live value; of a map that nobody owns as such, whoever set the first thing in it.
std::optional<kube::Manager> who_set(const doc::Value& live, std::string path, const doc::Value& value) {
    auto owner = kube::owner_of(live, path);
    for (const auto* node = &value; !owner && node->is_map() && !node->empty(); node = &node->entries().front().value) {
        kube::append_path(path, kube::field_step(node->entries().front().name()));
        owner = kube::owner_of(live, path);
    }
    return owner;
}

ObjectDiff diff_of(Sides sides) {
    const bool modified = !differences_of(sides).empty();
    return {modified, sides.live, modified ? std::move(sides.predicted) : sides.live};
}

std::vector<std::string> paths_of(const Sides& sides) {
    std::vector<std::string> paths;
    for (auto& difference : differences_of(sides)) paths.push_back(std::move(difference.path));
    return paths;
}

DifferingPaths judged(Sides sides, const doc::Value& live, const IgnoreRules& rules) {
    DifferingPaths paths;
    paths.counted = paths_of(sides);
    if (paths.counted.empty() || rules.empty()) return paths;
    paths.troubles = ignore(sides, live, rules);
    auto rest = paths_of(sides);
    for (auto& path : paths.counted)
        if (std::ranges::find(rest, path) == rest.end()) paths.ignored.push_back(std::move(path));
    paths.counted = std::move(rest);
    return paths;
}

std::vector<FieldChange> changes_of(Sides sides, const doc::Value& live, const kube::AnnotationKeys& annotations) {
    auto masked = kube::mask_secrets({sides.live, sides.predicted}, annotations);
    sides.live = std::move(masked[0]);
    sides.predicted = std::move(masked[1]);
    std::vector<FieldChange> changes;
    for (const auto& difference : differences_of(sides)) {
        FieldChange change;
        change.path = difference.path;
        change.steps = difference.steps;
        if (difference.desired != nullptr) change.desired = *difference.desired;
        if (difference.live != nullptr) {
            change.live = *difference.live;
            if (const auto owner = who_set(live, difference.path, *difference.live)) {
                change.manager = owner->name;
                change.changed_at = owner->time;
            }
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace

ObjectDiff diff_object(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    auto sides = sides_of(desired, live, terms);
    ignore(sides, live, terms.ignore);
    return diff_of(std::move(sides));
}

DifferingPaths differing_paths(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    return judged(sides_of(desired, live, terms), live, terms.ignore);
}

std::vector<FieldChange> field_changes(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    auto sides = sides_of(desired, live, terms);
    ignore(sides, live, terms.ignore);
    return changes_of(std::move(sides), live, terms.masked);
}

ObjectDiff diff_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live, const DiffTerms& terms) {
    auto sides = sides_with(predicted, desired, live, terms);
    ignore(sides, live, terms.ignore);
    return diff_of(std::move(sides));
}

DifferingPaths differing_paths_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live,
                                    const DiffTerms& terms) {
    return judged(sides_with(predicted, desired, live, terms), live, terms.ignore);
}

std::vector<FieldChange> field_changes_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live,
                                            const DiffTerms& terms) {
    auto sides = sides_with(predicted, desired, live, terms);
    ignore(sides, live, terms.ignore);
    return changes_of(std::move(sides), live, terms.masked);
}

}  // namespace gitops::deliver
