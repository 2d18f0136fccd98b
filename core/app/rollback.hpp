// `app rollback`: back to a revision that was deployed before, by a commit in Git (revert) or without one (pin).
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/sync.hpp"

namespace gitops::app {

enum class RollbackStrategy { revert, pin };
enum class Push { yes, no };

struct RollbackRequest {
    std::string target;   ///< history id, revision, or "" for the deployment before the current one
    std::string commit;   ///< revert this one commit instead, as `git revert` does
    RollbackStrategy strategy = RollbackStrategy::revert;
    std::string message;  ///< why; goes into the commit, the note and the audit log
    Push push = Push::yes;
    bool dry_run = false;
    Hooks hooks = Hooks::full;
    Wait wait_for_health = Wait::yes;
    base::Duration timeout{300'000};
};

struct UndoneCommit {
    std::string sha;
    std::string subject;
    std::string author;
};

struct RollbackReport {
    std::string app;
    RollbackStrategy strategy = RollbackStrategy::revert;
    bool dry_run = false;
    std::string from_revision;
    std::string to_revision;           ///< whose rendering is restored
    std::string commit;                ///< the commit made; "" with pin, dry run or nothing to do
    std::string branch;
    std::vector<UndoneCommit> undone;  ///< newest first
    std::vector<std::string> files;    ///< that the commit changes
    std::vector<std::string> also_feeds;  ///< other applications that read a file of `files`
    std::string commit_message;
    bool nothing_to_do = false;
    std::string published;             ///< "moved", "pushed", "" when --no-push kept the commit unpublished
    std::optional<SyncReport> sync;
};

/// Error(conflict|not_found|invalid|denied) with the next step; nothing has changed then.
RollbackReport rollback(const Services& services, const std::string& app, const RollbackRequest& request,
                        std::stop_token stop);

}  // namespace gitops::app
