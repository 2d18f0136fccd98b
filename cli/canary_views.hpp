// What commands show of canaries: from their records, and from the cluster where it says more.
#pragma once

#include <string>

#include "cli/env.hpp"
#include "cli/output/canary_report.hpp"
#include "core/app/progressive/canary.hpp"

namespace gitops::cli {

ReportStyle report_style(Env& env);

/// The run of that number. Error(not_found) with the next step.
const rollout::RunRecord& run_of(const rollout::CanaryRecord& record, int number);

/// From the record alone.
CanaryView view_of(const rollout::CanaryRecord& record, base::Time now);
/// And the workloads and the route as they are now.
CanaryView view_with_cluster(const rollout::CanaryRecord& record, kube::Cluster& cluster, base::Time now);

/// One line: "yield-predictor promoted: wafer/yield-predictor:2.9 has all traffic".
std::string canary_outcome_text(const app::CanaryOutcome& outcome);
/// {outcome: "promoted|rolledBack|nothingNew|stopped", commit|null, status: see canary_status_value()}
doc::Value canary_outcome_value(const app::CanaryOutcome& outcome, base::Time now);

/// Tells the decisions of a run as they are made: a line each, on standard error.
class CanaryTicker {
  public:
    explicit CanaryTicker(Env& env) : m_env(env) {}
    void show(const rollout::CanaryRecord& record);

  private:
    Env& m_env;
    int m_run = -1;
    std::size_t m_told = 0;
};

}  // namespace gitops::cli
