#include "core/render/files.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/render/resources.hpp"

namespace gitops::render {

namespace {

/// Deeper chains of bases and components are refused.
constexpr int k_max_depth = 200;

constexpr std::string_view k_remote_starts[] = {"git::", "git@", "ssh://", "http://", "https://", "file://",
                                                "github.com/", "gh:", "org-"};

bool is_inside(std::string_view path, std::string_view directory) {
    if (directory.empty()) return true;
    return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::string shown(std::string_view path) { return path.empty() ? "." : std::string(path); }

std::vector<std::string> names_in(const base::FileTree& tree, std::string_view directory) {
    std::vector<std::string> names;
    if (tree.kind(directory) != base::EntryKind::directory) return names;
    for (const auto& entry : tree.list(directory)) names.push_back(entry.name);
    return names;
}

}  // namespace

bool is_remote(std::string_view name) {
    return std::ranges::any_of(k_remote_starts, [&](std::string_view start) { return name.starts_with(start); }) ||
           name.find("://") != std::string_view::npos || name.find("?ref=") != std::string_view::npos;
}

const std::string& Files::read(const std::string& path) {
    auto found = m_texts.find(path);
    if (found != m_texts.end()) return found->second;
    std::string text = m_tree.read(path);
    std::string real = m_tree.resolve(path);
    m_read.insert(path);
    m_read.insert(real);
    return m_texts.emplace(path, std::move(text)).first->second;
}

const std::vector<doc::Value>& Files::resources(const std::string& path) {
    auto found = m_resources.find(path);
    if (found != m_resources.end()) return found->second;
    auto documents = parse_resources(read(path), path);
    return m_resources.emplace(path, std::move(documents)).first->second;
}

Folder::Folder(Files& files, std::string path, const Folder* referrer)
    : m_files(files), m_path(std::move(path)), m_referrer(referrer), m_depth(referrer == nullptr ? 0 : referrer->m_depth + 1) {
    if (m_files.tree().kind(m_path) != base::EntryKind::directory)
        throw base::Error(base::Code::not_found, "'" + shown(m_path) + "' is not a directory");
    m_path = m_files.tree().resolve(m_path);
    if (m_depth > k_max_depth)
        throw base::Error(base::Code::invalid, "bases and components are nested more than " + std::to_string(k_max_depth) +
                                                   " levels deep");
}

std::string Folder::locate(const std::string& name) const {
    if (is_remote(name))
        throw base::Error(base::Code::unavailable, "remote files are not fetched by this build: " + name)
            .hint("put the file into the repository and name it by its path");
    bool absolute = name.starts_with('/');
    auto path = absolute ? base::normalise_path(name.substr(1)) : base::join_path(m_path, name);
    if (!path) throw base::Error(base::Code::denied, "'" + name + "' leads out of the root of the source");
    auto kind = m_files.tree().kind(*path);
    if (!kind) {
        base::Error error(base::Code::not_found, "no such file or directory: '" + *path + "'");
        error.suggest(base::near_names(base::base_name(*path), names_in(m_files.tree(), base::parent_path(*path))));
        throw error;
    }
    if (*kind != base::EntryKind::file) throw base::Error(base::Code::invalid, "'" + *path + "' is not a file");
    std::string real = m_files.tree().resolve(*path);
    if (m_files.restrictor() == LoadRestrictor::root_only && !is_inside(real, m_path))
        throw base::Error(base::Code::denied, "security; file '" + real + "' is not in or below '" + shown(m_path) + "'")
            .hint("move the file below the kustomization, or build with --load-restrictor LoadRestrictionsNone");
    return *path;
}

std::optional<base::EntryKind> Folder::kind(const std::string& name) const {
    if (is_remote(name) || name.starts_with('/')) return std::nullopt;
    auto path = base::join_path(m_path, name);
    return path ? m_files.tree().kind(*path) : std::nullopt;
}

Folder Folder::enter(const std::string& name) const {
    if (name.empty()) throw base::Error(base::Code::invalid, "new root cannot be empty");
    if (is_remote(name))
        throw base::Error(base::Code::unavailable, "remote bases are not fetched by this build: " + name)
            .hint("vendor the base into the repository and name it by its path");
    if (name.starts_with('/')) throw base::Error(base::Code::invalid, "new root '" + name + "' cannot be absolute");
    auto path = base::join_path(m_path, name);
    if (!path) throw base::Error(base::Code::denied, "'" + name + "' leads out of the root of the source");
    if (!m_files.tree().kind(*path)) {
        base::Error error(base::Code::not_found, "no such file or directory: '" + *path + "'");
        error.suggest(base::near_names(base::base_name(*path), names_in(m_files.tree(), base::parent_path(*path))));
        throw error;
    }
    Folder folder(m_files, *path, this);
    for (const Folder* visited = this; visited != nullptr; visited = visited->m_referrer)
        if (is_inside(visited->m_path, folder.m_path))
            throw base::Error(base::Code::invalid, "cycle detected: candidate root '" + shown(folder.m_path) +
                                                       "' contains visited root '" + shown(visited->m_path) + "'");
    return folder;
}

}  // namespace gitops::render
