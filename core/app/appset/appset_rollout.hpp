// Rolling syncs of registered ApplicationSets: looks at the Applications and syncs those whose turn it is.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/appset/appset.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/sources/appset_rollout.hpp"

namespace gitops::app {

/// Where the rollout of the set stands now, without changing anything.
std::vector<sources::MemberPlan> rollout_of(const Services& services, const sources::ApplicationSet& set, Fetch fetch);

/// The set whose rolling sync is the only one that syncs this Application by itself; "" for none.
std::string rolling_set_of(const StateDb& state, const Application& application);

/// Starts the syncs that are due in every set with a rolling sync, and does not wait for health: the next pass sees it.
/// `done` is told of each sync. Where each member of a rolling sync stood before, or what holds it back.
std::vector<sources::MemberPlan> roll_sets(const Services& services, const std::function<void(const SyncReport&)>& done,
                                           std::stop_token stop);

}  // namespace gitops::app
