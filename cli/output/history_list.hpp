#pragma once

#include <vector>

#include "cli/print.hpp"
#include "core/app/state/state_db.hpp"

namespace gitops::cli {

/// ID DATE REVISION INITIATED BY STRATEGY CHANGES MESSAGE, oldest first.
/// {items: [{id, revision, deployedAt, startedAt, author, message, initiatedBy, strategy|null, revertOf|null,
/// resources}]}
Listing history_listing(const std::vector<app::HistoryRow>& rows);

/// TIME ACTOR ACTION SUBJECT RESULT REVISION MESSAGE, oldest first.
/// {items: [{id, at, actor, action, subject, cluster|null, reason|null, fromRevision|null, toRevision|null, result,
/// message|null}]}
Listing audit_listing(const std::vector<app::AuditRow>& rows);

}  // namespace gitops::cli
