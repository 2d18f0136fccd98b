#include "core/kube/takeover.hpp"

#include <algorithm>

#include "core/kube/owners.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr std::string_view k_before_first_apply = "before-first-apply";
constexpr std::string_view k_old_kubectl = "kubectl";
constexpr std::string_view k_last_applied_step = "f:kubectl.kubernetes.io/last-applied-configuration";

bool is_plain_update(const Value& entry) {
    return entry.text_at("operation") == "Update" && entry.text_at("subresource").empty();
}

bool owns_last_applied(const Value& entry) {
    const Value* annotations = entry.path("fieldsV1", "f:metadata", "f:annotations");
    return annotations != nullptr && annotations->has(k_last_applied_step);
}

bool is_client_side_apply(const Value& entry, std::string_view also) {
    if (!is_plain_update(entry)) return false;
    const auto name = entry.text_at("manager");
    if (name == k_client_side_manager || (!also.empty() && name == also)) return true;
    return (name == k_old_kubectl || name == k_before_first_apply) && owns_last_applied(entry);
}

FieldSet adoptable(const Owner& owner) {
    FieldSet fields = owner.fields();
    if (owner.name() != k_before_first_apply) return fields;
    const auto metadata = fields.children.find("f:metadata");
    if (metadata == fields.children.end()) return fields;
    for (const auto* step : {"f:finalizers", "f:ownerReferences"}) metadata->second.children.erase(step);
    if (metadata->second.empty()) fields.children.erase(metadata);
    return fields;
}

/// The API version all adopted fields have to be of: that of the manager's own entry, else the latest one's.
std::string_view common_version(const Owner* own, const std::vector<const Owner*>& taken) {
    if (own != nullptr) return own->api_version();
    return (*std::ranges::max_element(taken, {}, [](const Owner* owner) { return owner->seconds(); }))->api_version();
}

}  // namespace

std::vector<std::string_view> client_side_appliers(const Value& live, std::string_view also) {
    std::vector<std::string_view> names;
    const Value* entries = live.path("metadata", "managedFields");
    if (entries == nullptr) return names;
    for (const auto& entry : entries->items()) {
        const auto name = entry.text_at("manager");
        if (is_client_side_apply(entry, also) && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

std::optional<Value> adopt_fields(const Value& live, const std::vector<std::string_view>& from, std::string_view manager) {
    if (from.empty()) return std::nullopt;
    std::vector<Owner> owners = owners_of(live);
    const auto is_taken = [&](const Owner& owner) {
        return is_plain_update(owner.entry()) && std::ranges::find(from, owner.name()) != from.end();
    };
    std::vector<const Owner*> taken;
    for (const auto& owner : owners)
        if (is_taken(owner)) taken.push_back(&owner);
    if (taken.empty()) return std::nullopt;

    const Owner* own = find_applier(owners, manager);
    const std::string version(common_version(own, taken));
    Owner adopted = own != nullptr ? *own : Owner::make(manager, Operation::apply, "");
    FieldSet fields = own != nullptr ? own->fields() : FieldSet();
    std::int64_t latest = own != nullptr ? own->seconds() : 0;
    for (const auto* owner : taken) {
        if (owner->api_version() != version) continue;
        fields = fields.unite(adoptable(*owner));
        latest = std::max(latest, owner->seconds());
    }
    adopted.set_fields(std::move(fields));
    adopted.stamp(version, base::Time(std::chrono::seconds(latest)));
    std::erase_if(owners, [&](const Owner& owner) {
        const bool replaced = owner.operation() == Operation::apply && owner.name() == manager && owner.subresource().empty();
        return replaced || is_taken(owner);
    });
    owners.push_back(std::move(adopted));
    Value holder = Value::map({{"metadata", Value::map()}});
    set_owners(holder, std::move(owners));
    const Value* entries = holder.path("metadata", "managedFields");
    return entries == nullptr ? std::nullopt : std::optional(*entries);
}

}  // namespace gitops::kube
