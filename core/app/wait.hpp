// `app wait`: until an application is in the state that was asked for.
#pragma once

#include <stop_token>
#include <string>

#include "core/app/status.hpp"

namespace gitops::app {

/// What has to hold at once. All false means all three, as in Argo CD.
struct WaitConditions {
    bool synced = false;
    bool healthy = false;
    bool idle = false;  ///< no operation is running
};

struct WaitReport {
    bool reached = false;
    std::string missing;  ///< what did not hold when time was over: "health is Progressing: ..."
    AppStatus status;
};

/// Looks again and again until `deadline`, telling through the events what it still waits for. Error(not_found) for
/// an unknown name; Error(cancelled) on a stop request.
WaitReport wait_for(const Services& services, const std::string& app, WaitConditions conditions, base::Time deadline,
                    std::stop_token stop);

/// What of `conditions` does not hold; "" when all do.
std::string missing_of(const AppStatus& status, const WaitConditions& conditions);

}  // namespace gitops::app
