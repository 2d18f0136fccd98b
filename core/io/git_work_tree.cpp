#include "core/io/git_work_tree.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <vector>

#include "core/base/text.hpp"
#include "core/io/git_handles.hpp"

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

void require_clean(git_repository* repo) {
    if (git_repository_state(repo) != GIT_REPOSITORY_STATE_NONE)
        throw Error(Code::conflict, fmt::format("a merge, rebase or the like is under way in {}", git_repository_workdir(repo)))
            .hint("finish or abort it first; nothing was changed");
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
    if (paths.empty()) return;
    throw Error(Code::conflict, fmt::format("{} has changes that are not committed: {}", git_repository_workdir(repo), named(paths)))
        .hint("commit or stash them first; nothing was changed");
}

void switch_files(git_repository* repo, const std::string& from, const std::string& to) {
    Handle<git_tree> baseline = tree_of(repo, from);
    Handle<git_commit> target = commit_of(repo, to);
    // Only what differs is looked at: a walk over the whole work tree would cost more than all the rest.
    std::vector<std::string> changed = changed_paths(repo, from, to);
    if (changed.empty()) return;
    std::vector<char*> pointers;
    for (std::string& path : changed) pointers.push_back(path.data());
    std::vector<std::string> blocked;
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy = GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
    options.paths = {pointers.data(), pointers.size()};
    options.baseline = baseline.get();
    options.notify_flags = GIT_CHECKOUT_NOTIFY_CONFLICT;
    options.notify_cb = note_conflict;
    options.notify_payload = &blocked;
    int result = git_checkout_tree(repo, reinterpret_cast<git_object*>(target.get()), &options);
    if (result == GIT_ECONFLICT)
        throw Error(Code::conflict, fmt::format("files in {} are in the way: {}", git_repository_workdir(repo), named(blocked)))
            .hint("move them away first; nothing was changed");
    check_git(result, fmt::format("cannot write the files of {}", git_repository_workdir(repo)));
}

}  // namespace gitops::io
