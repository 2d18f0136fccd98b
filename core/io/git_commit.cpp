#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "core/io/git_edit.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_write.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t k_most_named = 10;
constexpr std::size_t k_most_paths = 1000;  ///< beyond it merging whole trees is quicker

Handle<git_signature> signature_of(const Signature& who) {
    git_signature* made = nullptr;
    check_git(git_signature_new(&made, who.name.c_str(), who.mail.c_str(), who.when, who.offset_minutes),
              fmt::format("'{} <{}>' cannot be the author of a commit", who.name, who.mail));
    return Handle<git_signature>(made);
}

std::string record(git_repository* repo, const git_oid& tree_id, git_commit* parent, const Signature& author,
                   std::string_view message) {
    git_tree* found = nullptr;
    check_git(git_tree_lookup(&found, repo, &tree_id), "cannot read the new files");
    Handle<git_tree> tree(found);
    Handle<git_signature> who = signature_of(author);
    std::string text(message);
    if (!text.ends_with('\n')) text += '\n';
    git_oid id;
    const git_commit* parents[] = {parent};
    check_git(git_commit_create(&id, repo, nullptr, who.get(), who.get(), nullptr, text.c_str(), found, 1, parents),
              "cannot write the commit");
    return sha_of(id);
}

Error conflict_of(git_index* index, const std::string& sha) {
    git_index_conflict_iterator* iterator = nullptr;
    check_git(git_index_conflict_iterator_new(&iterator, index), "cannot list the conflicts");
    std::set<std::string> paths;
    const git_index_entry *base = nullptr, *ours = nullptr, *theirs = nullptr;
    while (git_index_conflict_next(&base, &ours, &theirs, iterator) == 0)
        for (const git_index_entry* side : {base, ours, theirs})
            if (side) paths.insert(side->path);
    git_index_conflict_iterator_free(iterator);
    std::vector<std::string> named(paths.begin(), paths.end());
    std::size_t more = named.size() > k_most_named ? named.size() - k_most_named : 0;
    if (more) named.resize(k_most_named);
    std::string tail = more ? fmt::format(" and {} more", more) : "";
    Error error(Code::conflict, fmt::format("commit {} cannot be reverted: later commits changed the same lines of {}{}",
                                            sha.substr(0, 10), base::join(named, ", "), tail));
    error.hint("revert the later commits as well, or restore an earlier revision as a whole; nothing was changed");
    return error;
}

/// The whole of both commits is merged, following renames.
git_oid reverted(git_repository* repo, git_commit* ours, git_commit* undone, const std::string& sha) {
    unsigned mainline = git_commit_parentcount(undone) > 1 ? 1 : 0;
    git_index* made = nullptr;
    check_git(git_revert_commit(&made, repo, undone, ours, mainline, nullptr), fmt::format("cannot revert commit {}", sha));
    Handle<git_index> index(made);
    if (git_index_has_conflicts(made)) throw conflict_of(made, sha);
    git_oid id;
    check_git(git_index_write_tree_to(&id, made, repo), "cannot write the reverted files");
    return id;
}

Handle<git_tree> tree_at(git_repository* repo, const git_oid& id) {
    git_tree* found = nullptr;
    check_git(git_tree_lookup(&found, repo, &id), "cannot read a directory");
    return Handle<git_tree>(found);
}

Handle<git_tree> files_of(git_commit* commit) {
    git_tree* found = nullptr;
    check_git(git_commit_tree(&found, commit), "cannot read the files of a commit");
    return Handle<git_tree>(found);
}

Handle<git_tree> files_before(git_commit* commit) {
    if (git_commit_parentcount(commit) == 0) return nullptr;
    git_commit* parent = nullptr;
    check_git(git_commit_parent(&parent, commit, 0), "cannot read the parent of a commit");
    return files_of(Handle<git_commit>(parent).get());
}

/// The same merge, of nothing but the paths that the undone commit changed: milliseconds where the whole takes a
/// quarter of a second. nullopt when these alone do not merge; then a rename may still explain it.
std::optional<git_oid> reverted_along_paths(git_repository* repo, git_commit* ours, git_commit* undone) {
    Handle<git_tree> now = files_of(ours), bad = files_of(undone), before = files_before(undone);
    std::vector<std::string> paths = changed_paths(repo, before.get(), bad.get());
    if (paths.size() > k_most_paths || file_on_the_way(now.get(), paths)) return std::nullopt;
    auto only = [&](git_tree* tree) { return tree_at(repo, with_paths_of(repo, nullptr, tree, paths)); };
    git_index* made = nullptr;
    check_git(git_merge_trees(&made, repo, only(bad.get()).get(), only(now.get()).get(), only(before.get()).get(), nullptr),
              "cannot merge the files");
    Handle<git_index> index(made);
    if (git_index_has_conflicts(made)) return std::nullopt;
    git_oid merged;
    check_git(git_index_write_tree_to(&merged, made, repo), "cannot write the reverted files");
    return with_paths_of(repo, now.get(), tree_at(repo, merged).get(), paths);
}

}  // namespace

std::string commit_restoring(GitRepo& repo, const std::string& parent, const std::string& from,
                             const std::vector<std::string>& paths, const Signature& author, std::string_view message) {
    git_repository* handle = repo.handle();
    Handle<git_commit> commit = commit_of(handle, parent);
    Handle<git_tree> ours = tree_of(handle, parent);
    Handle<git_tree> theirs = tree_of(handle, from);
    git_oid id = with_paths_of(handle, ours.get(), theirs.get(), paths);
    if (git_oid_equal(&id, git_tree_id(ours.get()))) return {};
    return record(handle, id, commit.get(), author, message);
}

std::string commit_replacing(GitRepo& repo, const std::string& parent, const std::map<std::string, std::string>& contents,
                             const Signature& author, std::string_view message) {
    git_repository* handle = repo.handle();
    Handle<git_commit> commit = commit_of(handle, parent);
    Handle<git_tree> ours = tree_of(handle, parent);
    std::vector<git_tree_update> updates;
    for (const auto& [path, bytes] : contents) {
        git_tree_entry* found = nullptr;
        if (git_tree_entry_bypath(&found, ours.get(), path.c_str()) < 0)
            throw Error(Code::not_found, fmt::format("commit {} has no file {}", parent.substr(0, 10), path));
        const auto mode = git_tree_entry_filemode(found);
        git_tree_entry_free(found);
        git_oid blob;
        check_git(git_blob_create_from_buffer(&blob, handle, bytes.data(), bytes.size()), "cannot write a file");
        updates.push_back({GIT_TREE_UPDATE_UPSERT, blob, mode, path.c_str()});
    }
    git_oid id;
    check_git(git_tree_create_updated(&id, handle, ours.get(), updates.size(), updates.data()), "cannot write the new files");
    if (git_oid_equal(&id, git_tree_id(ours.get()))) return {};
    return record(handle, id, commit.get(), author, message);
}

std::string commit_reverting(GitRepo& repo, const std::string& parent, const std::string& sha, const Signature& author,
                             std::string_view message) {
    git_repository* handle = repo.handle();
    Handle<git_commit> ours = commit_of(handle, parent);
    Handle<git_commit> undone = commit_of(handle, sha);
    std::optional<git_oid> quick = reverted_along_paths(handle, ours.get(), undone.get());
    git_oid id = quick ? *quick : reverted(handle, ours.get(), undone.get(), sha);
    if (git_oid_equal(&id, git_commit_tree_id(ours.get())))
        throw Error(Code::invalid, fmt::format("there is nothing to revert: commit {} is undone already, or changed no files",
                                               sha.substr(0, 10)));
    return record(handle, id, ours.get(), author, message);
}

}  // namespace gitops::io
