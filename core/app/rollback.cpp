#include "core/app/rollback.hpp"

#include <algorithm>
#include <set>

#include "core/app/project/project.hpp"
#include "core/app/restore.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/git_write.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

/// How often a branch that somebody else moved is fetched and the commit made anew on top.
constexpr int k_publish_attempts = 5;

std::string short_sha(const std::string& sha) { return short_revision(sha); }

std::optional<std::int64_t> history_id(const std::string& text) {
    if (text.empty() || text.size() > 6 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return std::stoll(text);
}

/// The newest deployment of another revision than the current one.
std::string previous_revision(const std::vector<HistoryRow>& rows, const std::string& app) {
    if (!rows.empty()) {
        for (auto row = rows.rbegin(); row != rows.rend(); ++row)
            if (row->revision != rows.back().revision) return row->revision;
    }
    Error error(Code::not_found, "application " + app + " has no earlier deployment to go back to");
    error.hint("name a revision: `gitopsctl app rollback " + app + " REVISION`; `gitopsctl app history " + app +
               "` lists what was deployed");
    throw error;
}

/// After a sync that failed halfway the newest entry of the history is the last good deployment.
bool failed_after(const AppState& state, const std::vector<HistoryRow>& rows, const std::string& tip) {
    bool failed = state.phase == "Failed" || state.phase == "Error";
    // A revision that could not even be rendered is not recorded: then it is the branch's tip.
    const std::string& tried = state.revision.empty() ? tip : state.revision;
    return failed && !rows.empty() && tried != rows.back().revision;
}

std::string revision_of(const AppState& state, const std::vector<HistoryRow>& rows, const std::string& app,
                        const std::string& target, const std::string& tip) {
    if (target.empty()) return failed_after(state, rows, tip) ? rows.back().revision : previous_revision(rows, app);
    auto id = history_id(target);
    if (!id) return target;
    for (const auto& row : rows)
        if (row.id == *id) return row.revision;
    Error error(Code::not_found, "application " + app + " has no history entry " + target);
    error.hint("`gitopsctl app history " + app + "` lists them");
    throw error;
}

/// The branch a revert is committed to. A tag, a SHA or a range cannot take a commit.
std::string tracked_branch(const Application& application, io::GitRepo& repo) {
    std::string wanted = application.source.target_revision;
    if (wanted.empty() || wanted == "HEAD") {
        if (auto branch = repo.default_branch()) return *branch;
        throw Error(Code::invalid, "the repository has no default branch to commit to");
    }
    auto branches = repo.branches();
    if (std::ranges::find(branches, wanted) != branches.end()) return wanted;
    Error error(Code::invalid, "application " + application.name + " tracks \"" + wanted +
                                   "\", which is no branch: a revert cannot be committed there");
    error.hint("use --strategy pin, or `gitopsctl app set " + application.name + " --revision BRANCH`");
    throw error;
}

std::string default_subject(const Application& application, const RestorePlan& plan) {
    if (plan.undone.size() == 1) return "Revert \"" + plan.undone.front().subject + "\"";
    return "Roll back " + application.name + " to " + short_sha(plan.to_revision);
}

std::string commit_message(const Application& application, const RestorePlan& plan, const std::string& reason) {
    std::string text = default_subject(application, plan) + "\n\n";
    if (!reason.empty()) text += reason + "\n\n";
    for (const auto& commit : plan.undone) text += "This reverts commit " + commit.sha + ".\n";
    if (!plan.undone.empty()) text += "\n";
    text += "Gitops-Application: " + application.name + "\n";
    text += "Gitops-Restores: " + plan.to_revision + "\n";
    return text;
}

void describe(RollbackReport& report, const RestorePlan& plan, const std::string& message) {
    report.from_revision = plan.from_revision;
    report.to_revision = plan.to_revision;
    report.branch = plan.branch;
    report.undone = plan.undone;
    report.files = plan.files;
    report.also_feeds = plan.also_feeds;
    report.commit = plan.commit;
    report.commit_message = message;
    report.nothing_to_do = plan.commit.empty();
}

class Rollback {
  public:
    Rollback(const Services& services, Application application, const RollbackRequest& request, std::stop_token stop)
        : m_services(services), m_application(std::move(application)), m_request(request), m_stop(std::move(stop)) {
        m_report.app = m_application.name;
        m_report.strategy = request.strategy;
        m_report.dry_run = request.dry_run;
    }

    RollbackReport run() {
        pull_record(m_services, m_application);
        switch (m_request.strategy) {
            case RollbackStrategy::revert:
                require_git_source(m_application, "a revert", "--strategy pin deploys the revisions of that time without touching Git");
                open();
                revert();
                break;
            case RollbackStrategy::pin:
                if (m_application.sources.size() == 1 && !m_application.source.is_chart()) open();
                pin();
                break;
        }
        return std::move(m_report);
    }

  private:
    void open() {
        m_repo = m_services.open_repo(m_application.source.repo_url);
        m_repo->fetch();
    }

    /// Of charts and of several sources, what the history says: the revisions are those of the sources then.
    std::string recorded_target() {
        const auto rows = m_services.state.history(m_application.instance);
        const auto state = m_services.state.state(m_application.instance);
        return revision_of(state, rows, m_application.name, m_request.target, state.attempted_revision);
    }

    std::string target() {
        auto rows = m_services.state.history(m_application.instance);
        auto state = m_services.state.state(m_application.instance);
        auto tip = m_repo->resolve(m_application.source.target_revision).sha;
        return m_repo->resolve(revision_of(state, rows, m_application.name, m_request.target, tip)).sha;
    }

    void revert() {
        std::string branch = tracked_branch(m_application, *m_repo);
        if (m_request.push == Push::no && m_repo->remote().kind == io::RemoteKind::network) refuse_no_push();
        for (int attempt = 1;; ++attempt) {
            if (make_commit(branch) == io::Publish::rejected) {
                if (attempt >= k_publish_attempts) give_up(branch);
                m_services.events.emit({base::Level::warning, "push", m_application.name,
                                        "the push was rejected because " + branch + " moved; fetching and trying again",
                                        {}});
                m_repo->fetch();
                continue;
            }
            break;
        }
        if (m_report.nothing_to_do || m_request.dry_run) return;
        leave_note();
        release_pin();
        deploy(m_report.commit, "revert");
    }

    /// Builds the commit and verifies what it renders; moves the branch unless it is a dry run.
    io::Publish make_commit(const std::string& branch) {
        auto now = m_services.clock.now().time_since_epoch().count() / 1000;
        auto author = io::user_signature(*m_repo, m_services.git_environment, now);
        RestoreRequest restore{branch, m_request.commit.empty() ? target() : "", m_request.commit, author};
        auto plan = plan_restore(m_services, m_application, *m_repo, restore, [&](const RestorePlan& so_far) {
            return commit_message(m_application, so_far, m_request.message);
        });
        describe(m_report, plan, plan.message);
        m_report.published.clear();
        if (plan.commit.empty() || m_request.dry_run) {
            if (m_request.dry_run) m_report.commit.clear();
            return io::Publish::moved;
        }
        auto published = io::publish(*m_repo, branch, plan.from_revision, plan.commit);
        if (published == io::Publish::moved) m_report.published = "moved";
        if (published == io::Publish::pushed) m_report.published = "pushed";
        return published;
    }

    [[noreturn]] void refuse_no_push() const {
        Error error(Code::invalid, "--no-push has no place to keep the commit: " + m_repo->remote().url +
                                       " is a remote repository");
        error.hint("use --dry-run to look at the commit, or register a local clone");
        throw error;
    }

    /// Git says again what runs: an earlier pin would hide the revert.
    void release_pin() {
        set_pin("");
    }

    [[noreturn]] void give_up(const std::string& branch) {
        Error error(Code::conflict, "branch " + branch + " keeps moving: the push was rejected " +
                                        std::to_string(k_publish_attempts) + " times");
        error.hint("nothing was changed; try again when nobody else is pushing");
        throw error;
    }

    void leave_note() {
        auto when = m_services.clock.now();
        auto author = io::user_signature(*m_repo, m_services.git_environment, when.time_since_epoch().count() / 1000);
        std::string bad = m_report.undone.empty() ? m_report.from_revision : m_report.undone.front().sha;
        std::string text = "Rolled back by " + m_services.actor + " at " + base::to_rfc3339(when) + "\n";
        text += "Application: " + m_application.name + "\n";
        text += "Restored: " + m_report.to_revision + "\nBy commit: " + m_report.commit + "\n";
        if (!m_request.message.empty()) text += "Reason: " + m_request.message + "\n";
        try {
            io::add_note(*m_repo, bad, text, author);
        } catch (const Error& error) {
            // The rollback itself is done; a remote may refuse notes.
            m_services.events.emit({base::Level::warning, "note", m_application.name,
                                    "the note on " + short_sha(bad) + " could not be written: " + error.message(), {}});
        }
    }

    void pin() {
        m_report.to_revision = m_repo ? target() : recorded_target();
        m_report.from_revision = m_services.state.state(m_application.instance).synced_revision;
        auto former = m_services.state.state(m_application.instance).pinned_revision;
        if (!m_request.dry_run) set_pin(m_report.to_revision);
        deploy(m_report.to_revision, "pin");
        // Nothing was applied: a pin to what never ran would only hide what runs.
        if (!m_request.dry_run && m_report.sync->phase == "Error") set_pin(former);
    }

    void set_pin(const std::string& revision) {
        m_services.state.update_state(m_application.instance,
                                      [&](AppState& state) { state.pinned_revision = revision; });
    }

    void deploy(const std::string& revision, const std::string& strategy) {
        SyncRequest request;
        request.trigger = Trigger::rollback;
        request.compare.revision = revision;
        // The old version is restored whole: what the bad one added goes.
        request.compare.prune = deliver::PrunePolicy::prune;
        request.compare.fetch = m_repo && m_repo->remote().kind == io::RemoteKind::local ? Fetch::cached : Fetch::remote;
        request.hooks = m_request.hooks;
        request.wait_for_health = m_request.wait_for_health;
        request.timeout = m_request.timeout;
        request.dry_run = m_request.dry_run;
        request.strategy = strategy;
        request.revert_of = m_report.undone.empty() ? "" : m_report.undone.front().sha;
        m_report.sync = sync_holding_lock(m_services, m_application, request, m_stop);
    }

    const Services& m_services;
    Application m_application;
    const RollbackRequest& m_request;
    std::stop_token m_stop;
    std::unique_ptr<io::GitRepo> m_repo;
    RollbackReport m_report;
};

std::int64_t open_audit(const Services& services, const Application& application, const RollbackRequest& request) {
    AuditRow row;
    row.at = services.clock.now();
    row.actor = services.actor;
    row.action = "rollback";
    row.subject = application.name;
    row.cluster = cluster_of(services, application.destination.cluster).name;
    row.reason = request.message;
    row.from_revision = services.state.state(application.instance).synced_revision;
    row.process = io::current_process();
    return services.state.begin_audit(row);
}

std::string audit_text(const RollbackReport& report) {
    if (report.nothing_to_do) return "nothing to do: it renders the same already";
    std::string text = report.strategy == RollbackStrategy::pin
                           ? "pinned to " + short_sha(report.to_revision)
                           : "restored " + short_sha(report.to_revision) + " by commit " + short_sha(report.commit);
    if (report.sync) text += "; " + report.sync->message;
    return text;
}

}  // namespace

RollbackReport rollback(const Services& services, const std::string& app, const RollbackRequest& request,
                        std::stop_token stop) {
    if (request.dry_run) return Rollback(services, application_of(services, app), request, stop).run();
    OperationLock lock(services, application_of(services, app).instance, "rollback", Wait::yes, services.clock.now() + request.timeout, stop);
    const auto application = application_of(services, app);
    auto audit = open_audit(services, application, request);
    try {
        if (const auto closed = window_refusal(services, application, sources::Starter::person, services.clock.now()))
            throw Error(*closed);
        auto report = Rollback(services, application, request, stop).run();
        bool good = !report.sync || report.sync->succeeded;
        auto reached = report.sync ? report.sync->revision.sha : report.commit;
        services.state.end_audit(audit, good ? "succeeded" : "failed", reached, audit_text(report));
        return report;
    } catch (const Error& error) {
        services.state.end_audit(audit, error.code() == Code::cancelled ? "interrupted" : "failed", "", error.message());
        throw;
    }
}

}  // namespace gitops::app
