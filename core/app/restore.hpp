// The commit that takes an application back: which files it restores, what it undoes, whom else it touches. The
// commit object is made, and what it renders is verified, before any branch moves.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/app/rollback.hpp"
#include "core/io/git_write.hpp"

namespace gitops::app {

struct RestoreRequest {
    std::string branch;
    std::string target;         ///< SHA whose rendering is wanted back; "" with `single_commit`
    std::string single_commit;  ///< revert just this one
    io::Signature author;
};

struct RestorePlan {
    std::string branch;
    std::string from_revision;  ///< the branch's tip
    std::string to_revision;
    std::string commit;         ///< made but not on the branch; "" when there is nothing to do
    std::string message;
    std::vector<UndoneCommit> undone;
    std::vector<std::string> files;
    std::vector<std::string> also_feeds;
};

/// `message` is asked once everything but the commit is known. Error(conflict) when the result would not render what
/// `target` rendered.
RestorePlan plan_restore(const Services& services, const Application& application, io::GitRepo& repo,
                         const RestoreRequest& request,
                         const std::function<std::string(const RestorePlan&)>& message);

}  // namespace gitops::app
