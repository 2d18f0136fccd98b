#include "core/io/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/base/error.hpp"

namespace gitops::io {

namespace {

constexpr std::chrono::milliseconds k_pause{20};
constexpr int k_attempts = 6000;

}  // namespace

FileLock::FileLock(const std::string& path) : m_descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (m_descriptor < 0)
        throw base::Error(base::Code::unavailable, fmt::format("cannot make the lock {}: {}", path, std::strerror(errno)))
            .hint("make sure that the folder exists and that you may write to it");
    for (int attempt = 0; attempt < k_attempts; ++attempt) {
        if (flock(m_descriptor, LOCK_EX | LOCK_NB) == 0) return;
        if (errno != EWOULDBLOCK && errno != EINTR) break;
        std::this_thread::sleep_for(k_pause);
    }
    close(m_descriptor);
    throw base::Error(base::Code::unavailable, fmt::format("another process holds {}", path))
        .hint("wait until it has finished, or end it");
}

FileLock::~FileLock() { close(m_descriptor); }

}  // namespace gitops::io
