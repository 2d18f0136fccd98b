#include "core/kube/apply.hpp"

#include <algorithm>
#include <tuple>

#include "core/kube/normal_form.hpp"
#include "core/kube/owners.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

/// Who owns what is there when the first apply meets an object without managedFields.
constexpr std::string_view k_before_first_apply = "before-first-apply";
/// Updaters past this number are put together, the oldest first (apimachinery, capmanagers.go).
constexpr std::size_t k_max_updaters = 10;
constexpr std::string_view k_ancient_changes = "ancient-changes";

Type root_of(const Value& object) { return Schema::kubernetes().root(gvk_of(object)); }

/// A path as the API server writes it in a conflict: .spec.template.spec.containers[name="web"].image
std::string conflict_step(std::string_view step) {
    const auto content = step.substr(2);
    if (step.starts_with("f:")) return "." + std::string(content);
    if (step.starts_with("v:")) return "[=" + std::string(content) + "]";
    if (!step.starts_with("k:")) return "[" + std::string(content) + "]";
    std::string out = "[";
    bool in_text = false, in_name = true;
    for (std::size_t i = 1; i + 1 < content.size(); ++i) {
        const char c = content[i];
        if (c == '\\' && in_text) {
            out.append(content.substr(i++, 2));
            continue;
        }
        if (c == '"') in_text = !in_text;
        if (c == '"' && in_name) continue;
        if (c == ':' && !in_text && in_name) out.push_back('='), in_name = false;
        else out.push_back(c);
        if (c == ',' && !in_text) in_name = true;
    }
    return out + "]";
}

void collect_conflicts(const FieldSet& fields, std::string_view manager, const std::string& prefix, std::vector<Conflict>& out) {
    for (const auto& [step, child] : fields.children) {
        const std::string path = prefix + conflict_step(step);
        if (child.member) out.push_back({std::string(manager), path});
        collect_conflicts(child, manager, path, out);
    }
}

/// Removes from `merged` what the manager applied before, no longer applies, and nobody else owns
/// (structured-merge-diff, merge/update.go, prune).
Value prune(const Value& merged, const FieldSet& last, const FieldSet& now, const std::vector<Owner>& owners, const Owner* own, const Type& type) {
    FieldSet managed = now;
    for (const auto& owner : owners)
        if (&owner != own) managed = managed.unite(owner.fields());
    const auto members_of = [&](const Value& value) { return with_named_members(all_fields_of(value, type), type); };
    const FieldSet all_last = with_named_members(last, type);
    const FieldSet in_merged = members_of(merged);

    const Value without_last = without_fields(merged, all_last, type);
    const FieldSet kept = members_of(without_last).unite(with_named_members(managed, type));
    const Value owned_added_back = without_fields(merged, in_merged.subtract(kept), type);
    const FieldSet dangling = in_merged.subtract(members_of(owned_added_back)).intersect(all_last);
    const Value pruned = without_fields(merged, dangling, type);
    return pruned.is_null() ? Value::map() : pruned;
}

/// The fields that `compared` changed leave those who owned them.
void hand_over(std::vector<Owner>& owners, const Owner* taker, const Comparison& compared) {
    if (compared.same()) return;
    const FieldSet changed = compared.modified.unite(compared.added).unite(compared.removed);
    for (auto& owner : owners)
        if (&owner != taker && !owner.fields().intersect(changed).empty()) owner.set_fields(owner.fields().subtract(changed));
}

std::vector<Conflict> conflicts_of(const std::vector<Owner>& owners, const Owner* taker, const Comparison& compared) {
    std::vector<Conflict> conflicts;
    if (compared.same()) return conflicts;
    const FieldSet contested = compared.modified.unite(compared.added);
    for (const auto& owner : owners)
        if (&owner != taker) collect_conflicts(owner.fields().intersect(contested), owner.name(), {}, conflicts);
    std::sort(conflicts.begin(), conflicts.end(),
              [](const Conflict& a, const Conflict& b) { return std::tie(a.manager, a.path) < std::tie(b.manager, b.path); });
    return conflicts;
}

/// Without status: it belongs to its own subresource.
FieldSet ownable(const FieldSet& fields) {
    FieldSet out = without_server_fields(fields);
    out.children.erase("f:status");
    return out;
}

/// True when there was something to adopt.
bool adopt_unowned(std::vector<Owner>& owners, const Value& live, base::Time now) {
    FieldSet fields = ownable(compare(Value::map(), live, root_of(live)).added);
    if (fields.empty()) return false;
    Owner owner = Owner::make(k_before_first_apply, Operation::update, "");
    owner.stamp(live.text_at("apiVersion"), now);
    owner.set_fields(std::move(fields));
    owners.push_back(std::move(owner));
    return true;
}

void cap_updaters(std::vector<Owner>& owners) {
    std::vector<Owner*> updaters;
    for (auto& owner : owners)
        if (owner.operation() == Operation::update && owner.subresource().empty()) updaters.push_back(&owner);
    if (updaters.size() <= k_max_updaters) return;
    std::stable_sort(updaters.begin(), updaters.end(), [](const Owner* a, const Owner* b) { return a->seconds() < b->seconds(); });
    const std::size_t surplus = updaters.size() - k_max_updaters + 1;
    FieldSet fields;
    for (std::size_t i = 0; i < surplus; ++i) {
        fields = fields.unite(updaters[i]->fields());
        updaters[i]->set_fields({});
    }
    const Owner& newest = *updaters[surplus - 1];
    Owner ancient = Owner::make(k_ancient_changes, Operation::update, "");
    ancient.stamp(newest.api_version(), base::Time(std::chrono::seconds(newest.seconds())));
    ancient.set_fields(std::move(fields));
    owners.push_back(std::move(ancient));
}

/// managedFields in an update replace those of the live object, unless they are empty.
std::vector<Owner> owners_for_update(const Value& live, const Value& updated) {
    const Value* given = updated.path("metadata", "managedFields");
    return owners_of(given != nullptr && !given->empty() ? updated : live);
}

/// Fields that every object of their kind has (structs that Go writes even when empty): a create adds what is in them,
/// not them.
constexpr std::string_view k_always_there[] = {"f:containers", "f:jobTemplate", "f:metadata", "f:roleRef", "f:spec", "f:strategy", "f:template", "f:updateStrategy"};

void disown_always_there(FieldSet& fields) {
    for (const auto name : k_always_there) {
        const auto found = fields.children.find(name);
        if (found == fields.children.end() || found->second.children.empty()) continue;
        found->second.member = false;
        disown_always_there(found->second);
    }
}

/// Fields that a write to `subresource` leaves alone: spec and metadata by "status", status by everything else.
FieldSet within(const FieldSet& fields, std::string_view subresource) {
    FieldSet out = without_server_fields(fields);
    if (subresource == "status") std::erase_if(out.children, [](const auto& child) { return child.first != "f:status"; });
    else out.children.erase("f:status");
    return out;
}

}  // namespace

Applied server_side_apply(const Value& live, const Value& config, std::string_view manager, OnConflict on_conflict, base::Time now) {
    const Type type = root_of(config);
    const Value wanted = appliable(config);
    const bool exists = !live.is_null();
    const Value before = exists ? live : Value::map();

    std::vector<Owner> owners = owners_of(live);
    if (is_settled(live, wanted, find_applier(owners, manager), type)) return {live, false, {}};
    const bool adopted = exists && owners.empty() && adopt_unowned(owners, live, now);
    const bool known = find_applier(owners, manager) != nullptr;
    if (!known) owners.push_back(Owner::make(manager, Operation::apply, ""));
    Owner* own = find_applier(owners, manager);

    const FieldSet& last = own->fields();
    const Value desired = checked(wanted, type);
    Value merged = merge_applied(before, desired, type);
    const FieldSet said = all_fields_of(wanted, type);
    FieldSet fields = without_server_fields(said);
    // Merged once more, an empty map that is applied comes back after its content was pruned.
    if (!fields.contains(last)) merged = merge_applied(prune(merged, last, said, owners, own, type), desired, type);
    Comparison compared;
    bool same = exists && compare(before, merged, type).same();
    if (!same) merged = add_defaults(normal_form(merged, type));
    if (!same && exists) {
        compared = compare(before, merged, type);
        same = compared.same();
    }
    auto conflicts = conflicts_of(owners, own, compared);
    if (!conflicts.empty() && on_conflict == OnConflict::fail) return {live, false, std::move(conflicts)};

    const bool owns_anew = !known || !(fields == last) || own->api_version() != config.text_at("apiVersion");
    const bool owns_nothing = fields.empty() && !known;
    if (same && (!owns_anew || owns_nothing) && !adopted) return {live, false, {}};
    hand_over(owners, own, compared);
    if (owns_anew) own->set_fields(std::move(fields));
    own->stamp(config.text_at("apiVersion"), now);
    Value object = same ? live : std::move(merged);
    set_owners(object, std::move(owners));
    return {std::move(object), true, {}};
}

bool apply_would_change(const Value& live, const Value& config, std::string_view manager) {
    std::vector<Owner> owners = owners_of(live);
    if (is_settled(live, appliable(config), find_applier(owners, manager), root_of(config))) return false;
    return server_side_apply(live, config, manager, OnConflict::take_over, {}).changed || !in_order_of(live, config).same_node(live);
}

Value track_update(const Value& live, Value updated, std::string_view manager, std::string_view subresource, base::Time now) {
    const auto api_version = std::string(updated.text_at("apiVersion"));
    std::vector<Owner> owners = owners_for_update(live, updated);
    Comparison compared = compare(live.is_null() ? Value::map() : live, updated, root_of(updated));
    compared.added = within(compared.added, subresource);
    if (live.is_null()) disown_always_there(compared.added);
    compared.modified = within(compared.modified, subresource);
    compared.removed = within(compared.removed, subresource);
    if (!compared.same()) {
        Owner* own = find_updater(owners, manager, api_version, subresource);
        if (own == nullptr) own = &owners.emplace_back(Owner::make(manager, Operation::update, subresource));
        hand_over(owners, own, compared);
        own->set_fields(own->fields().subtract(compared.removed).unite(compared.modified).unite(compared.added));
        own->stamp(api_version, now);
        cap_updaters(owners);
    }
    set_owners(updated, std::move(owners));
    return updated;
}

Value with_defaults(const Value& object) {
    return add_defaults(normal_form(object, root_of(object)));
}

}  // namespace gitops::kube
