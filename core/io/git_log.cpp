#include <fmt/format.h>
#include <git2.h>

#include <algorithm>

#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

Commit commit_from(git_commit* commit) {
    Commit found;
    found.sha = sha_of(*git_commit_id(commit));
    for (unsigned i = 0; i < git_commit_parentcount(commit); ++i)
        found.parents.push_back(sha_of(*git_commit_parent_id(commit, i)));
    const git_signature* author = git_commit_author(commit);
    found.author_name = author->name;
    found.author_mail = author->email;
    found.message = git_commit_message(commit);
    found.committed_at = git_commit_time(commit);
    return found;
}

}  // namespace

Commit GitRepo::commit(const std::string& sha) const { return commit_from(commit_of(handle(), sha).get()); }

std::vector<Commit> GitRepo::log(const std::string& sha, std::size_t limit, const std::string& until) const {
    git_revwalk* made = nullptr;
    check_git(git_revwalk_new(&made, handle()), "cannot walk the history");
    Handle<git_revwalk> walk(made);
    // As git log does: a parent is looked at after its child, whatever the clocks said, and no further than asked. By
    // time or topology the whole history would be read first.
    check_git(git_revwalk_sorting(made, GIT_SORT_NONE), "cannot walk the history");
    git_oid start = *git_commit_id(commit_of(handle(), sha).get());
    check_git(git_revwalk_push(made, &start), "cannot walk the history");
    if (!until.empty()) {
        git_oid stop = *git_commit_id(commit_of(handle(), until).get());
        check_git(git_revwalk_hide(made, &stop), "cannot walk the history");
    }
    std::vector<Commit> commits;
    git_oid id;
    while (commits.size() < limit) {
        int result = git_revwalk_next(&id, made);
        if (result == GIT_ITEROVER) break;
        check_git(result, "cannot walk the history");
        commits.push_back(commit(sha_of(id)));
    }
    return commits;
}

bool GitRepo::is_ancestor(const std::string& ancestor, const std::string& sha) const {
    git_oid older = *git_commit_id(commit_of(handle(), ancestor).get());
    git_oid newer = *git_commit_id(commit_of(handle(), sha).get());
    if (git_oid_equal(&older, &newer)) return true;
    int result = git_graph_descendant_of(handle(), &newer, &older);
    check_git(result, "cannot compare two commits");
    return result == 1;
}

std::vector<std::string> changed_paths(git_repository* repo, git_tree* from, git_tree* to) {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE;
    git_diff* made = nullptr;
    check_git(git_diff_tree_to_tree(&made, repo, from, to, &options), "cannot compare two commits");
    Handle<git_diff> diff(made);
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < git_diff_num_deltas(made); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(made, i);
        paths.emplace_back(delta->new_file.path ? delta->new_file.path : delta->old_file.path);
    }
    std::ranges::sort(paths);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
}

std::vector<std::string> changed_paths(git_repository* repo, const std::string& from_commit, const std::string& to_commit) {
    return changed_paths(repo, tree_of(repo, from_commit).get(), tree_of(repo, to_commit).get());
}

std::vector<std::string> GitRepo::changed_paths(const std::string& from, const std::string& to) const {
    return io::changed_paths(handle(), from, to);
}

}  // namespace gitops::io
