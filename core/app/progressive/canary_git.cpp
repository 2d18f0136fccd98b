// The end of a canary whose target comes from Git: its decision becomes a commit, and a note with the numbers.
#include <algorithm>

#include "core/app/progressive/canary.hpp"
#include "core/app/progressive/image_bump.hpp"
#include "core/app/rollback.hpp"
#include "core/app/progressive/rollout_branch.hpp"

namespace gitops::app {

namespace {

using rollout::CanaryRecord;
using rollout::CanarySpec;
using rollout::Phase;
using rollout::RunRecord;

class GitEnd {
  public:
    GitEnd(const Services& services, const CanarySpec& spec, const CanaryRecord& record, std::stop_token stop)
        : m_services(services), m_spec(spec), m_run(record.runs.back()), m_stop(stop), m_branch(services, record.settings.app, std::move(stop)) {}

    std::string promoted() {
        const auto tip = m_branch.tip();
        if (renders(tip)) {
            leave_note(tip);  // the new version came from Git: it stays, with the reason
            return {};
        }
        auto edit = [&](const base::FileTree& tree) { return bump_image(m_services, m_branch.application(), tree, target(), m_run.from_image, m_run.to_image); };
        auto commit = m_branch.publish(edit, "Promote " + m_run.to_image + "\n\nCanary " + m_spec.name + ": " + m_run.reason,
                                       "the new version runs; commit its image yourself, or run the canary again with --git");
        if (commit.empty()) commit = m_branch.tip();
        leave_note(commit);
        m_branch.deploy(commit);
        return commit;
    }

    std::string rolled_back() {
        if (!renders(m_branch.tip())) return {};  // Git never asked for what was tried
        RollbackRequest request;
        request.message = "canary " + m_spec.name + ": " + m_run.reason;
        const auto report = rollback(m_services, m_branch.application().name, request, m_stop);
        if (!report.commit.empty() && !report.undone.empty()) leave_note(report.undone.front().sha);
        return report.commit;
    }

  private:
    kube::ResourceKey target() const {
        return {kube::group_of(m_spec.target.api_version), m_spec.target.kind, m_spec.ns, m_spec.target.name};
    }

    /// Whether Git says the image that was tried.
    bool renders(const std::string& sha) {
        const auto rendered = m_branch.rendered(sha);
        const auto* workload = find_rendered(rendered, target());
        const auto* containers = workload == nullptr ? nullptr : workload->path("spec", "template", "spec", "containers");
        return containers != nullptr && std::ranges::any_of(containers->items(), [&](const doc::Value& container) {
            return container.text_at("image") == m_run.to_image;
        });
    }

    void leave_note(const std::string& sha) {
        m_branch.leave_note(sha, decision_note("Canary " + m_spec.ns + "/" + m_spec.name, m_run, m_services.actor, m_services.clock.now()));
    }

    const Services& m_services;
    const CanarySpec& m_spec;
    const RunRecord& m_run;
    std::stop_token m_stop;
    RolloutBranch m_branch;
};

}  // namespace

std::string settle_in_git(const Services& services, const CanarySpec& spec, const CanaryRecord& record, std::stop_token stop) {
    if (record.runs.empty()) return {};
    GitEnd end(services, spec, record, std::move(stop));
    return record.state.phase == Phase::succeeded ? end.promoted() : end.rolled_back();
}

}  // namespace gitops::app
