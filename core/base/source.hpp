// Where files come from: FileTree is a read-only tree of files at one moment; a git revision, a directory on
// disk or a map in memory. The renderer knows only this.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::base {

enum class EntryKind { file, directory, symlink, submodule, other };

struct TreeEntry {
    std::string name;
    EntryKind kind = EntryKind::file;
};

/// Paths are relative to the root, '/'-separated, without "." or "..": normalise_path() makes them. "" is the root.
/// Symbolic links are followed only where the target stays inside the root; a link that leaves it, a FIFO or a
/// device is Error(denied). Implementations may be read from several threads.
class FileTree {
  public:
    virtual ~FileTree() = default;
    /// What lies at `path` after following links; nullopt when nothing does.
    virtual std::optional<EntryKind> kind(std::string_view path) const = 0;
    /// The file's bytes, at most `k_max_file_bytes`. Error(not_found), Error(denied), Error(invalid: too large).
    virtual std::string read(std::string_view path) const = 0;
    /// Direct children in byte order. Error(not_found) when it is not a directory.
    virtual std::vector<TreeEntry> list(std::string_view path) const = 0;
    /// `path` with every symbolic link in it resolved, still relative to the root.
    virtual std::string resolve(std::string_view path) const = 0;
    /// A name for the content at `path` that changes when anything below changes (a git object id), when there is one.
    virtual std::optional<std::string> content_id(std::string_view path) const = 0;
};

/// No manifest is larger: a bigger file is refused before it is read.
inline constexpr std::uint64_t k_max_file_bytes = 64ULL << 20;

/// "a/./b//../c" -> "a/c". nullopt when it climbs above the root or is absolute.
std::optional<std::string> normalise_path(std::string_view path);
/// `base` joined with the relative `path`, normalised; nullopt when it leaves the root.
std::optional<std::string> join_path(std::string_view base, std::string_view path);
std::string_view parent_path(std::string_view path);
std::string_view base_name(std::string_view path);

class MemoryTree final : public FileTree {
  public:
    explicit MemoryTree(std::map<std::string, std::string> files) : m_files(std::move(files)) {}
    std::optional<EntryKind> kind(std::string_view path) const override;
    std::string read(std::string_view path) const override;
    std::vector<TreeEntry> list(std::string_view path) const override;
    std::string resolve(std::string_view path) const override;
    std::optional<std::string> content_id(std::string_view path) const override;

  private:
    std::map<std::string, std::string> m_files;
};

/// A directory on disk, jailed to its root.
class DiskTree final : public FileTree {
  public:
    /// Error(not_found) when `root` is not a directory.
    explicit DiskTree(std::string root);
    std::optional<EntryKind> kind(std::string_view path) const override;
    std::string read(std::string_view path) const override;
    std::vector<TreeEntry> list(std::string_view path) const override;
    std::string resolve(std::string_view path) const override;
    std::optional<std::string> content_id(std::string_view path) const override;

  private:
    std::string m_root;
};

/// One commit, and the name it was asked for.
struct Revision {
    std::string sha;            ///< 40 hex digits
    std::string ref;            ///< what it was found under: "main", "v1.2.0", "HEAD" or a SHA
    std::string author;         ///< "Name <mail>"
    std::string subject;        ///< first line of the message
    std::int64_t committed_at = 0;  ///< seconds since 1970, UTC
};

/// Where revisions come from: the port in front of git, faked by a map of revisions to trees.
class SourceRepo {
  public:
    virtual ~SourceRepo() = default;
    /// Brings the cache up to date with the remote; cheap when nothing is new. Error(unavailable|denied|not_found).
    virtual void fetch() = 0;
    /// Branch, tag, full or short SHA, "HEAD" (also ""), or a semver range over tags. Error(not_found) with
    /// suggestions; Error(invalid) for option-like or malformed names.
    virtual Revision resolve(std::string_view ref) = 0;
    /// The files of a commit, read from blobs without a checkout.
    virtual std::shared_ptr<const FileTree> tree(const std::string& sha) = 0;
};

}  // namespace gitops::base
