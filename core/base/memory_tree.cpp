#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/source.hpp"

namespace gitops::base {

std::optional<EntryKind> MemoryTree::kind(std::string_view path) const {
    if (path.empty()) return EntryKind::directory;
    const std::string key(path);
    if (m_files.contains(key)) return EntryKind::file;
    const auto below = m_files.lower_bound(key + "/");
    const bool is_directory = below != m_files.end() && below->first.starts_with(key + "/");
    return is_directory ? std::optional(EntryKind::directory) : std::nullopt;
}

std::string MemoryTree::read(std::string_view path) const {
    const auto found = m_files.find(std::string(path));
    if (found == m_files.end()) {
        if (kind(path)) throw Error(Code::invalid, fmt::format("{} is a directory, not a file", path.empty() ? "." : path));
        throw Error(Code::not_found, fmt::format("file {} does not exist", path));
    }
    if (found->second.size() > k_max_file_bytes) {
        throw Error(Code::invalid,
                    fmt::format("file {} is too large: {} bytes, the limit is {}", path, found->second.size(), k_max_file_bytes));
    }
    return found->second;
}

std::vector<TreeEntry> MemoryTree::list(std::string_view path) const {
    if (kind(path) != EntryKind::directory) {
        throw Error(Code::not_found, fmt::format("directory {} does not exist", path));
    }
    const std::string prefix = path.empty() ? std::string() : std::string(path) + "/";
    // The map sorts whole paths, in which "a-b" stands before "a/b": names are sorted on their own.
    std::map<std::string, EntryKind> children;
    for (auto at = m_files.lower_bound(prefix); at != m_files.end() && at->first.starts_with(prefix); ++at) {
        const std::string_view rest = std::string_view(at->first).substr(prefix.size());
        const auto slash = rest.find('/');
        children.emplace(rest.substr(0, slash), slash == std::string_view::npos ? EntryKind::file : EntryKind::directory);
    }
    std::vector<TreeEntry> entries;
    entries.reserve(children.size());
    for (const auto& [name, entry_kind] : children) entries.push_back({name, entry_kind});
    return entries;
}

std::string MemoryTree::resolve(std::string_view path) const {
    if (!kind(path)) throw Error(Code::not_found, fmt::format("{} does not exist", path));
    return std::string(path);
}

std::optional<std::string> MemoryTree::content_id(std::string_view) const { return std::nullopt; }

}  // namespace gitops::base
