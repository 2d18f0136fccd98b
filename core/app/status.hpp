// The state of one application as `app get`, `app list` and `app wait` tell it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/app/compare.hpp"
#include "core/deliver/executor.hpp"
#include "core/sources/sync_window.hpp"

namespace gitops::app {

struct Condition {
    std::string type;  ///< "ComparisonError", "RepeatedResourceWarning", "SuspendedWarning", ...
    std::string message;
};

struct AppStatus {
    Application application;
    AppState state;
    std::string cluster;   ///< the destination's name, resolved
    std::string revision;  ///< compared to; "" when it could not be resolved
    SyncStatus sync = SyncStatus::unknown;
    deliver::Health health;
    std::vector<ResourceStatus> resources;
    std::vector<ResourceStatus> hooks;  ///< without a sync status, and in no sum
    std::vector<Condition> conditions;
    std::optional<LockRow> operation;  ///< running now
    std::optional<sources::Permission> window;  ///< what the hours of its project allow now

    /// Synced, OutOfSync, Syncing, Degraded or Unknown: one word for a person.
    std::string_view word() const;
};

/// True while a suspension holds; one with a time ends by itself.
bool is_suspended(const AppState& state, base::Time now);

/// Never throws for a broken application: the reason becomes a condition.
AppStatus status_of(const Services& services, const Application& application, Fetch fetch);

/// Before anything was compared: sync and health Unknown, for the reason `why` when there is one.
AppStatus unknown_status(const Services& services, const Application& application, const base::Error* why);
/// What `comparison` shows, without the reasons of what is not well: those are looked for in the cluster.
AppStatus status_from(const Services& services, const Application& application, const Comparison& comparison);

/// The object that the cli contract names for `app get -o json`.
doc::Value to_value(const AppStatus& status);

}  // namespace gitops::app
