// Why the Pods of a workload do not get ready, in the words of whoever tries to run them.
#pragma once

#include <string>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::rollout {

/// "CrashLoopBackOff: back-off 40s restarting failed container=web", of the first container that waits for an error to go
/// away; "" when none does. Reasons as in the kubelet's container states; those of a start that is under way are none.
std::string pod_reason(const std::vector<doc::Value>& pods);

}  // namespace gitops::rollout
