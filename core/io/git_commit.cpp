#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "core/io/git_handles.hpp"
#include "core/io/git_write.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t k_most_named = 10;

using Paths = std::vector<std::vector<std::string_view>>;  ///< each path in parts

struct Entry {
    git_oid id{};
    git_filemode_t mode = GIT_FILEMODE_UNREADABLE;
};

std::optional<Entry> entry_of(git_tree* tree, const std::string& name) {
    const git_tree_entry* found = tree ? git_tree_entry_byname(tree, name.c_str()) : nullptr;
    if (!found) return std::nullopt;
    return Entry{*git_tree_entry_id(found), git_tree_entry_filemode_raw(found)};
}

Handle<git_tree> subtree(git_repository* repo, const std::optional<Entry>& entry) {
    if (!entry || entry->mode != GIT_FILEMODE_TREE) return nullptr;
    git_tree* found = nullptr;
    check_git(git_tree_lookup(&found, repo, &entry->id), "cannot read a directory");
    return Handle<git_tree>(found);
}

/// `ours` with the paths, counted from part `depth`, as they are in `theirs`; nullopt when nothing is left in it.
/// Only directories along the paths are read or written.
std::optional<git_oid> restored(git_repository* repo, git_tree* ours, git_tree* theirs, const Paths& paths,
                                std::size_t depth) {
    std::map<std::string, Paths, std::less<>> by_name;
    std::set<std::string, std::less<>> whole;
    for (const auto& path : paths) {
        std::string name(path[depth]);
        if (path.size() == depth + 1) whole.insert(name);
        by_name[name].push_back(path);
    }
    git_treebuilder* made = nullptr;
    check_git(git_treebuilder_new(&made, repo, ours), "cannot write a directory");
    Handle<git_treebuilder> builder(made);
    for (const auto& [name, inside] : by_name) {
        std::optional<Entry> mine = entry_of(ours, name);
        std::optional<Entry> wanted = entry_of(theirs, name);
        if (!whole.contains(name)) {
            Handle<git_tree> below = subtree(repo, mine);
            auto id = restored(repo, below.get(), subtree(repo, wanted).get(), inside, depth + 1);
            if (!id && !below) continue;  // nothing to take away: a file of that name stays
            wanted = id ? std::optional(Entry{*id, GIT_FILEMODE_TREE}) : std::nullopt;
        }
        if (wanted)
            check_git(git_treebuilder_insert(nullptr, made, name.c_str(), &wanted->id, wanted->mode), "cannot write a directory");
        else if (mine)
            check_git(git_treebuilder_remove(made, name.c_str()), "cannot write a directory");
    }
    if (git_treebuilder_entrycount(made) == 0) return std::nullopt;
    git_oid id;
    check_git(git_treebuilder_write(&id, made), "cannot write a directory");
    return id;
}

git_oid empty_tree(git_repository* repo) {
    git_treebuilder* made = nullptr;
    check_git(git_treebuilder_new(&made, repo, nullptr), "cannot write a directory");
    Handle<git_treebuilder> builder(made);
    git_oid id;
    check_git(git_treebuilder_write(&id, made), "cannot write a directory");
    return id;
}

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

}  // namespace

std::string commit_restoring(GitRepo& repo, const std::string& parent, const std::string& from,
                             const std::vector<std::string>& paths, const Signature& author, std::string_view message) {
    git_repository* handle = repo.handle();
    Handle<git_commit> commit = commit_of(handle, parent);
    Handle<git_tree> ours = tree_of(handle, parent);
    Handle<git_tree> theirs = tree_of(handle, from);
    Paths split;
    std::vector<std::string> normal;
    normal.reserve(paths.size());
    bool everything = false;
    for (const std::string& path : paths) {
        auto clean = base::normalise_path(path);
        if (!clean) throw Error(Code::invalid, fmt::format("'{}' is no path inside the repository", path));
        everything |= clean->empty();
        normal.push_back(std::move(*clean));
    }
    for (const std::string& path : normal)
        if (!path.empty()) split.push_back(base::split(path, '/'));
    git_oid id = *git_tree_id(everything ? theirs.get() : ours.get());
    if (!everything && !split.empty()) {
        auto made = restored(handle, ours.get(), theirs.get(), split, 0);
        id = made ? *made : empty_tree(handle);
    }
    if (git_oid_equal(&id, git_tree_id(ours.get()))) return {};
    return record(handle, id, commit.get(), author, message);
}

std::string commit_reverting(GitRepo& repo, const std::string& parent, const std::string& sha, const Signature& author,
                             std::string_view message) {
    git_repository* handle = repo.handle();
    Handle<git_commit> ours = commit_of(handle, parent);
    Handle<git_commit> undone = commit_of(handle, sha);
    unsigned mainline = git_commit_parentcount(undone.get()) > 1 ? 1 : 0;
    git_index* made = nullptr;
    check_git(git_revert_commit(&made, handle, undone.get(), ours.get(), mainline, nullptr),
              fmt::format("cannot revert commit {}", sha));
    Handle<git_index> index(made);
    if (git_index_has_conflicts(made)) throw conflict_of(made, sha);
    git_oid id;
    check_git(git_index_write_tree_to(&id, made, handle), "cannot write the reverted files");
    if (git_oid_equal(&id, git_commit_tree_id(ours.get())))
        throw Error(Code::invalid, fmt::format("there is nothing to revert: commit {} is undone already, or changed no files",
                                               sha.substr(0, 10)));
    return record(handle, id, ours.get(), author, message);
}

namespace {

std::string config_text(const GitRepo& repo, const char* name) {
    git_config* made = nullptr;
    check_git(git_repository_config_snapshot(&made, repo.handle()), "cannot read the git configuration");
    Handle<git_config> config(made);
    const char* text = nullptr;
    return git_config_get_string(&text, made, name) == 0 && text ? text : "";
}

}  // namespace

Signature user_signature(const GitRepo& repo, const std::map<std::string, std::string>& environment, std::int64_t now) {
    auto of = [&](const std::string& variable, const char* setting) {
        auto found = environment.find(variable);
        std::string text = found == environment.end() ? "" : found->second;
        if (base::trim(text).empty()) text = config_text(repo, setting);
        return std::string(base::trim(text));
    };
    Signature who{of("GIT_AUTHOR_NAME", "user.name"), of("GIT_AUTHOR_EMAIL", "user.email"), now, 0};
    if (who.name.empty() || who.mail.empty())
        throw Error(Code::invalid, fmt::format("your {} is not known, so no commit can be made in your name",
                                               who.name.empty() ? "name" : "mail address"))
            .hint("git config --global user.name 'Your Name' && git config --global user.email you@example.com");
    if ((who.name + who.mail).find_first_of("<>\n") != std::string::npos)
        throw Error(Code::invalid, fmt::format("'{}' with the mail address '{}' cannot be the author of a commit", who.name, who.mail))
            .hint("leave out the characters < and >");
    return who;
}

}  // namespace gitops::io
