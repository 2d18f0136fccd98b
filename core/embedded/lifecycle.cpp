#include "core/embedded/lifecycle.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/embedded/addresses.hpp"
#include "core/embedded/documents.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// Built-in kinds without metadata.generation, although some have a spec.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> k_without_generation{{
    {"", "ConfigMap"},
    {"", "Endpoints"},
    {"", "Event"},
    {"", "LimitRange"},
    {"", "Namespace"},
    {"", "Node"},
    {"", "PersistentVolume"},
    {"", "PersistentVolumeClaim"},
    {"", "PodTemplate"},
    {"", "ResourceQuota"},
    {"", "Secret"},
    {"", "Service"},
    {"", "ServiceAccount"},
    {"apps", "ControllerRevision"},
    {"autoscaling", "HorizontalPodAutoscaler"},
    {"coordination.k8s.io", "Lease"},
    {"events.k8s.io", "Event"},
    {"rbac.authorization.k8s.io", "ClusterRole"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
    {"rbac.authorization.k8s.io", "Role"},
    {"rbac.authorization.k8s.io", "RoleBinding"},
    {"storage.k8s.io", "CSINode"},
    {"storage.k8s.io", "StorageClass"},
    {"storage.k8s.io", "VolumeAttachment"},
}};

bool has_finalizer(const Value& object, std::string_view name) {
    const Value* finalizers = object.path("metadata", "finalizers");
    return finalizers != nullptr &&
           std::ranges::any_of(finalizers->items(), [&](const Value& one) { return one.text() == name; });
}

bool has_finalizers(const Value& object) {
    const Value* finalizers = object.path("metadata", "finalizers");
    return finalizers != nullptr && !finalizers->empty();
}

void add_finalizer(Value& object, std::string_view name) {
    if (!has_finalizer(object, name)) object.at("metadata").at("finalizers").push_back(name);
}

void drop_finalizer(Value& object, std::string_view name) {
    Value rest = Value::list();
    for (const Value& one : object.at("metadata").at("finalizers").items())
        if (one.text() != name) rest.push_back(one);
    if (rest.empty()) object.at("metadata").erase("finalizers");
    else object.at("metadata").set("finalizers", rest);
}

void mark_deleted(World& world, Value& object) {
    Value& metadata = object.at("metadata");
    metadata.set("deletionTimestamp", base::to_rfc3339(world.at));
    metadata.set("deletionGracePeriodSeconds", 0);
    if (metadata.has("generation")) metadata.set("generation", int_or(metadata.find("generation"), 1) + 1);
}

void disown(World& world, const Row& owner) {
    for (Row& child : world.store.dependents(kube::uid_of(owner.object))) {
        Value rest = Value::list();
        const Value* references = child.object.path("metadata", "ownerReferences");
        for (const Value& reference : references->items())
            if (reference.text_at("uid") != kube::uid_of(owner.object)) rest.push_back(reference);
        if (rest.empty()) child.object.at("metadata").erase("ownerReferences");
        else child.object.at("metadata").set("ownerReferences", rest);
        change_object(world, child);
    }
}

bool is_orphan(World& world, const Value& object) {
    const Value* references = object.path("metadata", "ownerReferences");
    if (references == nullptr || references->empty()) return false;
    return std::ranges::none_of(references->items(), [&](const Value& reference) {
        return world.store.find_uid(reference.text_at("uid")).has_value();
    });
}

/// Foreground deletion: the dependents first. True while the owner still has to wait.
bool waits_for_dependents(World& world, const Row& owner) {
    bool waits = false;
    for (Row& child : world.store.dependents(kube::uid_of(owner.object))) {
        if (!kube::is_being_deleted(child.object)) begin_deletion(world, child, kube::Propagation::foreground);
        waits |= world.store.find(child.id).has_value();
    }
    return waits;
}

void wake_namespace(World& world, std::string_view ns) {
    auto row = world.store.find({"", "Namespace", "", std::string(ns)});
    if (row && kube::is_being_deleted(row->object)) world.timers.wake(*row, world.at);
}

}  // namespace

bool counts_generations(const kube::ResourceKey& key) {
    return std::ranges::find(k_without_generation, std::pair<std::string_view, std::string_view>(key.group, key.kind)) ==
           k_without_generation.end();
}

Value controller_reference(const Value& owner) {
    return map_of({{"apiVersion", owner.text_at("apiVersion")},
                   {"kind", kube::kind_of(owner)},
                   {"name", kube::name_of(owner)},
                   {"uid", kube::uid_of(owner)},
                   {"controller", true},
                   {"blockOwnerDeletion", true}});
}

std::string_view controller_uid(const Value& object) {
    const Value* references = object.path("metadata", "ownerReferences");
    if (references == nullptr) return {};
    for (const Value& reference : references->items())
        if (const Value* controller = reference.find("controller"); controller != nullptr && controller->as_bool())
            return reference.text_at("uid");
    return {};
}

Row add_object(World& world, const kube::ResourceKey& key, Value object, std::optional<base::Time> wake_at) {
    Value& metadata = object.at("metadata");
    metadata.set("uid", world.store.next_uid(key));
    metadata.set("creationTimestamp", base::to_rfc3339(world.at));
    if (counts_generations(key)) metadata.set("generation", 1);
    Row row = world.store.insert(key, std::move(object), world.at);
    if (is_definition(key)) world.kinds.definitions_changed();
    if (has_controller(key) || row.object.path("metadata", "ownerReferences") != nullptr)
        world.timers.wake(row, wake_at.value_or(world.at));
    return row;
}

bool change_object(World& world, Row& row) {
    if (kube::is_being_deleted(row.object) && !has_finalizers(row.object) && row.key.kind != "Namespace") {
        remove_row(world, row);
        return false;
    }
    world.store.update(row);
    if (is_definition(row.key)) world.kinds.definitions_changed();
    if (has_controller(row.key) || row.object.path("metadata", "ownerReferences") != nullptr ||
        kube::is_being_deleted(row.object))
        world.timers.wake(row, world.at);
    return true;
}

void remove_row(World& world, const Row& row) {
    std::string_view uid = kube::uid_of(row.object);
    auto children = world.store.dependents(uid);
    world.store.erase(row);
    for (const Row& child : children) world.timers.wake(child, world.at);
    if (const Value* owners = row.object.path("metadata", "ownerReferences"))
        for (const Value& reference : owners->items())
            if (auto owner = world.store.find_uid(reference.text_at("uid"))) world.timers.wake(*owner, world.at);
    if (row.key.kind == "Service" && row.key.group.empty()) release_addresses(world.store, row.object);
    if (is_definition(row.key)) {
        world.kinds.definitions_changed();
        kube::Gvk kind = defined_kind(row.object);
        for (Row& instance : world.store.list(kind.group, kind.kind, std::nullopt))
            begin_deletion(world, instance, kube::Propagation::background);
    }
    if (!row.key.ns.empty()) wake_namespace(world, row.key.ns);
}

void begin_deletion(World& world, Row row, kube::Propagation propagation) {
    if (propagation == kube::Propagation::orphan) {
        disown(world, row);
        drop_finalizer(row.object, k_foreground_finalizer);
    }
    bool owns = propagation == kube::Propagation::foreground &&
                !world.store.dependents(kube::uid_of(row.object)).empty();
    if (owns) add_finalizer(row.object, k_foreground_finalizer);
    bool is_namespace = row.key.kind == "Namespace" && row.key.group.empty();
    if (!has_finalizers(row.object) && !is_namespace) {
        remove_row(world, row);
        return;
    }
    if (!kube::is_being_deleted(row.object)) mark_deleted(world, row.object);
    if (is_namespace) row.object.at("status").set("phase", "Terminating");
    world.store.update(row);
    world.timers.wake(row, world.at);
}

bool collect(World& world, Row& row) {
    if (kube::is_being_deleted(row.object)) {
        if (has_finalizer(row.object, k_foreground_finalizer) && !waits_for_dependents(world, row)) {
            drop_finalizer(row.object, k_foreground_finalizer);
            return change_object(world, row);
        }
        return true;
    }
    if (!is_orphan(world, row.object)) return true;
    begin_deletion(world, row, kube::Propagation::background);
    return false;
}

void empty_namespace(World& world, Row& row) {
    std::size_t left = 0;
    for (Row& content : world.store.list_namespace(row.key.name)) {
        if (!kube::is_being_deleted(content.object)) begin_deletion(world, content, kube::Propagation::background);
        left += world.store.find(content.id).has_value() ? 1 : 0;
    }
    if (left == 0 && !has_finalizers(row.object)) {
        remove_row(world, row);
        return;
    }
    Value status = *row.object.find("status");
    set_condition(status,
                  {"NamespaceContentRemaining", "True", "SomeResourcesRemain",
                   std::to_string(left) + " objects wait for their finalizers"},
                  world.at);
    if (status == *row.object.find("status")) return;
    row.object.set("status", std::move(status));
    world.store.update(row);
}

}  // namespace gitops::embedded
