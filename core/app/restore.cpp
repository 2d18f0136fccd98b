#include "core/app/restore.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

/// History is searched this far back for the commits a rollback undoes.
constexpr std::size_t k_log_limit = 5000;

bool same_manifests(const std::vector<kube::Manifest>& a, const std::vector<kube::Manifest>& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.object == y.object; });
}

std::vector<std::string> both(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::set<std::string> all(a.begin(), a.end());
    all.insert(b.begin(), b.end());
    return {all.begin(), all.end()};
}

bool touches(const std::vector<std::string>& changed, const std::set<std::string>& files) {
    return std::ranges::any_of(changed, [&](const std::string& path) { return files.contains(path); });
}

UndoneCommit describe(const io::Commit& commit) {
    return {commit.sha, commit.message.substr(0, commit.message.find('\n')),
            commit.author_name + " <" + commit.author_mail + ">"};
}

/// The commits between target and tip that changed one of `files`, newest first. A merge counts through its parents.
std::vector<UndoneCommit> commits_undone(io::GitRepo& repo, const std::string& tip, const std::string& target,
                                         const std::vector<std::string>& files) {
    std::set<std::string> wanted(files.begin(), files.end());
    std::vector<UndoneCommit> undone;
    for (const auto& commit : repo.log(tip, k_log_limit, target)) {
        if (commit.parents.size() != 1) continue;
        if (touches(repo.changed_paths(commit.parents.front(), commit.sha), wanted)) undone.push_back(describe(commit));
    }
    return undone;
}

/// Other registered applications of this repository and branch that read one of `files`.
std::vector<std::string> applications_fed(const Services& services, const Application& application, io::GitRepo& repo,
                                          const std::string& branch, const std::string& tip,
                                          const std::vector<std::string>& files) {
    std::vector<std::string> names;
    auto tree = repo.tree(tip);
    auto url = io::canonical_url(application.source.repo_url);
    std::set<std::string> changed(files.begin(), files.end());
    for (const auto& other : services.state.applications()) {
        if (other.name == application.name) continue;
        const auto follows = [&](const Source& source) {
            const auto& revision = source.target_revision;
            return !source.is_chart() && io::canonical_url(source.repo_url) == url &&
                   (revision == application.source.target_revision || revision == branch);
        };
        if (std::ranges::none_of(other.sources, follows)) continue;
        try {
            if (touches(render_application(services, other, *tree).files_read, changed)) names.push_back(other.name);
        } catch (const Error&) {
            names.push_back(other.name);  // several sources, or broken at the tip: what it reads is not known, so it may be fed
        }
    }
    return names;
}

/// A symbolic link in between changed, for example: the files alone do not make the difference.
[[noreturn]] void cannot_restore(const std::string& target) {
    Error error(Code::conflict, "restoring the files of " + target.substr(0, 7) +
                                    " does not give what it rendered then; nothing was changed");
    error.hint("use --strategy pin to deploy that revision without touching Git, or --commit SHA to revert one commit");
    throw error;
}

void require_same_rendering(const Services& services, const Application& application, io::GitRepo& repo, const render::Rendered& wanted,
                            const std::string& commit, const std::string& target) {
    auto restored = render_application(services, application, *repo.tree(commit));
    if (!same_manifests(restored.manifests, wanted.manifests)) cannot_restore(target);
}

RestorePlan revert_single(const Services& services, const Application& application, io::GitRepo& repo,
                          const RestoreRequest& request, RestorePlan plan,
                          const std::function<std::string(const RestorePlan&)>& message) {
    auto sha = repo.resolve(request.single_commit).sha;
    if (!repo.is_ancestor(sha, plan.from_revision)) {
        Error error(Code::invalid, "commit " + sha.substr(0, 7) + " is not on branch " + request.branch);
        error.hint("`git log " + request.branch + "` lists the commits that can be reverted");
        throw error;
    }
    auto commit = repo.commit(sha);
    plan.undone.push_back(describe(commit));
    plan.to_revision = commit.parents.empty() ? "" : commit.parents.front();
    plan.message = message(plan);
    plan.commit = io::commit_reverting(repo, plan.from_revision, sha, request.author, plan.message);
    plan.files = repo.changed_paths(plan.from_revision, plan.commit);
    plan.also_feeds =
        applications_fed(services, application, repo, request.branch, plan.from_revision, plan.files);
    render_application(services, application, *repo.tree(plan.commit));  // what would not render is not published
    return plan;
}

render::Rendered render_tip(const Services& services, const Application& application, io::GitRepo& repo, const std::string& sha) {
    try {
        return render_application(services, application, *repo.tree(sha));
    } catch (const Error&) {
        return {};  // the tip is broken, which is a reason to roll back
    }
}

}  // namespace

RestorePlan plan_restore(const Services& services, const Application& application, io::GitRepo& repo,
                         const RestoreRequest& request,
                         const std::function<std::string(const RestorePlan&)>& message) {
    RestorePlan plan;
    plan.branch = request.branch;
    plan.from_revision = repo.resolve(request.branch).sha;
    if (!request.single_commit.empty())
        return revert_single(services, application, repo, request, std::move(plan), message);

    plan.to_revision = request.target;
    if (!repo.is_ancestor(request.target, plan.from_revision)) {
        Error error(Code::invalid, "revision " + request.target.substr(0, 7) + " is not part of branch " +
                                       request.branch);
        error.hint("choose a revision of that branch, or use --strategy pin");
        throw error;
    }
    auto wanted = render_application(services, application, *repo.tree(request.target));
    auto current = render_tip(services, application, repo, plan.from_revision);
    auto read = both(wanted.files_read, current.files_read);
    // A broken tip does not tell what it reads: everything below the application's path is taken back then.
    if (current.files_read.empty()) {
        auto path = base::normalise_path(application.source.path).value_or("");
        for (const auto& changed : repo.changed_paths(request.target, plan.from_revision))
            if (path.empty() || changed.starts_with(path + "/")) read = both(read, {changed});
    }
    auto changed = repo.changed_paths(request.target, plan.from_revision);
    std::ranges::set_intersection(changed, read, std::back_inserter(plan.files));
    if (plan.files.empty()) {
        if (same_manifests(current.manifests, wanted.manifests)) return plan;
        cannot_restore(request.target);
    }
    plan.undone = commits_undone(repo, plan.from_revision, request.target, plan.files);
    plan.also_feeds =
        applications_fed(services, application, repo, request.branch, plan.from_revision, plan.files);
    plan.message = message(plan);
    plan.commit =
        io::commit_restoring(repo, plan.from_revision, request.target, plan.files, request.author, plan.message);
    if (!plan.commit.empty()) require_same_rendering(services, application, repo, wanted, plan.commit, request.target);
    return plan;
}

}  // namespace gitops::app
