// The arithmetic of a rolling update, apart from objects: how many Pods each ReplicaSet may have next. Rules of
// Kubernetes' deployment controller (pkg/controller/deployment/rolling.go, recreate.go).
#pragma once

#include <cstdint>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::embedded {

struct SetCount {
    std::int64_t wanted = 0;
    std::int64_t pods = 0;
    std::int64_t available = 0;
};

enum class RolloutKind { rolling, recreate };
struct RolloutLimits {
    RolloutKind kind = RolloutKind::rolling;
    std::int64_t replicas = 1;
    std::int64_t max_surge = 0;
    std::int64_t max_unavailable = 0;  ///< at least 1 when max_surge is 0
};
/// From a Deployment's spec; percentages are of `replicas`.
RolloutLimits limits_of(const doc::Value& spec, std::int64_t replicas);

/// The next size of each set; the sets are ordered oldest first and the last is the one of the present template.
std::vector<std::int64_t> plan_rollout(const std::vector<SetCount>& sets, const RolloutLimits& limits);
/// A paused Deployment rolls nothing, but its newest set that has Pods follows spec.replicas.
std::vector<std::int64_t> plan_paused(const std::vector<SetCount>& sets, std::int64_t replicas);

}  // namespace gitops::embedded
