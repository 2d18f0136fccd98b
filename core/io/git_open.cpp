#include <fmt/format.h>
#include <git2.h>

#include <filesystem>
#include <utility>

#include "core/io/git_cache.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"
#include "core/io/git_url.hpp"

namespace gitops::io {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

namespace {

/// `options` with the user info that a URL may carry moved to where secrets belong.
GitOptions with_url_credentials(const GitOptions& options) {
    GitOptions found = options;
    auto parts = split_url(options.url);
    if (!parts || parts->scheme == "ssh" || !found.credentials.token.empty()) return found;
    if (!parts->password.empty()) {
        found.credentials.username = parts->user;
        found.credentials.token = parts->password;
    } else if (!parts->user.empty() && found.credentials.username.empty()) {
        found.credentials.username = parts->user;
    }
    return found;
}

void make_root(const std::string& root) {
    std::error_code failed;
    fs::create_directories(root, failed);
    if (failed)
        throw Error(Code::unavailable, fmt::format("cannot make the folder {}: {}", root, failed.message()))
            .hint("choose a home you may write to");
    fs::permissions(root, fs::perms::owner_all, failed);
}

}  // namespace

GitRepo::GitRepo(std::unique_ptr<State> state) : m_state(std::move(state)) {}
GitRepo::~GitRepo() = default;

bool GitRepo::has_work_tree() const {
    return m_state->remote.kind == RemoteKind::local && !git_repository_is_bare(m_state->repo.get());
}
const std::string& GitRepo::path() const { return m_state->path; }
const RemoteUrl& GitRepo::remote() const { return m_state->remote; }
const GitOptions& GitRepo::options() const { return m_state->options; }
git_repository* GitRepo::handle() const { return m_state->repo.get(); }

void GitRepo::fetch() {
    if (m_state->remote.kind == RemoteKind::local) return;
    if (std::exchange(m_state->fresh, false)) return;
    FileLock lock = lock_cache(m_state->path);
    update_cache(m_state->repo.get(), m_state->options, m_state->remote);
}

std::unique_ptr<GitRepo> open_repo(const GitOptions& options) {
    start_libgit2();
    auto state = std::make_unique<GitRepo::State>();
    state->options = with_url_credentials(options);
    state->remote = parse_remote_url(options.url, "");
    if (state->remote.kind == RemoteKind::local) {
        state->repo = open_handle(state->remote.path);
    } else {
        std::string path = cache_path(options.cache_root, state->remote);
        state->repo = open_cache(path);
        if (!state->repo) {
            make_root(options.cache_root);
            FileLock lock = lock_cache(path);
            state->repo = open_cache(path);  // another process may have made it meanwhile
            if (!state->repo) {
                state->repo = create_cache(path, state->options, state->remote);
                state->fresh = true;
            }
        }
    }
    state->path = git_repository_path(state->repo.get());
    return std::unique_ptr<GitRepo>(new GitRepo(std::move(state)));
}

std::size_t check_remote(const GitOptions& options) {
    RemoteUrl remote = parse_remote_url(options.url, "");
    if (remote.kind == RemoteKind::network)
        return Connection(nullptr, with_url_credentials(options), remote, Direction::fetch).list().refs.size();
    auto repo = open_repo(options);
    return repo->branches().size() + repo->tags().size();
}

}  // namespace gitops::io
