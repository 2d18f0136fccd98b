// How objects come into being and go, whoever asks for it: identity at birth, generations, finalizers, owner
// references, and a namespace that takes its content along.
#pragma once

#include <optional>

#include "core/embedded/faults.hpp"
#include "core/embedded/kind_registry.hpp"
#include "core/embedded/object_store.hpp"
#include "core/embedded/recorder.hpp"
#include "core/embedded/timers.hpp"

namespace gitops::embedded {

/// What every change of the cluster works with, inside one transaction.
struct World {
    ObjectStore& store;
    KindRegistry& kinds;
    Timers& timers;
    Recorder& recorder;
    const Scenario& scenario;
    base::Time at;   ///< the instant being lived through
    base::Time now;  ///< the caller's; later than `at` while the simulation catches up
};

inline constexpr std::string_view k_foreground_finalizer = "foregroundDeletion";
inline constexpr std::string_view k_orphan_finalizer = "orphan";

/// Stores a new object with uid, creationTimestamp and generation 1, and wakes its controller now, or at `wake_at`.
Row add_object(World& world, const kube::ResourceKey& key, doc::Value object,
               std::optional<base::Time> wake_at = std::nullopt);
/// Stores row.object and wakes its controller. An object whose deletion only waited for its last finalizer, which is
/// gone now, leaves the store; false then.
bool change_object(World& world, Row& row);
/// Takes the row out at once, finalizers or not, and wakes all it concerns.
void remove_row(World& world, const Row& row);
/// What DELETE does: removes the object, or marks it and waits for its finalizers or its dependents.
void begin_deletion(World& world, Row row, kube::Propagation propagation);
/// Garbage collection of one object: false when it is gone afterwards.
bool collect(World& world, Row& row);
/// Ends a Namespace that is being deleted: deletes what is in it, and the Namespace when nothing is left.
void empty_namespace(World& world, Row& row);

/// An ownerReferences entry for a controller's child.
doc::Value controller_reference(const doc::Value& owner);
/// The uid of the owner that controls it; "" when none does.
std::string_view controller_uid(const doc::Value& object);
/// True for kinds the API server counts generations of.
bool counts_generations(const kube::ResourceKey& key);

}  // namespace gitops::embedded
