#include "core/io/git_work_tree.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <vector>

#include "core/base/text.hpp"
#include "core/io/git_handles.hpp"
#include "core/io/git_library.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t k_most_named = 5;

std::string named(const std::vector<std::string>& paths) {
    std::vector<std::string> first(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(std::min(paths.size(), k_most_named)));
    std::string text = base::join(first, ", ");
    return paths.size() > k_most_named ? fmt::format("{} and {} more", text, paths.size() - k_most_named) : text;
}

int note_conflict(git_checkout_notify_t, const char* path, const git_diff_file*, const git_diff_file*, const git_diff_file*,
                  void* payload) {
    try {
        static_cast<std::vector<std::string>*>(payload)->emplace_back(path ? path : "");
    } catch (const std::exception&) {
        return GIT_EUSER;
    }
    return 0;
}

/// Tracked paths whose index or file differs from HEAD.
std::vector<std::string> dirty_paths(git_repository* repo) {
    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
    git_status_list* made = nullptr;
    check_git(git_status_list_new(&made, repo, &options), "cannot compare the work tree");
    Handle<git_status_list> status(made);
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < git_status_list_entrycount(made); ++i) {
        const git_status_entry* entry = git_status_byindex(made, i);
        const git_diff_delta* delta = entry->head_to_index ? entry->head_to_index : entry->index_to_workdir;
        if (delta) paths.emplace_back(delta->new_file.path ? delta->new_file.path : delta->old_file.path);
    }
    return paths;
}

std::vector<char*> pointers_to(std::vector<std::string>& paths) {
    std::vector<char*> pointers;
    for (std::string& path : paths) pointers.push_back(path.data());
    return pointers;
}

enum class Side { index, files };

/// Those of `within`, or below them, that differ between a commit and the index or the files; untracked ones count.
std::set<std::string> differing(git_repository* repo, git_tree* tree, Side side, std::vector<std::string>& within) {
    std::vector<char*> pointers = pointers_to(within);
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_INCLUDE_IGNORED |
                    GIT_DIFF_RECURSE_IGNORED_DIRS | GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_DISABLE_PATHSPEC_MATCH;
    options.pathspec = {pointers.data(), pointers.size()};
    git_diff* made = nullptr;
    int result = 0;
    switch (side) {
        case Side::index: result = git_diff_tree_to_index(&made, repo, tree, nullptr, &options); break;
        case Side::files: result = git_diff_tree_to_workdir(&made, repo, tree, &options); break;
    }
    check_git(result, "cannot compare the work tree");
    Handle<git_diff> diff(made);
    std::set<std::string> paths;
    for (std::size_t i = 0; i < git_diff_num_deltas(made); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(made, i);
        paths.insert(delta->new_file.path ? delta->new_file.path : delta->old_file.path);
    }
    return paths;
}

/// What a switch of files from one commit to another that was cut short cannot have left: of `dirty`, the paths that
/// the switch does not touch; of those it touches, the ones that are neither as before nor as after it.
std::vector<std::string> beyond_switch(git_repository* repo, std::vector<std::string> dirty, const std::string& from,
                                       const std::string& to) {
    std::vector<std::string> changed = changed_paths(repo, from, to);
    std::set<std::string> beyond;
    for (std::string& path : dirty)
        if (!std::ranges::binary_search(changed, path)) beyond.insert(std::move(path));
    // An empty list of paths would mean all of them.
    if (changed.empty()) return {beyond.begin(), beyond.end()};
    Handle<git_tree> before = tree_of(repo, from), after = tree_of(repo, to);
    for (Side side : {Side::index, Side::files}) {
        std::set<std::string> old = differing(repo, before.get(), side, changed);
        std::set<std::string> fresh = differing(repo, after.get(), side, changed);
        std::ranges::set_intersection(old, fresh, std::inserter(beyond, beyond.end()));
    }
    return {beyond.begin(), beyond.end()};
}

struct Switch {
    unsigned strategy;
    const std::string& from;
    const std::string& to;
};

/// Brings `paths` of work tree and index from one commit to another; returns libgit2's result. With GIT_ECONFLICT
/// nothing was changed and `blocked` has the paths in the way.
int check_out(git_repository* repo, const Switch& which, std::vector<std::string> paths, std::vector<std::string>& blocked) {
    Handle<git_tree> baseline = tree_of(repo, which.from);
    Handle<git_commit> target = commit_of(repo, which.to);
    std::vector<char*> pointers = pointers_to(paths);
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy = which.strategy | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
    options.paths = {pointers.data(), pointers.size()};
    options.baseline = baseline.get();
    options.notify_flags = GIT_CHECKOUT_NOTIFY_CONFLICT;
    options.notify_cb = note_conflict;
    options.notify_payload = &blocked;
    return git_checkout_tree(repo, reinterpret_cast<git_object*>(target.get()), &options);
}

}  // namespace

bool is_checked_out_here(git_repository* repo, const std::string& name) {
    if (git_repository_is_bare(repo)) return false;
    git_reference* raw = nullptr;
    check_git(git_reference_lookup(&raw, repo, "HEAD"), "cannot read HEAD");
    Handle<git_reference> head(raw);
    const char* target = git_reference_symbolic_target(raw);
    return target && name == target;
}

void require_not_checked_out_elsewhere(git_repository* repo, const std::string& name) {
    git_reference* raw = nullptr;
    check_git(git_reference_lookup(&raw, repo, name.c_str()), fmt::format("cannot read {}", name));
    Handle<git_reference> branch(raw);
    // HEAD of a bare repository counts for libgit2, though no files follow it.
    bool is_own_head = git_repository_is_bare(repo) && git_branch_is_head(raw) == 1;
    if (git_branch_is_checked_out(raw) == 1 && !is_own_head)
        throw Error(Code::conflict, fmt::format("{} is checked out in another work tree of the repository", name))
            .hint("name that work tree as the repository; nothing was changed");
}

void require_index_unlocked(git_repository* repo) {
    std::string lock = std::string(git_repository_path(repo)) + "index.lock";
    std::error_code failed;
    if (std::filesystem::symlink_status(lock, failed).type() == std::filesystem::file_type::not_found) return;
    throw Error(Code::conflict, fmt::format("another program is changing the index: {} exists", lock))
        .hint("wait until it has finished; when no git runs, the file is stale and may be removed; nothing was changed");
}

void require_clean(git_repository* repo, const std::string& from, const std::string& to) {
    if (git_repository_state(repo) != GIT_REPOSITORY_STATE_NONE)
        throw Error(Code::conflict, fmt::format("a merge, rebase or the like is under way in {}", git_repository_workdir(repo)))
            .hint("finish or abort it first; nothing was changed");
    std::vector<std::string> paths = dirty_paths(repo);
    if (paths.empty()) return;
    paths = beyond_switch(repo, std::move(paths), from, to);
    if (paths.empty()) return;
    throw Error(Code::conflict, fmt::format("{} has changes that are not committed: {}", git_repository_workdir(repo), named(paths)))
        .hint("commit or stash them first; nothing was changed");
}

void switch_files(git_repository* repo, const std::string& from, const std::string& to) {
    // Only what differs is looked at: a walk over the whole work tree would cost more than all the rest.
    std::vector<std::string> changed = changed_paths(repo, from, to);
    if (changed.empty()) return;
    std::vector<std::string> blocked;
    int result = check_out(repo, {GIT_CHECKOUT_SAFE, from, to}, changed, blocked);
    // A file that a killed switch has written is untracked yet, and in the way until it is known to be the same.
    if (result == GIT_ECONFLICT && beyond_switch(repo, {}, from, to).empty())
        result = check_out(repo, {GIT_CHECKOUT_FORCE, from, to}, changed, blocked);
    if (result == GIT_ECONFLICT)
        throw Error(Code::conflict, fmt::format("files in {} are in the way: {}", git_repository_workdir(repo), named(blocked)))
            .hint("move them away first; nothing was changed");
    if (result >= 0) return;
    Error error = git_error_of(result, fmt::format("cannot write the files of {}", git_repository_workdir(repo)));
    if (switch_back(repo, from, to, from) == Undo::incomplete) note_incomplete(error, repo);
    throw error;
}

Undo switch_back(git_repository* repo, const std::string& from, const std::string& to, const std::string& tip) {
    try {
        git_index* made = nullptr;
        check_git(git_repository_index(&made, repo), "cannot read the index");
        Handle<git_index> index(made);
        check_git(git_index_read(made, 1), "cannot read the index");
        std::vector<std::string> blocked;
        // Forced, because a write that failed leaves half a file. The outcome is judged by what is there afterwards.
        check_out(repo, {GIT_CHECKOUT_FORCE, to, tip}, changed_paths(repo, from, to), blocked);
        check_git(git_index_read(made, 1), "cannot read the index");
        return dirty_paths(repo).empty() ? Undo::complete : Undo::incomplete;
    } catch (const Error&) {
        return Undo::incomplete;
    }
}

void note_incomplete(Error& error, git_repository* repo) {
    error.note(fmt::format("the files of {} could not all be brought back: see git status", git_repository_workdir(repo)));
}

}  // namespace gitops::io
