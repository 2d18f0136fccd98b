// The end of a canary whose target comes from Git: its decision becomes a commit, and a note with the numbers.
#include "core/app/canary.hpp"
#include "core/app/compare.hpp"
#include "core/app/image_bump.hpp"
#include "core/app/rollback.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "core/io/git_write.hpp"
#include "core/rollout/check_text.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using rollout::CanaryRecord;
using rollout::CanarySpec;
using rollout::Phase;
using rollout::RunRecord;

constexpr int k_publish_attempts = 5;

/// What was decided, and the last numbers it was decided on.
std::string note_text(const CanarySpec& spec, const RunRecord& run, const std::string& actor, base::Time at) {
    std::string text = "Canary " + spec.ns + "/" + spec.name + ": " + run.outcome + " at " + base::to_rfc3339(at) + " by " + actor + "\n";
    text += "Image: " + run.from_image + " -> " + run.to_image + "\nReason: " + run.reason + "\n";
    for (auto entry = run.entries.rbegin(); entry != run.entries.rend(); ++entry) {
        if (entry->checks.empty()) continue;
        text += "Checks at " + std::to_string(entry->weight) + " %:\n";
        for (const auto& check : entry->checks) text += "  " + rollout::check_text(check, rollout::Glyphs::ascii) + "\n";
        break;
    }
    return text;
}

class GitEnd {
  public:
    GitEnd(const Services& services, const CanarySpec& spec, const CanaryRecord& record, std::stop_token stop)
        : m_services(services), m_spec(spec), m_run(record.runs.back()), m_stop(std::move(stop)),
          m_application(application_of(services, record.settings.app)),
          m_repo(services.open_repo(m_application.source.repo_url)) {
        m_repo->fetch();
    }

    std::string promoted() {
        const auto tip = branch_tip();
        if (renders(tip)) {
            leave_note(tip);  // the new version came from Git: it stays, with the reason
            return {};
        }
        const auto commit = publish_bump();
        leave_note(commit);
        deploy(commit);
        return commit;
    }

    std::string rolled_back() {
        if (!renders(branch_tip())) return {};  // Git never asked for what was tried
        RollbackRequest request;
        request.message = "canary " + m_spec.name + ": " + m_run.reason;
        const auto report = rollback(m_services, m_application.name, request, m_stop);
        if (!report.commit.empty() && !report.undone.empty()) leave_note(report.undone.front().sha);
        return report.commit;
    }

  private:
    std::string branch() const {
        const auto& wanted = m_application.source.target_revision;
        if (!wanted.empty() && wanted != "HEAD") return wanted;
        const auto usual = m_repo->default_branch();
        if (!usual) throw Error(Code::invalid, "the repository of " + m_application.name + " has no branch to commit to");
        return *usual;
    }

    std::string branch_tip() const { return m_repo->resolve(branch()).sha; }

    kube::ResourceKey target() const {
        return {kube::group_of(m_spec.target.api_version), m_spec.target.kind, m_spec.ns, m_spec.target.name};
    }

    /// Whether Git says the image that was tried.
    bool renders(const std::string& sha) const {
        for (const auto& manifest : render_application(m_application, *m_repo->tree(sha)).manifests) {
            if (!(kube::key_of(manifest.object) == target())) continue;
            const auto* containers = manifest.object.path("spec", "template", "spec", "containers");
            if (containers == nullptr) continue;
            for (const auto& container : containers->items())
                if (container.text_at("image") == m_run.to_image) return true;
        }
        return false;
    }

    io::Signature signature() const {
        return io::user_signature(*m_repo, m_services.git_environment, m_services.clock.now().time_since_epoch().count() / 1000);
    }

    std::string publish_bump() {
        for (int attempt = 1; attempt <= k_publish_attempts; ++attempt) {
            const auto tip = branch_tip();
            const auto files = bump_image(m_application, *m_repo->tree(tip), target(), m_run.from_image, m_run.to_image);
            const auto commit = io::commit_replacing(*m_repo, tip, files, signature(),
                                                     "Promote " + m_run.to_image + "\n\nCanary " + m_spec.name + ": " + m_run.reason);
            if (commit.empty()) return tip;
            if (io::publish(*m_repo, branch(), tip, commit) != io::Publish::rejected) return commit;
            m_repo->fetch();
        }
        throw Error(Code::conflict, "branch " + branch() + " keeps moving: the promotion could not be pushed")
            .hint("the new version runs; commit its image yourself, or run the canary again with --git");
    }

    void leave_note(const std::string& sha) {
        try {
            io::add_note(*m_repo, sha, note_text(m_spec, m_run, m_services.actor, m_services.clock.now()), signature());
        } catch (const Error& error) {
            m_services.events.emit({base::Level::warning, "note", m_application.name,
                                    "the note on " + sha.substr(0, 7) + " could not be written: " + error.message(), {}});
        }
    }

    /// The application follows at once, so that nobody finds it out of sync.
    void deploy(const std::string& commit) {
        SyncRequest request;
        request.compare.revision = commit;
        request.wait_for_health = Wait::no;
        const auto report = sync(m_services, m_application.name, request, m_stop);
        if (!report.succeeded)
            m_services.events.emit({base::Level::warning, "sync", m_application.name, "committed, but not synced: " + report.message, {}});
    }

    const Services& m_services;
    const CanarySpec& m_spec;
    const RunRecord& m_run;
    std::stop_token m_stop;
    Application m_application;
    std::unique_ptr<io::GitRepo> m_repo;
};

}  // namespace

std::string settle_in_git(const Services& services, const CanarySpec& spec, const CanaryRecord& record, std::stop_token stop) {
    if (record.runs.empty()) return {};
    GitEnd end(services, spec, record, std::move(stop));
    return record.state.phase == Phase::succeeded ? end.promoted() : end.rolled_back();
}

}  // namespace gitops::app
