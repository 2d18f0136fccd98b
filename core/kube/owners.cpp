#include "core/kube/owners.hpp"

#include <algorithm>
#include <tuple>

namespace gitops::kube {

namespace {

using doc::Value;

Value operation_name(Operation operation) {
    switch (operation) {
        case Operation::apply: return "Apply";
        case Operation::update: return "Update";
    }
    return {};
}

const Value* entries_of(const Value& object) {
    const Value* entries = object.path("metadata", "managedFields");
    return entries != nullptr && entries->is_list() ? entries : nullptr;
}

bool says_something(const Value& entry) { return entry.is_map() && !entry.text_at("operation").empty(); }

/// How far along `path` the set owns: the length matched by its deepest member, 0 when none.
std::size_t owned_length(const FieldSet& set, std::string_view path, const std::string& prefix) {
    std::size_t best = 0;
    for (const auto& [step, child] : set.children) {
        std::string here = prefix;
        append_path(here, step);
        if (!path.starts_with(here)) continue;
        const bool whole_step = path.size() == here.size() || path[here.size()] == '.' || path[here.size()] == '[';
        if (!whole_step) continue;
        if (child.member) best = std::max(best, here.size());
        best = std::max(best, owned_length(child, path, here));
    }
    return best;
}

}  // namespace

Owner Owner::make(std::string_view name, Operation operation, std::string_view subresource) {
    Value entry = Value::map({{"manager", name}, {"operation", operation_name(operation)}});
    if (!subresource.empty()) entry.set("subresource", subresource);
    return Owner(std::move(entry));
}

Operation Owner::operation() const { return m_entry.text_at("operation") == "Apply" ? Operation::apply : Operation::update; }

std::int64_t Owner::seconds() const {
    const auto time = base::parse_rfc3339(m_entry.text_at("time"));
    return time ? std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count() : 0;
}

const FieldSet& Owner::fields() const {
    if (!m_fields) {
        const Value* fields = m_entry.find("fieldsV1");
        m_fields = fields == nullptr ? FieldSet() : FieldSet::from_json(*fields);
    }
    return *m_fields;
}

void Owner::set_fields(FieldSet fields) {
    m_fields = std::move(fields);
    m_entry.set("fieldsType", "FieldsV1");
    m_entry.set("fieldsV1", m_fields->to_json());
}

void Owner::stamp(std::string_view api_version, base::Time time) {
    m_entry.set("apiVersion", api_version);
    m_entry.set("time", base::to_rfc3339(time));
}

std::vector<Owner> owners_of(const Value& object) {
    std::vector<Owner> owners;
    if (const Value* entries = entries_of(object))
        for (const auto& entry : entries->items())
            if (says_something(entry)) owners.emplace_back(entry);
    return owners;
}

void set_owners(Value& object, std::vector<Owner> owners) {
    std::erase_if(owners, [](const Owner& owner) {
        const Value* fields = owner.entry().find("fieldsV1");
        return fields == nullptr || fields->empty();
    });
    if (owners.empty()) {
        if (entries_of(object) != nullptr) object.at("metadata").erase("managedFields");
        return;
    }
    // apimachinery, managedfields/internal/managedfields.go, sortEncodedManagedFields.
    std::vector<std::pair<std::int64_t, Owner>> timed;
    for (auto& owner : owners) timed.emplace_back(owner.seconds(), std::move(owner));
    std::stable_sort(timed.begin(), timed.end(), [](const auto& a, const auto& b) {
        auto rank = [](const auto& timed_owner) {
            const auto& [seconds, owner] = timed_owner;
            return std::tuple(owner.operation(), seconds, owner.name(), owner.api_version(), owner.subresource());
        };
        return rank(a) < rank(b);
    });
    Value entries = Value::list();
    for (const auto& [seconds, owner] : timed) entries.push_back(owner.entry());
    object.at("metadata").set("managedFields", std::move(entries));
}

Owner* find_applier(std::vector<Owner>& owners, std::string_view name) {
    for (auto& owner : owners)
        if (owner.operation() == Operation::apply && owner.name() == name && owner.subresource().empty()) return &owner;
    return nullptr;
}

Owner* find_updater(std::vector<Owner>& owners, std::string_view name, std::string_view api_version, std::string_view subresource) {
    for (auto& owner : owners)
        if (owner.operation() == Operation::update && owner.name() == name && owner.api_version() == api_version &&
            owner.subresource() == subresource)
            return &owner;
    return nullptr;
}

std::vector<Manager> managers_of(const Value& object) {
    std::vector<Manager> managers;
    for (const auto& owner : owners_of(object)) {
        Manager manager;
        manager.name = owner.name();
        manager.operation = owner.operation();
        manager.api_version = owner.api_version();
        manager.subresource = owner.subresource();
        manager.time = base::parse_rfc3339(owner.entry().text_at("time")).value_or(base::Time{});
        manager.fields = owner.fields();
        managers.push_back(std::move(manager));
    }
    return managers;
}

void set_managers(Value& object, const std::vector<Manager>& managers) {
    std::vector<Owner> owners;
    for (const auto& manager : managers) {
        Owner owner = Owner::make(manager.name, manager.operation, manager.subresource);
        owner.stamp(manager.api_version, manager.time);
        owner.set_fields(manager.fields);
        owners.push_back(std::move(owner));
    }
    set_owners(object, std::move(owners));
}

std::optional<Manager> owner_of(const Value& object, std::string_view path) {
    std::optional<Manager> best;
    std::size_t best_length = 0;
    for (auto& manager : managers_of(object)) {
        const auto length = owned_length(manager.fields, path, {});
        if (length == 0 || length < best_length || (best && length == best_length && manager.time < best->time)) continue;
        best_length = length;
        best = std::move(manager);
    }
    return best;
}

}  // namespace gitops::kube
