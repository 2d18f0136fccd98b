// Writes one step of a plan to a cluster.
#pragma once

#include "core/base/event.hpp"
#include "core/deliver/executor.hpp"
#include "core/deliver/plan.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

/// Creates, updates or prunes as the step says; a failure is an outcome, not an exception. Outcomes of unchanged and
/// skipped steps write nothing.
StepOutcome perform(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                    std::stop_token stop);

}  // namespace gitops::deliver
