// A folder of its own below the system's temporary one, or another, gone with the object.
#pragma once

#include <string>
#include <string_view>

namespace gitops::cli {

class ScratchFolder {
  public:
    /// Error(unavailable) when it cannot be made.
    ScratchFolder();
    explicit ScratchFolder(const std::string& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::string& path() const { return m_path; }

    /// Makes a file inside, and the folders above it. Error(denied) for a path that is not plainly inside.
    void write(const std::string& path, std::string_view bytes) const;

  private:
    std::string m_path;
};

}  // namespace gitops::cli
