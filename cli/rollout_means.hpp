// What measures and calls for a canary, composed from the settings of a run: Prometheus, a file that is played back,
// webhooks and local commands.
#pragma once

#include "cli/env.hpp"
#include "core/app/progressive/canary.hpp"

namespace gitops::cli {

/// `metrics` as people write it: a URL is a Prometheus server, anything else a file (made absolute).
void set_metrics(rollout::RunSettings& settings, const std::string& metrics);

/// Opens the file or reads the token now; their errors pass through.
app::OpenMeans means_of(Env& env);

}  // namespace gitops::cli
