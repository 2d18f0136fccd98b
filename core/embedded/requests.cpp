#include "core/embedded/requests.hpp"

#include <string>
#include <utility>

#include "core/embedded/addresses.hpp"
#include "core/embedded/admission.hpp"
#include "core/embedded/documents.hpp"
#include "core/embedded/patching.hpp"
#include "core/base/error.hpp"
#include "core/kube/unknown_fields.hpp"

namespace gitops::embedded {

using base::Code;
using base::Error;
using doc::Value;

namespace {

/// What a client wants, without unknown fields where it asks for that.
Value known_part(const Value& object, kube::UnknownFields unknown_fields) {
    if (unknown_fields == kube::UnknownFields::refuse) return object;
    std::vector<std::string> dropped;
    return kube::without_unknown_fields(object, kube::Schema::kubernetes().root(kube::gvk_of(object)), dropped);
}

void require_manager(std::string_view manager) {
    if (manager.empty() || manager.size() > 128)
        throw Error(Code::invalid, "a field manager needs a name of 1 to 128 characters");
}

Value managed_fields_of(const Value& object) { return copy_or_null(object.path("metadata", "managedFields")); }

/// Equal but for bookkeeping that changes with every write.
bool is_same_wish(const Value& live, const Value& updated) {
    if (!(managed_fields_of(live) == managed_fields_of(updated))) return false;
    Value one = live, other = updated;
    for (Value* object : {&one, &other}) {
        object->at("metadata").erase("managedFields");
        object->at("metadata").erase("resourceVersion");
    }
    return one == other;
}

void store_new(World& world, const Location& location, Value& object, kube::DryRun dry_run) {
    if (dry_run == kube::DryRun::yes) {
        Value& metadata = object.at("metadata");
        metadata.set("uid", uuid_of("dry run " + location.key.text()));
        metadata.set("creationTimestamp", base::to_rfc3339(world.at));
        if (counts_generations(location.key)) metadata.set("generation", 1);
        return;
    }
    bool is_service = location.key.kind == "Service" && location.key.group.empty();
    if (is_service) give_addresses(world.store, Value(), object);
    Row row = add_object(world, location.key, std::move(object));
    if (is_service) claim_addresses(world.store, Value(), row.object);
    object = std::move(row.object);
}

void store_change(World& world, Row& row, Value& object, kube::DryRun dry_run) {
    if (dry_run == kube::DryRun::yes) return;
    Value before = std::exchange(row.object, std::move(object));
    if (change_object(world, row) && row.key.kind == "Service" && row.key.group.empty())
        claim_addresses(world.store, before, row.object);
    object = row.object;
}

Value create(World& world, const Value& wanted, const kube::Write& write) {
    Value object = wanted;
    if (kube::name_of(object).empty() && object.is_map() && object.has("metadata")) {
        const Value* prefix = object.path("metadata", "generateName");
        if (prefix != nullptr && prefix->is_string())
            object.at("metadata").set("name", generated_name(prefix->text(), world.store.version() + 1));
    }
    kube::require_identity(object, {});
    Location location = world.kinds.locate(kube::ref_of(object));
    if (world.store.find(location.key))
        throw Error(Code::conflict, location.key.text() + " exists already");
    require_namespace(world.store, location);
    object = kube::with_defaults(known_part(cleaned(object, location), write.unknown_fields));
    admit_new(location, object);
    object = kube::track_update(Value(), std::move(object), write.manager, "", world.at);
    store_new(world, location, object, write.dry_run);
    return object;
}

Row require_live(World& world, const Location& location) {
    auto live = world.store.find(location.key);
    if (!live) throw Error(Code::not_found, location.key.text() + " does not exist");
    return std::move(*live);
}

/// The common end of replace and patch: `object` is what the client wants in place of the live one.
Value update(World& world, const Location& location, Row live, Value object, Value managed_fields, const kube::Write& write) {
    object.at("metadata").set("managedFields", std::move(managed_fields));
    if (managed_fields_of(object).is_null()) object.at("metadata").erase("managedFields");
    object = kube::with_defaults(object);
    admit_change(world.store, location, live.object, object);
    if (is_same_wish(live.object, object)) return live.object;
    object = kube::track_update(live.object, std::move(object), write.manager, "", world.at);
    store_change(world, live, object, write.dry_run);
    return object;
}

Value replace(World& world, const Value& wanted, const kube::Write& write) {
    kube::require_identity(wanted, {});
    Location location = world.kinds.locate(kube::ref_of(wanted));
    Row live = require_live(world, location);
    require_current(wanted, live);
    Value object = known_part(cleaned(wanted, location), write.unknown_fields);
    return update(world, location, live, std::move(object), managed_fields_after(live.object, wanted), write);
}

Value patch_status(World& world, Row live, const Value& patched, const kube::Write& write) {
    Value object = live.object;
    if (const Value* status = patched.find("status")) object.set("status", *status);
    else object.erase("status");
    if (is_same_wish(live.object, object)) return live.object;
    object = kube::track_update(live.object, std::move(object), write.manager, "status", world.at);
    store_change(world, live, object, write.dry_run);
    return object;
}

Value patch(World& world, const kube::Patch& wanted, const kube::Write& write) {
    Location location = world.kinds.locate(wanted.ref);
    Row live = require_live(world, location);
    Value condition = map_of({{"metadata", map_of({{"resourceVersion", wanted.resource_version}})}});
    require_current(condition, live);
    try {
        if (wanted.subresource == "scale")
            return update(world, location, live, patch_scale(live.object, location, wanted), managed_fields_of(live.object), write);
        Value patched = apply_patch(live.object, location, wanted);
        require_current(patched, live);
        if (wanted.subresource == "status") return patch_status(world, live, patched, write);
        if (!wanted.subresource.empty())
            throw Error(Code::invalid, "there is no subresource \"" + wanted.subresource + "\" to patch");
        require_same_identity(live.object, patched);
        return update(world, location, live, cleaned(patched, location), managed_fields_after(live.object, patched), write);
    } catch (Error& error) {
        throw error.note("while patching " + location.key.text());
    }
}

}  // namespace

kube::Applied apply_object(World& world, const Value& object, const kube::ApplyOptions& options) {
    require_manager(options.manager);
    kube::require_identity(object, {});
    if (kube::name_of(object).empty())
        throw Error(Code::invalid, "an object without metadata.name cannot be applied, only created");
    Location location = world.kinds.locate(kube::ref_of(object));
    auto live = world.store.find(location.key);
    if (live) require_current(object, *live);
    else require_namespace(world.store, location);
    Value config = known_part(cleaned(object, location), options.unknown_fields);
    config.at("metadata").erase("uid");
    config.at("metadata").erase("resourceVersion");
    kube::Applied applied = kube::server_side_apply(live ? live->object : Value(), config, options.manager,
                                                    options.on_conflict, world.at);
    if (options.on_conflict == kube::OnConflict::fail && !applied.conflicts.empty()) return applied;
    if (!live) {
        admit_new(location, applied.object);
        store_new(world, location, applied.object, options.dry_run);
        applied.changed = true;
        return applied;
    }
    if (!applied.changed) {
        applied.object = live->object;
        return applied;
    }
    admit_change(world.store, location, live->object, applied.object);
    store_change(world, *live, applied.object, options.dry_run);
    return applied;
}

Value write_object(World& world, const kube::Write& write) {
    require_manager(write.manager);
    if (const auto* wanted = std::get_if<kube::Create>(&write.change)) return create(world, wanted->object, write);
    if (const auto* wanted = std::get_if<kube::Replace>(&write.change)) return replace(world, wanted->object, write);
    return patch(world, std::get<kube::Patch>(write.change), write);
}

bool remove_object(World& world, const kube::ObjectRef& ref, const kube::RemoveOptions& options) {
    Location location = world.kinds.locate(ref);
    auto live = world.store.find(location.key);
    if (!live) return false;
    if (!options.uid.empty()) require_current(map_of({{"metadata", map_of({{"uid", options.uid}})}}), *live);
    if (options.dry_run == kube::DryRun::no) begin_deletion(world, std::move(*live), options.propagation);
    return true;
}

void change_as_controller(World& world, Row& row, Value changed, std::string_view manager) {
    Location location = world.kinds.locate(kube::ref_of(row.object));
    admit_change(world.store, location, row.object, changed);
    row.object = kube::track_update(row.object, std::move(changed), manager, "", world.at);
    change_object(world, row);
}

}  // namespace gitops::embedded
