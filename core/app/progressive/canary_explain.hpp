// The questions a canary is going to ask, before it asks them.
#pragma once

#include <vector>

#include "core/kube/cluster.hpp"
#include "core/rollout/explain.hpp"

namespace gitops::app {

/// Every question of every check, in the order of the checks. MetricTemplates are taken from `manifests`, else from `cluster`
/// (may be null). A check that cannot be asked as it is written is told with its error in place of the query.
std::vector<rollout::ExplainedMetric> explained_metrics(const rollout::CanarySpec& spec, rollout::Compat compat,
                                                        const std::vector<kube::Manifest>& manifests, kube::Cluster* cluster);

}  // namespace gitops::app
