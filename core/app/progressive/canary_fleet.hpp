// All canaries of a cluster, looked after by one process: what `controller run` does beside applications.
#pragma once

#include <stop_token>

#include "core/app/progressive/canary.hpp"

namespace gitops::app {

struct FleetOptions {
    rollout::RunSettings settings{};            ///< for canaries that nobody has run by hand yet
    base::Duration look_for_new{15'000};        ///< how often canaries are listed anew
};

/// Until stopped: ticks every canary that the current cluster has a record of, and every Canary object in it, at its own
/// interval, several side by side. One that cannot be run is told, and holds up no other; one that another process runs, or a
/// live Flagger, is left to it.
void run_canaries(const Services& services, const OpenMeans& open_means, const FleetOptions& options, std::stop_token stop);

}  // namespace gitops::app
