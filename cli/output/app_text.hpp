// One application as text: what `app get`, `app list` and `app resources` show.
#pragma once

#include <string>

#include "cli/output/kube_table.hpp"
#include "cli/output/table.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"

namespace gitops::cli {

/// The block above the resources: name, source, policy, sync and health, the last operation.
Table app_header(const app::AppStatus& status);
/// GROUP KIND NAMESPACE NAME STATUS HEALTH MESSAGE
Table resource_table(const app::AppStatus& status);
/// NAME CLUSTER NAMESPACE PROJECT STATUS HEALTH SYNCPOLICY CONDITIONS, wide with REPO PATH TARGET
Table app_list_table(const std::vector<app::AppStatus>& applications, Width width);

/// How an application is called in a report about one cluster, or about several.
enum class NameCluster { no, yes };
/// "web", or "web on staging".
std::string shown_app(const std::string& app, const std::string& cluster, NameCluster name_cluster);

/// "Manual", "Auto", "Auto-Prune"
std::string policy_text(const app::SyncPolicy& policy);
/// Seven digits of a SHA.
std::string short_sha(std::string_view sha);
/// "2026-11-22 20:34:05" in UTC; "" for none.
std::string time_text(const std::optional<base::Time>& time);

}  // namespace gitops::cli
