// Changes to a Git repository: new commits made in the object database, reverts, notes and pushes. No index and no
// work tree is needed; where the tracked branch is checked out in a local clone, a clean work tree follows.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/git.hpp"

namespace gitops::io {

struct Signature {
    std::string name;
    std::string mail;
    std::int64_t when = 0;  ///< seconds since 1970
    int offset_minutes = 0;
};

/// The user's identity from GIT_AUTHOR_*, git config user.name and user.email, in that order. `environment` is
/// handed in. Error(invalid) with a hint when there is none.
Signature user_signature(const GitRepo& repo, const std::map<std::string, std::string>& environment,
                         std::int64_t now);

/// A commit on top of `parent` whose tree is the parent's with every path in `paths` as it is in commit `from`
/// (removed where `from` lacks it). Returns its SHA; "" when nothing would change. No ref moves.
std::string commit_restoring(GitRepo& repo, const std::string& parent, const std::string& from,
                             const std::vector<std::string>& paths, const Signature& author,
                             std::string_view message);

/// A commit on top of `parent` in which the files named in `contents` have these bytes and keep their modes. Returns its SHA;
/// "" when nothing would change. Error(not_found) for a path that is no file. No ref moves.
std::string commit_replacing(GitRepo& repo, const std::string& parent, const std::map<std::string, std::string>& contents,
                             const Signature& author, std::string_view message);

/// A commit on top of `parent` that undoes `sha` as `git revert` does (a merge commit: relative to its first parent).
/// Error(conflict) naming the paths; Error(invalid) when there is nothing to undo. No ref moves.
std::string commit_reverting(GitRepo& repo, const std::string& parent, const std::string& sha,
                             const Signature& author, std::string_view message);

/// How a branch is moved to a new commit.
enum class Publish {
    moved,        ///< local repository: the branch points to the commit now (and a clean work tree follows)
    pushed,       ///< remote repository: accepted
    rejected      ///< somebody else moved the branch first: fetch, redo on top, try again
};
/// Moves `branch` from `expected` to `commit`. Local repository with the branch checked out: the work tree follows
/// when it is clean and nothing changes otherwise (Error(conflict) that says so and names the files). Remote: push.
/// Error(denied) for a protected branch, missing rights, or a file:// repository with a hook that may decline pushes.
/// A call that was killed half-way leaves files of `commit` behind a branch that has not moved; the next call goes on.
Publish publish(GitRepo& repo, const std::string& branch, const std::string& expected, const std::string& commit);

/// Writes or appends a note under refs/notes/gitopsctl; for a remote repository it is pushed (a rejected push is
/// retried once after fetching the notes ref).
void add_note(GitRepo& repo, const std::string& sha, std::string_view text, const Signature& author);
std::optional<std::string> read_note(const GitRepo& repo, const std::string& sha);

}  // namespace gitops::io
