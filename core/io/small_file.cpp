#include "core/io/small_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/error.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

struct Descriptor {
    explicit Descriptor(int opened) : number(opened) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number >= 0) close(number);
    }
    int number;
};

[[noreturn]] void fail(int cause, const std::string& path) {
    if (cause == ENOENT || cause == ENOTDIR) throw Error(Code::not_found, fmt::format("{} does not exist", path));
    throw Error(Code::denied, fmt::format("cannot read {}: {}", path, std::strerror(cause)));
}

void require_readable_kind(const std::string& path, mode_t mode, Pipes pipes) {
    if (S_ISREG(mode) || (S_ISFIFO(mode) && pipes == Pipes::allow)) return;
    throw Error(Code::invalid, fmt::format("{} is {}, not a file", path, S_ISDIR(mode) ? "a folder" : "a device or pipe"));
}

}  // namespace

std::string read_small_file(const std::string& path, std::size_t most, Pipes pipes) {
    // Opening a pipe that nobody writes to would wait for ever, so its kind is asked first.
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) fail(errno, path);
    require_readable_kind(path, status.st_mode, pipes);
    const int no_wait = S_ISFIFO(status.st_mode) ? 0 : O_NONBLOCK;
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | no_wait));
    if (file.number < 0 || fstat(file.number, &status) != 0) fail(errno, path);
    require_readable_kind(path, status.st_mode, pipes);
    std::string bytes;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = read(file.number, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(errno, path);
        if (count == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (bytes.size() > most) throw Error(Code::invalid, fmt::format("{} is larger than {} bytes", path, most));
    }
}

std::optional<FileStamp> file_stamp(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return std::nullopt;
    return FileStamp{std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_size,
                     status.st_dev, status.st_ino};
}

}  // namespace gitops::io
