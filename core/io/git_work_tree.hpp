// The work tree of a local repository, when the branch that moves is checked out in it. For this folder only.
#pragma once

#include <string>

#include "core/base/error.hpp"

struct git_repository;

namespace gitops::io {

/// True when this repository has a work tree and its HEAD is the branch `name` (a full ref name).
bool is_checked_out_here(git_repository* repo, const std::string& name);
/// Error(conflict) when another work tree of the repository has the branch checked out.
void require_not_checked_out_elsewhere(git_repository* repo, const std::string& name);
/// Error(conflict) naming the lock file when another program holds the index.
void require_index_unlocked(git_repository* repo);
/// Error(conflict), naming files, when tracked files are changed or a merge or rebase is under way. Untracked files
/// do not count, nor do changes that switch_files(`from`, `to`) itself makes: a process that was killed in it left them.
void require_clean(git_repository* repo, const std::string& from, const std::string& to);
/// Brings work tree and index from one commit to another. Error(conflict), with nothing changed, when an untracked
/// file is in the way; after any other error what was written is taken back.
void switch_files(git_repository* repo, const std::string& from, const std::string& to);

enum class Undo { complete, incomplete };
/// Undoes switch_files(`from`, `to`): the paths it touches become those of `tip`, the commit HEAD is at.
Undo switch_back(git_repository* repo, const std::string& from, const std::string& to, const std::string& tip);
/// Adds to `error` that the undo was not complete.
void note_incomplete(base::Error& error, git_repository* repo);

}  // namespace gitops::io
