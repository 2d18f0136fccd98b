// The work tree of a local repository, when the branch that moves is checked out in it. For this folder only.
#pragma once

#include <string>

struct git_repository;

namespace gitops::io {

/// True when this repository has a work tree and its HEAD is the branch `name` (a full ref name).
bool is_checked_out_here(git_repository* repo, const std::string& name);
/// Error(conflict) when another work tree of the repository has the branch checked out.
void require_not_checked_out_elsewhere(git_repository* repo, const std::string& name);
/// Error(conflict), naming files, when tracked files are changed or a merge or rebase is under way. Untracked files
/// do not count.
void require_clean(git_repository* repo);
/// Brings work tree and index from one commit to another. Error(conflict), with nothing changed, when an untracked
/// file is in the way.
void switch_files(git_repository* repo, const std::string& from, const std::string& to);

}  // namespace gitops::io
