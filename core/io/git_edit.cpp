#include "core/io/git_edit.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <map>
#include <optional>
#include <set>

#include "core/base/source.hpp"
#include "core/base/text.hpp"
#include "core/io/git_library.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

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

}  // namespace

git_oid with_paths_of(git_repository* repo, git_tree* ours, git_tree* theirs, const std::vector<std::string>& paths) {
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
    if (everything) return theirs ? *git_tree_id(theirs) : empty_tree(repo);
    if (split.empty()) return ours ? *git_tree_id(ours) : empty_tree(repo);
    auto made = restored(repo, ours, theirs, split, 0);
    return made ? *made : empty_tree(repo);
}

bool file_on_the_way(git_tree* tree, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
            git_tree_entry* entry = nullptr;
            if (git_tree_entry_bypath(&entry, tree, path.substr(0, slash).c_str()) < 0) break;
            bool is_directory = git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
            git_tree_entry_free(entry);
            if (!is_directory) return true;
        }
    }
    return false;
}

}  // namespace gitops::io
