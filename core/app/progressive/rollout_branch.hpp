// RolloutBranch is the branch an application comes from, as the decisions of a rollout change it: commits that edit a file,
// notes with the numbers, and the sync that follows.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/app/services.hpp"
#include "core/app/source/source_edit.hpp"
#include "core/io/git_write.hpp"
#include "core/rollout/journal.hpp"

namespace gitops::app {

class RolloutBranch {
  public:
    /// Fetches.
    RolloutBranch(const Services& services, const std::string& application, std::stop_token stop);

    const Application& application() const { return m_application; }
    std::string tip() const;
    std::shared_ptr<const base::FileTree> tree(const std::string& sha) { return m_repo->tree(sha); }
    render::Rendered rendered(const std::string& sha);

    /// A commit of what `edit` makes of the tip, pushed; made again on top of who was faster. "" when the edit is empty.
    /// Error(conflict) with `hint` when the branch keeps moving.
    std::string publish(const std::function<Files(const base::FileTree&)>& edit, const std::string& message, const std::string& hint);
    /// A note that cannot be written is a warning.
    void leave_note(const std::string& sha, const std::string& text);
    /// The application follows at once, so that nobody finds it out of sync. What fails is a warning.
    void deploy(const std::string& commit);

  private:
    std::string branch() const;
    io::Signature signature() const;

    const Services& m_services;
    std::stop_token m_stop;
    Application m_application;
    std::unique_ptr<io::GitRepo> m_repo;
};

/// What was decided, and the last numbers it was decided on; `subject` is "Canary prod/web".
std::string decision_note(const std::string& subject, const rollout::RunRecord& run, const std::string& actor, base::Time at);

}  // namespace gitops::app
