// Files that are read whole and once: kubeconfigs, certificates, tokens. Their paths may come from hostile input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gitops::io {

/// Whether a pipe may stand for the file, as the shell's <(command) makes one; reading it waits for its writer.
enum class Pipes { refuse, allow };

/// The bytes of a file. Error(not_found) when there is none, Error(invalid) for a folder, a device or more than
/// `most` bytes, Error(denied) when it may not be read.
std::string read_small_file(const std::string& path, std::size_t most, Pipes pipes = Pipes::refuse);

/// What changes when a file is written anew or replaced, a symbolic link on the way to it included.
struct FileStamp {
    std::int64_t modified = 0;  ///< nanoseconds since 1970
    std::int64_t size = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const FileStamp&) const = default;
};
/// nullopt when there is no such file.
std::optional<FileStamp> file_stamp(const std::string& path);

}  // namespace gitops::io
