#pragma once

#include <string>
#include <string_view>

namespace gitops::test {

/// A fresh folder below the system's temporary one, removed with all it holds at the end of its life.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& path() const { return m_path; }
    std::string operator/(std::string_view name) const { return m_path + "/" + std::string(name); }
    /// Writes a file, making its folders; returns its full path.
    std::string write(std::string_view name, std::string_view text) const;
    std::string read(std::string_view name) const;  ///< "" when there is none
    bool exists(std::string_view name) const;

  private:
    std::string m_path;
};

}  // namespace gitops::test
