// The state of one application as `app get`, `app list` and `app wait` tell it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/app/compare.hpp"
#include "core/deliver/executor.hpp"

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
    std::vector<Condition> conditions;
    std::optional<LockRow> operation;  ///< running now

    /// Synced, OutOfSync, Syncing, Degraded or Unknown: one word for a person.
    std::string_view word() const;
};

/// True while a suspension holds; one with a time ends by itself.
bool is_suspended(const AppState& state, base::Time now);

/// Never throws for a broken application: the reason becomes a condition.
AppStatus status_of(const Services& services, const Application& application, Fetch fetch);

/// The object that the cli contract names for `app get -o json`.
doc::Value to_value(const AppStatus& status);

}  // namespace gitops::app
