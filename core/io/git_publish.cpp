#include <fmt/format.h>
#include <git2.h>

#include <chrono>
#include <thread>

#include "core/base/text.hpp"
#include "core/io/git_cache.hpp"
#include "core/io/git_hooks.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_work_tree.hpp"
#include "core/io/git_write.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr const char* k_log_line = "gitopsctl: publish";
constexpr int k_lock_attempts = 100;
constexpr std::chrono::milliseconds k_lock_pause{10};

std::string full_name(const std::string& branch) {
    require_safe_ref(branch);
    return "refs/heads/" + branch;
}

std::optional<std::string> tip_of(git_repository* repo, const std::string& name) {
    git_oid id;
    int result = git_reference_name_to_id(&id, repo, name.c_str());
    if (result == GIT_ENOTFOUND) return std::nullopt;
    check_git(result, fmt::format("cannot read {}", name));
    return sha_of(id);
}

/// Repeats `change` while another program holds the ref's lock file, for at most a second.
template <class Change>
int while_locked(const Change& change) {
    int result = change();
    for (int attempt = 0; result == GIT_ELOCKED && attempt < k_lock_attempts; ++attempt) {
        std::this_thread::sleep_for(k_lock_pause);
        result = change();
    }
    return result;
}

/// Compare and swap: the branch moves only while it still is at `expected`.
Publish swap(git_repository* repo, const std::string& name, const std::string& expected, const std::string& commit) {
    git_oid from = oid_of(expected), to = oid_of(commit);
    git_reference* made = nullptr;
    int result = while_locked(
        [&] { return git_reference_create_matching(&made, repo, name.c_str(), &to, 1, &from, k_log_line); });
    Handle<git_reference> owned(made);
    if (result == GIT_EMODIFIED || result == GIT_ENOTFOUND) return Publish::rejected;
    check_git(result, fmt::format("cannot move {}", name));
    return Publish::moved;
}

/// Moves a branch in a repository on this machine, whose work tree follows when it has the branch checked out.
Publish move_here(git_repository* repo, const std::string& name, const std::string& expected, const std::string& commit) {
    if (tip_of(repo, name) != expected) return Publish::rejected;
    if (!is_checked_out_here(repo, name)) {
        require_not_checked_out_elsewhere(repo, name);
        return swap(repo, name, expected, commit);
    }
    require_index_unlocked(repo);
    require_clean(repo, expected, commit);
    // The ref is locked for the swap alone: the lock file of a process that was killed would stop every later commit.
    switch_files(repo, expected, commit);
    auto undo = [&] { return switch_back(repo, expected, commit, tip_of(repo, name).value_or(expected)); };
    try {
        Publish result = swap(repo, name, expected, commit);
        if (result == Publish::rejected && undo() == Undo::incomplete)
            throw Error(Code::conflict, fmt::format("{} moved meanwhile", name));
        return result;
    } catch (Error& error) {
        if (undo() == Undo::incomplete) note_incomplete(error, repo);
        throw;
    }
}

/// Copies what `commit` has and `expected` has not into another repository on this machine.
void copy_objects(GitRepo& repo, git_repository* target, const std::string& expected, const std::string& commit) {
    git_revwalk* walk_made = nullptr;
    check_git(git_revwalk_new(&walk_made, repo.handle()), "cannot walk the history");
    Handle<git_revwalk> walk(walk_made);
    git_oid to = oid_of(commit), from = oid_of(expected);
    check_git(git_revwalk_push(walk_made, &to), "cannot walk the history");
    check_git(git_revwalk_hide(walk_made, &from), "cannot walk the history");
    git_packbuilder* pack_made = nullptr;
    check_git(git_packbuilder_new(&pack_made, repo.handle()), "cannot pack the commit");
    Handle<git_packbuilder> pack(pack_made);
    check_git(git_packbuilder_insert_walk(pack_made, walk_made), "cannot pack the commit");
    std::string folder = std::string(git_repository_commondir(target)) + "objects/pack";
    check_git(git_packbuilder_write(pack_made, folder.c_str(), 0, nullptr, nullptr),
              fmt::format("cannot write into {}", git_repository_path(target)));
}

/// file://: libgit2's own push would overwrite a branch that moved meanwhile, so the swap is made here.
Publish push_to_file(GitRepo& repo, const std::string& name, const std::string& expected, const std::string& commit) {
    Handle<git_repository> target = open_handle(repo.remote().path);
    if (tip_of(target.get(), name) != expected) return Publish::rejected;
    if (is_checked_out_here(target.get(), name))
        throw Error(Code::denied, fmt::format("{} has the branch checked out in its work tree", repo.remote().url))
            .hint("register the repository by its path instead of file://, or push to a bare one");
    require_no_deciding_hook(target.get(), repo.remote());
    copy_objects(repo, target.get(), expected, commit);
    return swap(target.get(), name, expected, commit) == Publish::moved ? Publish::pushed : Publish::rejected;
}

/// Somebody else was quicker; every other reason is a rule of the server.
constexpr std::string_view k_moved_meanwhile[] = {"non-fast-forward", "fetch first", "stale info", "cannot lock ref",
                                                  "failed to lock", "failed to update ref", "already exists",
                                                  "incorrect old value"};

bool moved_meanwhile(std::string_view reason) {
    std::string low = base::lower(reason);
    for (std::string_view words : k_moved_meanwhile)
        if (low.find(words) != low.npos) return true;
    return false;
}

/// A ref of the cache's own, because a push names what it sends by a ref.
class PendingRef {
  public:
    PendingRef(git_repository* repo, const std::string& commit) : m_repo(repo), m_name("refs/gitopsctl/pending/" + commit) {
        git_oid id = oid_of(commit);
        git_reference* made = nullptr;
        check_git(git_reference_create(&made, repo, m_name.c_str(), &id, 1, nullptr), "cannot prepare the push");
        git_reference_free(made);
    }
    ~PendingRef() { git_reference_remove(m_repo, m_name.c_str()); }
    PendingRef(const PendingRef&) = delete;
    PendingRef& operator=(const PendingRef&) = delete;
    const std::string& name() const { return m_name; }

  private:
    git_repository* m_repo;
    std::string m_name;
};

Publish push_to_network(GitRepo& repo, const std::string& name, const std::string& expected, const std::string& commit) {
    Connection connection(repo.handle(), repo.options(), repo.remote(), Direction::push);
    RefList offered = connection.list();
    auto found = offered.refs.find(name);
    if (found == offered.refs.end() || found->second != expected) return Publish::rejected;
    PendingRef pending(repo.handle(), commit);
    PushReply reply = connection.push(pending.name() + ":" + name);
    if (reply.accepted) return Publish::pushed;
    if (moved_meanwhile(reply.reason)) return Publish::rejected;
    throw Error(Code::denied, fmt::format("{} refused the push to {}: {}", repo.remote().url, name.substr(11), reply.reason))
        .hint("the branch may be protected, or the credentials may not write to it; nothing was changed");
}

}  // namespace

Publish publish(GitRepo& repo, const std::string& branch, const std::string& expected, const std::string& commit) {
    const std::string name = full_name(branch);
    if (!repo.is_ancestor(expected, commit))
        throw Error(Code::invalid, fmt::format("commit {} is not a successor of {}", commit.substr(0, 10), expected.substr(0, 10)));
    if (repo.remote().kind == RemoteKind::local) return move_here(repo.handle(), name, expected, commit);
    FileLock lock = lock_cache(repo.path());
    Publish result = repo.remote().scheme == "file" ? push_to_file(repo, name, expected, commit)
                                                    : push_to_network(repo, name, expected, commit);
    // The cache knows what the remote has just accepted, without asking.
    if (result == Publish::pushed && tip_of(repo.handle(), name)) {
        git_oid to = oid_of(commit);
        git_reference* made = nullptr;
        if (git_reference_create(&made, repo.handle(), name.c_str(), &to, 1, k_log_line) == 0) git_reference_free(made);
    }
    return result;
}

}  // namespace gitops::io
