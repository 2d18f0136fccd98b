#pragma once

#include <string>

namespace gitops::io {

/// An exclusive flock(2) on a file, held for the object's life. It ends with its process, however that ends, and
/// excludes other threads as well.
class FileLock {
  public:
    /// Creates the file when needed and waits up to two minutes. Error(unavailable) when another process keeps it
    /// or the file cannot be made.
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int m_descriptor = -1;
};

}  // namespace gitops::io
