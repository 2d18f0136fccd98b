// The files of one commit, read from the object database. For this folder only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/source.hpp"
#include "core/io/git_handles.hpp"

namespace gitops::io {

/// Reads only the directories that are asked for, each once. May be used by several threads: directories are shared
/// under a shared lock, object reads are one at a time on the tree's own repository handle.
class GitTree final : public base::FileTree {
  public:
    GitTree(Handle<git_repository> repo, std::string root_id);
    ~GitTree() override;

    std::optional<base::EntryKind> kind(std::string_view path) const override;
    std::string read(std::string_view path) const override;
    std::vector<base::TreeEntry> list(std::string_view path) const override;
    std::string resolve(std::string_view path) const override;
    std::optional<std::string> content_id(std::string_view path) const override;

  private:
    using ObjectId = std::array<unsigned char, 20>;
    struct Node {
        std::string name;
        base::EntryKind kind = base::EntryKind::directory;
        ObjectId id{};
    };
    using Directory = std::vector<Node>;  ///< by name, in byte order
    struct IdHash {
        std::size_t operator()(const ObjectId& id) const;
    };
    struct Found {
        Node node;
        std::string path;  ///< with every link resolved
    };

    std::shared_ptr<const Directory> directory(const ObjectId& id) const;
    Directory load(const ObjectId& id) const;
    std::string bytes(const ObjectId& id, std::string_view path, std::uint64_t limit) const;
    /// Walks `path` from the root, following links; nullopt when nothing lies there.
    std::optional<Found> find(std::string_view path) const;

    Handle<git_repository> m_repo;
    Handle<git_odb> m_odb;
    Node m_root;
    mutable std::mutex m_reading;
    mutable std::shared_mutex m_sharing;
    mutable std::unordered_map<ObjectId, std::shared_ptr<const Directory>, IdHash> m_directories;
};

}  // namespace gitops::io
