// What was found when an application was last compared, by whatever command or the controller: enough for a list of
// thousands, which must not ask every repository and cluster.
#pragma once

#include <map>
#include <string>

#include "core/app/status.hpp"

namespace gitops::app {

/// Keeps sync, health and conditions; writes only what changed.
void remember(const Services& services, const AppStatus& status);

/// Statuses of `applications` from what is remembered alone: no repository and no cluster is asked. One that was never
/// compared, or was synced or redefined since, is Unknown, with the condition NotCompared.
enum class Operations { no, too };  ///< the last operation of each is read, too
std::vector<AppStatus> last_seen(const Services& services, std::vector<Application> applications, Operations operations);

}  // namespace gitops::app
