#include "core/io/git_tree.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <cstring>

#include "core/base/text.hpp"
#include "core/io/git_library.hpp"

namespace gitops::io {

using base::Code;
using base::EntryKind;
using base::Error;

namespace {

constexpr int k_most_links = 40;
constexpr std::size_t k_most_parts = 4096;
constexpr std::size_t k_deepest_path = 200;
constexpr std::uint64_t k_longest_link = 4096;

EntryKind kind_of(git_filemode_t mode) {
    switch (mode) {
        case GIT_FILEMODE_TREE: return EntryKind::directory;
        case GIT_FILEMODE_LINK: return EntryKind::symlink;
        case GIT_FILEMODE_COMMIT: return EntryKind::submodule;
        case GIT_FILEMODE_BLOB:
        case GIT_FILEMODE_BLOB_EXECUTABLE: return EntryKind::file;
        case GIT_FILEMODE_UNREADABLE: return EntryKind::other;
    }
    return EntryKind::other;
}

git_oid oid_from(const std::array<unsigned char, 20>& id) {
    git_oid oid;
    std::memcpy(oid.id, id.data(), id.size());
    return oid;
}

/// Names that git itself never writes, and that would lead a reader astray.
bool is_trap(std::string_view name) {
    return name.empty() || name == "." || name == ".." || name.find('/') != name.npos;
}

std::string_view shown(std::string_view path) { return path.empty() ? "." : path; }

[[noreturn]] void refuse_link(std::string_view asked, std::string_view link) {
    throw Error(Code::denied, fmt::format("{} is outside of the tree: the symbolic link {} leaves it", shown(asked), link))
        .hint("only files of the repository itself are read");
}

std::string joined(const std::vector<std::string>& parts) { return base::join(parts, "/"); }

/// Puts the parts of `path` on top of the stack `pending`, the first one topmost.
void push_parts(std::vector<std::string>& pending, std::string_view path) {
    auto parts = base::split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        if (!part->empty() && *part != ".") pending.emplace_back(*part);
}

}  // namespace

std::size_t GitTree::IdHash::operator()(const ObjectId& id) const {
    std::size_t value = 0;
    std::memcpy(&value, id.data(), sizeof value);  // an object id is a hash already
    return value;
}

GitTree::GitTree(Handle<git_repository> repo, std::string root_id) : m_repo(std::move(repo)) {
    git_odb* odb = nullptr;
    check_git(git_repository_odb(&odb, m_repo.get()), "cannot read the object database");
    m_odb.reset(odb);
    git_oid oid = oid_of(root_id);
    std::memcpy(m_root.id.data(), oid.id, m_root.id.size());
}

GitTree::~GitTree() = default;

std::string GitTree::bytes(const ObjectId& id, std::string_view path, std::uint64_t limit) const {
    git_oid oid = oid_from(id);
    std::lock_guard lock(m_reading);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    const std::string doing = fmt::format("cannot read {}", shown(path));
    check_git(git_odb_read_header(&size, &type, m_odb.get(), &oid), doing);
    if (size > limit)
        throw Error(Code::invalid, fmt::format("{} is too large: {} bytes, the limit is {}", shown(path), size, limit));
    if (type != GIT_OBJECT_BLOB) throw Error(Code::invalid, fmt::format("{}: its object is no file", doing));
    git_odb_object* made = nullptr;
    check_git(git_odb_read(&made, m_odb.get(), &oid), doing);
    Handle<git_odb_object> object(made);
    return {static_cast<const char*>(git_odb_object_data(made)), git_odb_object_size(made)};
}

GitTree::Directory GitTree::load(const ObjectId& id) const {
    git_oid oid = oid_from(id);
    std::lock_guard lock(m_reading);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    check_git(git_odb_read_header(&size, &type, m_odb.get(), &oid), "cannot read a directory");
    if (size > base::k_max_file_bytes) throw Error(Code::invalid, "a directory of the repository is too large");
    git_tree* made = nullptr;
    check_git(git_tree_lookup(&made, m_repo.get(), &oid), "cannot read a directory");
    Handle<git_tree> tree(made);
    Directory nodes(git_tree_entrycount(made));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const git_tree_entry* entry = git_tree_entry_byindex(made, i);
        nodes[i].name = git_tree_entry_name(entry);
        if (is_trap(nodes[i].name))
            throw Error(Code::invalid, "a directory of the repository holds an entry whose name is no file name");
        nodes[i].kind = kind_of(git_tree_entry_filemode(entry));
        std::memcpy(nodes[i].id.data(), git_tree_entry_id(entry)->id, nodes[i].id.size());
    }
    // Git sorts a directory as if its name ended with '/'.
    std::ranges::sort(nodes, {}, &Node::name);
    return nodes;
}

std::shared_ptr<const GitTree::Directory> GitTree::directory(const ObjectId& id) const {
    {
        std::shared_lock lock(m_sharing);
        if (auto found = m_directories.find(id); found != m_directories.end()) return found->second;
    }
    auto loaded = std::make_shared<const Directory>(load(id));
    std::unique_lock lock(m_sharing);
    return m_directories.emplace(id, std::move(loaded)).first->second;
}

std::optional<GitTree::Found> GitTree::find(std::string_view path) const {
    std::vector<std::string> pending;
    push_parts(pending, path);
    std::vector<std::string> names;
    std::vector<Node> chain{m_root};
    int links = 0;
    while (!pending.empty()) {
        if (pending.size() > k_most_parts)
            throw Error(Code::invalid, fmt::format("{} has too many parts", path.substr(0, 200)));
        std::string name = std::move(pending.back());
        pending.pop_back();
        if (chain.back().kind != EntryKind::directory) return std::nullopt;
        if (name == "..") {
            if (names.empty()) refuse_link(path, path);
            names.pop_back();
            chain.pop_back();
            continue;
        }
        if (names.size() >= k_deepest_path)
            throw Error(Code::invalid, fmt::format("{} is nested more than {} folders deep", path.substr(0, 200), k_deepest_path));
        auto entries = directory(chain.back().id);
        auto entry = std::ranges::lower_bound(*entries, name, {}, &Node::name);
        if (entry == entries->end() || entry->name != name) return std::nullopt;
        names.push_back(std::move(name));
        if (entry->kind != EntryKind::symlink) {
            chain.push_back(*entry);
            continue;
        }
        std::string link = joined(names);
        names.pop_back();
        if (++links > k_most_links)
            throw Error(Code::denied, fmt::format("{} has too many symbolic links in it", shown(path)));
        std::string target = bytes(entry->id, link, k_longest_link);
        if (target.starts_with('/')) refuse_link(path, link);
        // Decided here and not while walking, so that the message names the link.
        std::size_t climbs = 0;
        for (std::string_view part : base::split(target, '/')) {
            if (part != "..") break;
            ++climbs;
        }
        if (climbs > names.size()) refuse_link(path, link);
        push_parts(pending, target);
    }
    return Found{chain.back(), joined(names)};
}

std::optional<EntryKind> GitTree::kind(std::string_view path) const {
    auto found = find(path);
    return found ? std::optional(found->node.kind) : std::nullopt;
}

std::string GitTree::read(std::string_view path) const {
    auto found = find(path);
    if (!found) throw Error(Code::not_found, fmt::format("file {} does not exist", path));
    switch (found->node.kind) {
        case EntryKind::file: return bytes(found->node.id, path, base::k_max_file_bytes);
        case EntryKind::directory:
            throw Error(Code::invalid, fmt::format("{} is a directory, not a file", shown(path)));
        case EntryKind::submodule:
            throw Error(Code::denied, fmt::format("{} is a submodule, whose files are not read", path));
        case EntryKind::symlink:
        case EntryKind::other: break;
    }
    throw Error(Code::denied, fmt::format("{} is not a regular file", path));
}

std::vector<base::TreeEntry> GitTree::list(std::string_view path) const {
    auto found = find(path);
    if (!found || found->node.kind != EntryKind::directory)
        throw Error(Code::not_found, fmt::format("directory {} does not exist", shown(path)));
    std::vector<base::TreeEntry> entries;
    auto nodes = directory(found->node.id);
    entries.reserve(nodes->size());
    for (const Node& node : *nodes) entries.push_back({node.name, node.kind});
    return entries;
}

std::string GitTree::resolve(std::string_view path) const {
    auto found = find(path);
    if (!found) throw Error(Code::not_found, fmt::format("{} does not exist", shown(path)));
    return found->path;
}

std::optional<std::string> GitTree::content_id(std::string_view path) const {
    auto found = find(path);
    return found ? std::optional(sha_of(oid_from(found->node.id))) : std::nullopt;
}

}  // namespace gitops::io
