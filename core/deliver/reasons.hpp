// Why a workload is not healthy: looked up in its Pods and in the Events of its namespace.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/deliver/health/health.hpp"
#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

/// One line per object of `objects` (live ones) that is Progressing or Degraded and about which something is known:
/// "Pod web-7d9-x2x: ImagePullBackOff: Back-off pulling image \"x\"", "FailedCreate: exceeded quota ...". Per namespace
/// at most one list of Pods and one of Events, the latter only when the Pods do not say it. What cannot be read (no right
/// to list Events, a server that does not answer) is left out; never throws because of it.
std::map<kube::ResourceKey, std::string> explain(kube::Cluster& cluster, const std::vector<doc::Value>& objects);

/// Whether `message` says already what `reason` does: the reason's gist, or its words without their label.
bool tells(std::string_view message, std::string_view reason);

/// `health` with the reason added to its message, unless that tells it already.
Health with_reason(Health health, const kube::ResourceKey& key, const std::string& reason);

}  // namespace gitops::deliver
