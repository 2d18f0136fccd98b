// Starts the helm program: found on PATH, without a shell, without the user's helm configuration, plugins and cluster.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace gitops::cli {

class Env;

struct HelmStart {
    std::vector<std::string> arguments;
    std::string folder;  ///< where it works; "" is where we are
    std::string config;  ///< folder of its configuration, cache and data
    std::string input{};  ///< a password, never an argument
    base::Code failure = base::Code::unavailable;  ///< what it means when helm says no
};

/// Its path. Error(not_found) that says what was looked for and how to get it.
std::string find_helm(const std::string& command);

/// Its standard output. Error with the end of what it said when it fails.
std::string run_helm(Env& env, const std::string& command, const HelmStart& start);

}  // namespace gitops::cli
