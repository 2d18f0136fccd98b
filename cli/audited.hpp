// Changes leave a trace: who did what, and how it ended.
#pragma once

#include <functional>
#include <string>

#include "cli/env.hpp"

namespace gitops::cli {

struct Change {
    std::string action;   ///< "create", "cluster scale", ...
    std::string subject;  ///< an application, "deployment.apps/web", a repository
    std::string cluster;
    std::string reason;
};

/// Runs `body` between the two halves of an audit row. What it returns is the row's message; an Error closes the row
/// as failed and goes on.
void audited(Env& env, const Change& change, const std::function<std::string()>& body);

}  // namespace gitops::cli
