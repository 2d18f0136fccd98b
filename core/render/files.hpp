// The files of one build: read once, parsed once, remembered for the list of what the build depends on.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/source.hpp"
#include "core/doc/value.hpp"
#include "core/render/kustomize.hpp"

namespace gitops::render {

class Files {
  public:
    Files(const base::FileTree& tree, LoadRestrictor restrictor) : m_tree(tree), m_restrictor(restrictor) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    const base::FileTree& tree() const { return m_tree; }
    LoadRestrictor restrictor() const { return m_restrictor; }
    /// The file's text; stays valid as long as this object.
    const std::string& read(const std::string& path);
    /// The resources of the file, lists unpacked.
    const std::vector<doc::Value>& resources(const std::string& path);
    std::vector<std::string> names_read() const { return {m_read.begin(), m_read.end()}; }

  private:
    const base::FileTree& m_tree;
    LoadRestrictor m_restrictor;
    std::unordered_map<std::string, std::string> m_texts;
    std::unordered_map<std::string, std::vector<doc::Value>> m_resources;
    std::set<std::string> m_read;
};

/// The directory of one kustomization, and the kustomization that asked for it.
class Folder {
  public:
    /// Error(not_found) when `path` is no directory.
    Folder(Files& files, std::string path, const Folder* referrer);

    const std::string& path() const { return m_path; }
    Files& files() const { return m_files; }
    /// The path inside the tree of a file that the kustomization names. Error when it is not there, leaves the tree or
    /// lies outside the directory while the restrictor forbids that.
    std::string locate(const std::string& name) const;
    const std::string& read(const std::string& name) const { return m_files.read(locate(name)); }
    /// The directory `name`. Error for a cycle, an absolute path, and for what is no directory.
    Folder enter(const std::string& name) const;
    /// Something is at `name`, whatever it is.
    std::optional<base::EntryKind> kind(const std::string& name) const;

  private:
    Files& m_files;
    std::string m_path;
    const Folder* m_referrer;
    int m_depth = 0;
};

/// "https://...", "git@...", "github.com/...": names that mean another repository or a web page.
bool is_remote(std::string_view name);

}  // namespace gitops::render
