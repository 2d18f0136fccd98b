#include "core/app/progressive/rollout_branch.hpp"

#include "core/app/compare.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "core/rollout/check_text.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

constexpr int k_publish_attempts = 5;

std::unique_ptr<io::GitRepo> open_source(const Services& services, const Application& application) {
    require_git_source(application, "what a rollout decides", "run the rollout without Git, or describe that source as an application of its own");
    return services.open_repo(application.source.repo_url);
}

}  // namespace

RolloutBranch::RolloutBranch(const Services& services, const std::string& application, std::stop_token stop)
    : m_services(services), m_stop(std::move(stop)), m_application(application_of(services, application)),
      m_repo(open_source(services, m_application)) {
    m_repo->fetch();
}

std::string RolloutBranch::branch() const {
    const auto& wanted = m_application.source.target_revision;
    if (!wanted.empty() && wanted != "HEAD") return wanted;
    const auto usual = m_repo->default_branch();
    if (!usual) throw Error(Code::invalid, "the repository of " + m_application.name + " has no branch to commit to");
    return *usual;
}

std::string RolloutBranch::tip() const { return m_repo->resolve(branch()).sha; }

render::Rendered RolloutBranch::rendered(const std::string& sha) { return render_application(m_services, m_application, *m_repo->tree(sha)); }

io::Signature RolloutBranch::signature() const {
    return io::user_signature(*m_repo, m_services.git_environment, m_services.clock.now().time_since_epoch().count() / 1000);
}

std::string RolloutBranch::publish(const std::function<Files(const base::FileTree&)>& edit, const std::string& message, const std::string& hint) {
    for (int attempt = 1; attempt <= k_publish_attempts; ++attempt) {
        const auto parent = tip();
        const auto files = edit(*m_repo->tree(parent));
        const auto commit = files.empty() ? std::string() : io::commit_replacing(*m_repo, parent, files, signature(), message);
        if (commit.empty()) return {};
        if (io::publish(*m_repo, branch(), parent, commit) != io::Publish::rejected) return commit;
        m_repo->fetch();
    }
    throw Error(Code::conflict, "branch " + branch() + " keeps moving: the commit could not be pushed").hint(hint);
}

void RolloutBranch::leave_note(const std::string& sha, const std::string& text) {
    try {
        io::add_note(*m_repo, sha, text, signature());
    } catch (const Error& error) {
        m_services.events.emit({base::Level::warning, "note", m_application.name,
                                "the note on " + sha.substr(0, 7) + " could not be written: " + error.message(), {}});
    }
}

void RolloutBranch::deploy(const std::string& commit) {
    SyncRequest request;
    request.compare.revision = commit;
    request.wait_for_health = Wait::no;
    const auto report = sync(m_services, m_application.name, request, m_stop);
    if (!report.succeeded)
        m_services.events.emit({base::Level::warning, "sync", m_application.name, "committed, but not synced: " + report.message, {}});
}

std::string decision_note(const std::string& subject, const rollout::RunRecord& run, const std::string& actor, base::Time at) {
    std::string text = subject + ": " + run.outcome + " at " + base::to_rfc3339(at) + " by " + actor + "\n";
    text += "Image: " + run.from_image + " -> " + run.to_image + "\nReason: " + run.reason + "\n";
    for (auto entry = run.entries.rbegin(); entry != run.entries.rend(); ++entry) {
        if (entry->checks.empty()) continue;
        text += "Checks at " + std::to_string(entry->weight) + " %:\n";
        for (const auto& check : entry->checks) text += "  " + rollout::check_text(check, rollout::Glyphs::ascii) + "\n";
        break;
    }
    return text;
}

}  // namespace gitops::app
