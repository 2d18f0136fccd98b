// Starts one hook of a plan.
#pragma once

#include "core/base/event.hpp"
#include "core/deliver/executor.hpp"
#include "core/deliver/plan.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

struct HookStart {
    StepOutcome outcome;
    enum class Kind { running, passed, failed } kind = Kind::running;
};

/// Deletes the object of an earlier sync where the hook's policy says so, and waits until it is gone; then creates it.
/// What this same operation has begun already, before its process died, is left as it is. A failure is an outcome.
HookStart start_hook(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                     std::stop_token stop);

}  // namespace gitops::deliver
