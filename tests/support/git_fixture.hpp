// Real Git repositories for tests, built through libgit2: no git program is needed, and the commits are the same in
// every run (author "Test <test@example.com>", one minute apart from 2023-11-14T22:13:20Z).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gitops::test {

enum class RepoKind { bare, work_tree };

class TestRepo {
  public:
    /// Creates a repository at `path` whose HEAD is the unborn branch "main".
    explicit TestRepo(const std::string& path, RepoKind kind = RepoKind::bare);
    ~TestRepo();

    /// Changes for the next commit.
    TestRepo& write(std::string_view path, std::string_view text);
    TestRepo& remove(std::string_view path);
    TestRepo& symlink(std::string_view path, std::string_view target);
    TestRepo& submodule(std::string_view path, std::string_view sha);

    /// Commits the changes on top of `branch` (created when missing) and returns the SHA. A work tree whose HEAD is
    /// that branch follows.
    std::string commit(std::string_view message = "change", const std::string& branch = "main");
    /// The same in one step.
    std::string commit(const std::map<std::string, std::string>& files, std::string_view message = "change",
                       const std::string& branch = "main");
    /// A merge commit on `branch` with the tree of `tree_of`; its parents are the branch's tip and `other`.
    std::string merge(const std::string& other, const std::string& tree_of, const std::string& branch = "main");

    void branch(const std::string& name, const std::string& sha);  ///< creates or moves it
    void delete_branch(const std::string& name);
    void tag(const std::string& name, const std::string& sha);
    void annotated_tag(const std::string& name, const std::string& sha);
    void set_head(const std::string& branch);
    void detach_head(const std::string& sha);
    void set_identity(std::string_view name, std::string_view mail);  ///< user.name, user.email of this repository

    std::string tip(const std::string& branch = "main") const;  ///< "" when there is no such branch
    /// The text of `path` at a revision ("main", a SHA); nullopt when there is none.
    std::optional<std::string> text(const std::string& revision, const std::string& path) const;
    const std::string& path() const { return m_path; }

  private:
    struct State;
    std::string m_path;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::test
