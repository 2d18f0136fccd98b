#include <fmt/format.h>
#include <git2.h>

#include <chrono>
#include <thread>

#include "core/io/git_cache.hpp"
#include "core/io/git_hooks.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_write.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr const char* k_notes = "refs/notes/gitopsctl";
constexpr int k_attempts = 100;
constexpr std::chrono::milliseconds k_pause{10};

std::optional<std::string> note_on(git_repository* repo, const git_oid& id) {
    git_note* raw = nullptr;
    int result = git_note_read(&raw, repo, k_notes, &id);
    if (result == GIT_ENOTFOUND) return std::nullopt;
    check_git(result, "cannot read the note");
    Handle<git_note> note(raw);
    return std::string(git_note_message(raw));
}

/// Appends as `git notes append` does: a blank line between old and new.
int write_note(git_repository* repo, const git_oid& id, std::string_view text, const Signature& author) {
    git_signature* made = nullptr;
    check_git(git_signature_new(&made, author.name.c_str(), author.mail.c_str(), author.when, author.offset_minutes),
              "cannot sign the note");
    Handle<git_signature> who(made);
    std::string whole = note_on(repo, id).value_or("");
    if (!whole.empty()) whole += whole.ends_with('\n') ? "\n" : "\n\n";
    whole += text;
    if (!whole.ends_with('\n')) whole += '\n';
    git_oid written;
    return git_note_create(&written, repo, k_notes, made, made, &id, whole.c_str(), 1);
}

void write_here(git_repository* repo, const git_oid& id, std::string_view text, const Signature& author) {
    for (int attempt = 1;; ++attempt) {
        int result = write_note(repo, id, text, author);
        if ((result == GIT_EMODIFIED || result == GIT_ELOCKED) && attempt < k_attempts) {
            std::this_thread::sleep_for(k_pause);
            continue;
        }
        check_git(result, "cannot write the note");
        return;
    }
}

/// True when the remote has the cache's notes now.
bool push_notes(GitRepo& repo) {
    Connection connection(repo.handle(), repo.options(), repo.remote(), Direction::push);
    return connection.push(fmt::format("{0}:{0}", k_notes)).accepted;
}

}  // namespace

void add_note(GitRepo& repo, const std::string& sha, std::string_view text, const Signature& author) {
    git_repository* handle = repo.handle();
    git_oid id = *git_commit_id(commit_of(handle, sha).get());
    if (repo.remote().kind == RemoteKind::local) return write_here(handle, id, text, author);
    if (repo.remote().scheme == "file") require_no_deciding_hook(open_handle(repo.remote().path).get(), repo.remote());
    // The remote's notes first: ours go on top of them.
    FileLock lock = lock_cache(repo.path());
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (attempt > 0) update_cache(handle, repo.options(), repo.remote());
        write_here(handle, id, text, author);
        if (push_notes(repo)) return;
    }
    update_cache(handle, repo.options(), repo.remote());
    throw Error(Code::conflict, fmt::format("the note on commit {} was not accepted by {}", sha.substr(0, 10), repo.remote().url))
        .hint("the credentials may not write refs/notes/gitopsctl; the commit itself is not affected");
}

std::optional<std::string> read_note(const GitRepo& repo, const std::string& sha) {
    return note_on(repo.handle(), oid_of(sha));
}

}  // namespace gitops::io
