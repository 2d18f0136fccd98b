// The files of one build: read once, parsed once, remembered for the list of what the build depends on.
#pragma once

#include <map>
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
#include "core/render/remote.hpp"

namespace gitops::render {

class Files {
  public:
    /// `remotes` may be null: then nothing is fetched.
    Files(const base::FileTree& tree, LoadRestrictor restrictor, Remotes* remotes, int jobs)
        : m_tree(tree), m_restrictor(restrictor), m_remotes(remotes), m_jobs(jobs), m_root(this) {}
    /// The files of a remote repository; they stay within it.
    Files(std::shared_ptr<const base::FileTree> tree, std::string name, Files& root);
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    const base::FileTree& tree() const { return m_tree; }
    LoadRestrictor restrictor() const { return m_restrictor; }
    /// What the tree says, asked once: a base may be entered thousands of times.
    std::optional<base::EntryKind> kind(const std::string& path);
    const std::string& resolve(const std::string& path);
    /// "" for the tree that is built, the name of the repository for another one.
    const std::string& name() const { return m_name; }
    Remotes* remotes() const { return m_remotes; }
    /// The files of a remote repository, fetched once per build. Error(unavailable) without a port.
    Files& of_remote(const RemoteBase& base);
    /// The text of a file, or of a web page; stays valid as long as this object.
    const std::string& read(const std::string& path);
    /// The resources of the file, lists unpacked.
    const std::vector<doc::Value>& resources(const std::string& path);
    void keep_out_of(std::vector<std::string> folders) { m_off_limits = std::move(folders); }
    const std::vector<std::string>& off_limits() const { return m_off_limits; }
    std::vector<std::string> names_read() const { return {m_read.begin(), m_read.end()}; }

  private:
    const base::FileTree& m_tree;
    LoadRestrictor m_restrictor;
    Remotes* m_remotes;
    int m_jobs;
    Files* m_root;  ///< holds the others
    std::string m_name;
    std::vector<std::string> m_off_limits;
    std::shared_ptr<const base::FileTree> m_owned;
    std::map<std::string, std::unique_ptr<Files>> m_others;
    std::unordered_map<std::string, std::optional<base::EntryKind>> m_kinds;
    std::unordered_map<std::string, std::string> m_resolved;
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
    /// The path inside the tree of a file that the kustomization names; a web page's URL is its own path. Error when it is not there, leaves the tree or
    /// lies outside the directory while the restrictor forbids that.
    std::string locate(const std::string& name) const;
    const std::string& read(const std::string& name) const { return m_files.read(locate(name)); }
    /// The directory `name`. Error for a cycle, an absolute path, and for what is no directory.
    Folder enter(const std::string& name) const;
    /// Something is at `name`, whatever it is.
    std::optional<base::EntryKind> kind(const std::string& name) const;

  private:
    Folder enter_remote(const RemoteBase& remote) const;
    void refuse_cycle() const;

    Files& m_files;
    std::string m_path;
    const Folder* m_referrer;
    int m_depth = 0;
};

/// "https://...", "git@...", "github.com/...": names that mean another repository or a web page.
bool is_remote(std::string_view name);

}  // namespace gitops::render
