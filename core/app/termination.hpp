// `app terminate-op`: asking an operation that another process runs to end.
#pragma once

#include <string>

#include "core/app/services.hpp"

namespace gitops::app {

/// Leaves the request for the operation that runs on `app` on this machine; it sees it within seconds while it waits
/// for something. Error(not_found) for an unknown application, Error(conflict) when nothing runs on it.
LockRow request_termination(const Services& services, const std::string& app);
bool is_termination_requested(const StateDb& state, const std::string& instance);
/// Before an operation begins and after it has ended: a request is for one operation.
void forget_termination(StateDb& state, const std::string& instance);

}  // namespace gitops::app
