// Where notifications are configured on this machine.
#pragma once

#include <optional>
#include <string>

#include "cli/env.hpp"
#include "core/notify/catalog.hpp"

namespace gitops::cli {

/// Reads `file`, or notifications.yaml in the home when that is there; nullopt when it is not. What is wrong with parts of
/// it is told. Secrets that stand in no
/// Secret document are environment variables: "$slack-token" is SLACK_TOKEN.
std::optional<notify::Catalog> notification_catalog(Env& env, const std::string& file);

}  // namespace gitops::cli
