// Whether a workload has its pods, and whether it is worth waiting for them.
#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

struct Readiness {
    bool is_ready = false;
    bool serves = false;       ///< `percent` of its Pods are available, whatever revision they are of
    bool is_retriable = true;  ///< false: not ready, and no longer waited for
    std::string reason{};      ///< why it is not ready: "2 of 3 Pods are available"
    int available = 0;
    int updated = 0;
    int desired = 0;
};

/// How long a workload is waited for.
struct Patience {
    base::Duration deadline{600'000};  ///< spec.progressDeadlineSeconds
    base::Time since{};                ///< when the phase that waits for it began
    base::Time now{};
};

/// A Deployment is ready when its controller has seen it, all its pods are updated, none of the old ones is left, and `percent`
/// of the updated ones (rounded down) are available; a DaemonSet likewise. Any other kind is ready. A workload of no pods is
/// ready: whether that will do is the caller's question.
///
/// It is no longer waited for when the Deployment's own deadline has passed, or `patience.deadline` since `patience.since`. Under
/// Compat::flagger the latter counts only while the Deployment says Available=False, from that condition's last update: so 3 of 4
/// pods, which leave it available, are waited for without end.
Readiness readiness(const doc::Value& workload, int percent, const Patience& patience, Compat compat);

}  // namespace gitops::rollout
