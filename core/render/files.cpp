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

Files::Files(std::shared_ptr<const base::FileTree> tree, std::string name, Files& root)
    : m_tree(*tree), m_restrictor(LoadRestrictor::root_only), m_remotes(root.m_remotes), m_jobs(root.m_jobs), m_root(&root),
      m_name(std::move(name)), m_owned(std::move(tree)) {}

Files& Files::of_remote(const RemoteBase& base) {
    if (m_remotes == nullptr)
        throw base::Error(base::Code::unavailable, "remote bases are not fetched by this build: " + base.text())
            .hint("vendor the base into the repository and name it by its path");
    std::string name = base.repo + (base.ref.empty() ? "" : "?ref=" + base.ref);
    auto& files = m_root->m_others[name];
    if (files == nullptr) files = std::make_unique<Files>(m_remotes->tree(base), name, *m_root);
    return *files;
}

std::optional<base::EntryKind> Files::kind(const std::string& path) {
    auto [place, is_new] = m_kinds.try_emplace(path);
    if (is_new) place->second = m_tree.kind(path);
    return place->second;
}

const std::string& Files::resolve(const std::string& path) {
    auto found = m_resolved.find(path);
    if (found == m_resolved.end()) found = m_resolved.emplace(path, m_tree.resolve(path)).first;
    return found->second;
}

const std::string& Files::read(const std::string& path) {
    auto found = m_texts.find(path);
    if (found != m_texts.end()) return found->second;
    if (is_web_file(path)) {
        if (m_remotes == nullptr)
            throw base::Error(base::Code::unavailable, "remote files are not fetched by this build: " + path)
                .hint("put the file into the repository and name it by its path");
        return m_texts.emplace(path, m_remotes->read(path)).first->second;
    }
    std::string text = m_tree.read(path);
    const std::string& real = resolve(path);
    m_read.insert(path);
    m_read.insert(real);
    return m_texts.emplace(path, std::move(text)).first->second;
}

const std::vector<doc::Value>& Files::resources(const std::string& path) {
    auto found = m_resources.find(path);
    if (found != m_resources.end()) return found->second;
    auto documents = parse_resources(read(path), path, Jobs{m_jobs});
    return m_resources.emplace(path, std::move(documents)).first->second;
}

Folder::Folder(Files& files, std::string path, const Folder* referrer)
    : m_files(files), m_path(std::move(path)), m_referrer(referrer), m_depth(referrer == nullptr ? 0 : referrer->m_depth + 1) {
    if (m_files.kind(m_path) != base::EntryKind::directory)
        throw base::Error(base::Code::not_found, "'" + shown(m_path) + "' is not a directory");
    m_path = std::string(m_files.resolve(m_path));
    if (m_depth > k_max_depth)
        throw base::Error(base::Code::invalid, "bases and components are nested more than " + std::to_string(k_max_depth) +
                                                   " levels deep");
}

std::string Folder::locate(const std::string& name) const {
    if (is_web_file(name)) return name;
    if (is_remote(name)) throw base::Error(base::Code::invalid, "'" + name + "' is no file");
    bool absolute = name.starts_with('/');
    auto path = absolute ? base::normalise_path(name.substr(1)) : base::join_path(m_path, name);
    if (!path) throw base::Error(base::Code::denied, "'" + name + "' leads out of the root of the source");
    auto kind = m_files.kind(*path);
    if (!kind) {
        base::Error error(base::Code::not_found, "no such file or directory: '" + *path + "'");
        error.suggest(base::near_names(base::base_name(*path), names_in(m_files.tree(), base::parent_path(*path))));
        throw error;
    }
    if (*kind != base::EntryKind::file) throw base::Error(base::Code::invalid, "'" + *path + "' is not a file");
    std::string real = m_files.resolve(*path);
    for (const auto& folder : m_files.off_limits())
        if (is_inside(real, folder))
            throw base::Error(base::Code::denied, "security; '" + real + "' is a file of the system, not of a kustomization");
    if (m_files.restrictor() == LoadRestrictor::root_only && !is_inside(real, m_path))
        throw base::Error(base::Code::denied, "security; file '" + real + "' is not in or below '" + shown(m_path) + "'")
            .hint("move the file below the kustomization, or build with --load-restrictor LoadRestrictionsNone");
    return *path;
}

std::optional<base::EntryKind> Folder::kind(const std::string& name) const {
    if (is_remote(name) || name.starts_with('/')) return std::nullopt;
    auto path = base::join_path(m_path, name);
    return path ? m_files.kind(*path) : std::nullopt;
}

Folder Folder::enter(const std::string& name) const {
    if (name.empty()) throw base::Error(base::Code::invalid, "new root cannot be empty");
    if (auto remote = is_remote(name) ? parse_remote_base(name) : std::nullopt) return enter_remote(*remote);
    if (is_remote(name))
        throw base::Error(base::Code::invalid, "'" + name + "' is no URL of a git repository")
            .hint("write https://host/org/repo//path?ref=branch");
    if (name.starts_with('/')) throw base::Error(base::Code::invalid, "new root '" + name + "' cannot be absolute");
    auto path = base::join_path(m_path, name);
    if (!path) throw base::Error(base::Code::denied, "'" + name + "' leads out of the root of the source");
    if (!m_files.kind(*path)) {
        base::Error error(base::Code::not_found, "no such file or directory: '" + *path + "'");
        error.suggest(base::near_names(base::base_name(*path), names_in(m_files.tree(), base::parent_path(*path))));
        throw error;
    }
    Folder folder(m_files, *path, this);
    folder.refuse_cycle();
    return folder;
}

Folder Folder::enter_remote(const RemoteBase& remote) const {
    Folder folder(m_files.of_remote(remote), remote.path, this);
    folder.refuse_cycle();
    return folder;
}

void Folder::refuse_cycle() const {
    const Folder& folder = *this;
    for (const Folder* visited = m_referrer; visited != nullptr; visited = visited->m_referrer)
        if (&visited->m_files == &m_files && is_inside(visited->m_path, folder.m_path))
            throw base::Error(base::Code::invalid, "cycle detected: candidate root '" + shown(folder.m_path) +
                                                       "' contains visited root '" + shown(visited->m_path) + "'");
}

}  // namespace gitops::render
