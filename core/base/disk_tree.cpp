#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/source.hpp"
#include "core/base/text.hpp"

namespace gitops::base {

namespace {

constexpr int k_most_links = 40;               ///< as Linux itself counts them
constexpr std::size_t k_deepest_path = 200;    ///< one open folder each while walking
constexpr std::size_t k_longest_link = 4096;

class Descriptor {
  public:
    explicit Descriptor(int number) : m_number(number) {}
    Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    int get() const { return m_number; }
    bool valid() const { return m_number >= 0; }
    int release() { return std::exchange(m_number, -1); }

  private:
    int m_number;
};

struct CloseDirectory {
    void operator()(DIR* stream) const { ::closedir(stream); }
};

std::string shown(std::string_view path) { return path.empty() ? "." : std::string(path); }

[[noreturn]] void fail(int cause, std::string_view path) {
    switch (cause) {
        case ENOENT:
        case ENOTDIR: throw Error(Code::not_found, fmt::format("{} does not exist", shown(path)));
        case ELOOP: throw Error(Code::denied, fmt::format("{} has too many symbolic links in it", shown(path)));
        case EACCES:
        case EPERM: throw Error(Code::denied, fmt::format("{} may not be read: {}", shown(path), std::strerror(cause)));
        default: throw Error(Code::unavailable, fmt::format("cannot read {}: {}", shown(path), std::strerror(cause)));
    }
}

[[noreturn]] void leaves_root(std::string_view path, std::string_view link) {
    throw Error(Code::denied, fmt::format("{} is outside of the tree: the symbolic link {} leaves it", shown(path), link))
        .hint("only files inside the repository or directory are read");
}

EntryKind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return EntryKind::file;
    if (S_ISDIR(mode)) return EntryKind::directory;
    if (S_ISLNK(mode)) return EntryKind::symlink;
    return EntryKind::other;
}

/// Walks a path one component at a time below an open root, following symbolic links by itself, so that no link
/// (also one that is exchanged meanwhile) can lead out: every folder is opened from its parent with O_NOFOLLOW.
class Walk {
  public:
    Walk(const std::string& root, std::string_view path) : m_root(root), m_asked(path) {
        Descriptor top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!top.valid()) fail(errno, root);
        m_folders.push_back(std::move(top));
        push_parts(path);
    }

    /// True when something lies at the end of the path; kind(), folder() and name() then speak about it.
    bool run() {
        while (!m_todo.empty()) {
            const std::string part = std::move(m_todo.back());
            m_todo.pop_back();
            if (part.empty() || part == ".") continue;
            if (part == "..") {
                if (!go_up()) leaves_root(m_asked, m_link);
                continue;
            }
            if (!step(part)) return false;
        }
        return true;
    }

    EntryKind kind() const { return m_name.empty() ? EntryKind::directory : m_kind; }
    /// The open folder that holds name(), or, when name() is empty, the directory itself.
    int folder() const { return m_folders.back().get(); }
    const std::string& name() const { return m_name; }

    std::string resolved() const {
        std::vector<std::string> parts = m_parts;
        if (!m_name.empty()) parts.push_back(m_name);
        return join(parts, "/");
    }

  private:
    void push_parts(std::string_view path) {
        const auto parts = split(path, '/');
        if (m_todo.size() + parts.size() > k_longest_link) fail(ELOOP, m_asked);
        for (auto part = parts.rbegin(); part != parts.rend(); ++part) m_todo.emplace_back(*part);
    }

    bool go_up() {
        if (!m_name.empty()) {
            m_name.clear();
            return true;
        }
        if (m_parts.empty()) return false;
        m_parts.pop_back();
        m_folders.pop_back();
        return true;
    }

    bool step(const std::string& part) {
        if (!m_name.empty()) return false;  // a file with something below it
        struct stat status {};
        if (::fstatat(folder(), part.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return false;
            fail(errno, m_asked);
        }
        const EntryKind kind = kind_of(status.st_mode);
        if (kind == EntryKind::symlink) {
            follow(part);
        } else if (kind == EntryKind::directory) {
            enter(part);
        } else {
            m_name = part;
            m_kind = kind;
        }
        return true;
    }

    void enter(const std::string& part) {
        if (m_parts.size() >= k_deepest_path) {
            throw Error(Code::invalid, fmt::format("{} is nested more than {} folders deep", m_asked, k_deepest_path));
        }
        Descriptor next(::openat(folder(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next.valid()) fail(errno, m_asked);
        m_folders.push_back(std::move(next));
        m_parts.push_back(part);
    }

    void follow(const std::string& part) {
        if (++m_links > k_most_links) fail(ELOOP, m_asked);
        std::string target(k_longest_link, '\0');
        const ssize_t length = ::readlinkat(folder(), part.c_str(), target.data(), target.size());
        if (length < 0) fail(errno, m_asked);
        target.resize(static_cast<std::size_t>(length));
        m_link = join(m_parts, "/");
        m_link += (m_link.empty() ? "" : "/") + part;
        if (target.starts_with('/')) {
            const std::string below = m_root == "/" ? m_root : m_root + "/";
            if (target != m_root && !target.starts_with(below)) leaves_root(m_asked, m_link);
            target.erase(0, m_root.size());
            m_parts.clear();
            m_folders.erase(m_folders.begin() + 1, m_folders.end());
        }
        push_parts(target);
    }

    const std::string& m_root;
    std::string m_asked;
    std::vector<std::string> m_todo;    ///< components still to walk, the next one last
    std::vector<std::string> m_parts;   ///< the folders entered
    std::vector<Descriptor> m_folders;  ///< the root and m_parts, open
    std::string m_name;                 ///< what lies at the end when it is no folder
    EntryKind m_kind = EntryKind::directory;
    std::string m_link;
    int m_links = 0;
};

std::string read_all(int descriptor, std::uint64_t expected, std::string_view path) {
    std::string bytes;
    bytes.resize(std::min<std::uint64_t>(expected, k_max_file_bytes) + 1);
    std::size_t filled = 0;
    while (true) {
        const ssize_t got = ::read(descriptor, bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(errno, path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
        if (filled > k_max_file_bytes) {
            throw Error(Code::invalid, fmt::format("{} is too large: the limit is {} MiB", path, k_max_file_bytes >> 20));
        }
        if (filled == bytes.size()) bytes.resize(filled * 2);
    }
    bytes.resize(filled);
    return bytes;
}

[[noreturn]] void not_a_file(std::string_view path, EntryKind kind) {
    if (kind == EntryKind::directory) throw Error(Code::invalid, fmt::format("{} is a directory, not a file", shown(path)));
    throw Error(Code::denied, fmt::format("{} is not a regular file", path))
        .hint("devices, sockets and named pipes are never read");
}

}  // namespace

DiskTree::DiskTree(std::string root) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(root.c_str(), nullptr), &std::free);
    struct stat status {};
    if (!real || ::stat(real.get(), &status) != 0) {
        const int cause = errno;
        if (cause == EACCES) fail(cause, root);
        throw Error(Code::not_found, fmt::format("directory {} does not exist", shown(root)));
    }
    if (!S_ISDIR(status.st_mode)) throw Error(Code::not_found, fmt::format("{} is not a directory", root));
    m_root = real.get();
}

std::optional<EntryKind> DiskTree::kind(std::string_view path) const {
    Walk walk(m_root, path);
    return walk.run() ? std::optional(walk.kind()) : std::nullopt;
}

std::string DiskTree::read(std::string_view path) const {
    Walk walk(m_root, path);
    if (!walk.run()) fail(ENOENT, path);
    if (walk.kind() != EntryKind::file) not_a_file(path, walk.kind());
    // O_NONBLOCK: should a FIFO have taken the file's place since, opening it must not wait.
    const Descriptor file(
        ::openat(walk.folder(), walk.name().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.valid()) fail(errno, path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) fail(errno, path);
    if (!S_ISREG(status.st_mode)) not_a_file(path, kind_of(status.st_mode));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > k_max_file_bytes) {
        throw Error(Code::invalid,
                    fmt::format("{} is too large: {} bytes, the limit is {} MiB", path, size, k_max_file_bytes >> 20));
    }
    return read_all(file.get(), size, path);
}

std::vector<TreeEntry> DiskTree::list(std::string_view path) const {
    Walk walk(m_root, path);
    if (!walk.run() || walk.kind() != EntryKind::directory) {
        throw Error(Code::not_found, fmt::format("directory {} does not exist", shown(path)));
    }
    Descriptor folder(::openat(walk.folder(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) fail(errno, path);
    const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(folder.get()));
    if (!stream) fail(errno, path);
    folder.release();
    std::vector<TreeEntry> entries;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status {};
        if (entry->d_type != DT_UNKNOWN) {
            entries.push_back({std::string(name), kind_of(DTTOIF(entry->d_type))});
        } else if (::fstatat(::dirfd(stream.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            entries.push_back({std::string(name), kind_of(status.st_mode)});
        }
    }
    std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
    return entries;
}

std::string DiskTree::resolve(std::string_view path) const {
    Walk walk(m_root, path);
    if (!walk.run()) fail(ENOENT, path);
    return walk.resolved();
}

std::optional<std::string> DiskTree::content_id(std::string_view) const { return std::nullopt; }

}  // namespace gitops::base
