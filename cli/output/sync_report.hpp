// What a sync did, or would do.
#pragma once

#include "cli/env.hpp"
#include "cli/output/app_text.hpp"
#include "core/app/sync.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

using kube::DryRun;

/// {name, cluster, phase, revision, message, resources: [{key, action, method, phase, wave, hook, result, message}], durationMs}
doc::Value sync_value(const app::SyncReport& report);
/// One line per object that changed or failed, then the sum.
void print_sync(Env& env, const app::SyncReport& report, DryRun dry_run, NameCluster name_cluster = NameCluster::no);
/// 0 done, 1 failed, unhealthy or in need of pruning, 2 nothing could be applied.
int sync_exit(const app::SyncReport& report, DryRun dry_run);

}  // namespace gitops::cli
