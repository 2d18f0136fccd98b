#pragma once

#include "cli/env.hpp"
#include "core/app/rollback.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// {name, strategy, dryRun, nothingToDo, fromRevision, toRevision, commit|null, branch|null, published|null,
/// message|null, undone: [{sha, subject, author}], files: [], alsoFeeds: [], sync|null}
doc::Value rollback_value(const app::RollbackReport& report);
void print_rollback(Env& env, const app::RollbackReport& report);

}  // namespace gitops::cli
