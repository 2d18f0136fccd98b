// What commands show of blue-green pairs: from their records, and from the cluster where it says more.
#pragma once

#include <string>

#include "cli/env.hpp"
#include "core/app/progressive/bluegreen.hpp"

namespace gitops::cli {

/// One screen: who has the traffic, both sides, what was decided last.
std::string bluegreen_text(const app::BlueGreenStanding& standing, Env& env);
/// {name, namespace, phase, active|null, from|null, to|null, service, previewService|null, failedChecks, maxFailures, startedAt|null,
/// switchedAt|null, nextLookAt|null, canRollBack, message|null, trouble|null, runner|null, sides: [{side, deployment, active, ready,
/// wanted, image|null, reason|null}], run|null (see rollout::to_value)}
doc::Value bluegreen_value(const app::BlueGreenStanding& standing);

/// One line: "yield switched: green (yield-green, wafer/yield:2.9) has all traffic".
std::string bluegreen_outcome_text(const app::BlueGreenOutcome& outcome);
/// {outcome: "switched|rolledBack|failed|nothingNew|stopped", name, namespace, active, reason|null, commit|null, run|null}
doc::Value bluegreen_outcome_value(const app::BlueGreenOutcome& outcome);

/// Tells the decisions of a run as they are made: a line each, on standard error.
class BlueGreenTicker {
  public:
    explicit BlueGreenTicker(Env& env) : m_env(env) {}
    void show(const rollout::BlueGreenRecord& record);

  private:
    Env& m_env;
    int m_run = -1;
    std::size_t m_told = 0;
};

}  // namespace gitops::cli
