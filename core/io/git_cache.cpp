#include "core/io/git_cache.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <cctype>
#include <filesystem>

#include "core/base/digest.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"

namespace gitops::io {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

namespace {

constexpr std::string_view k_unfinished = ".unfinished";
constexpr std::size_t k_longest_name = 40;

std::string readable_name(const RemoteUrl& remote) {
    std::string_view url = remote.url;
    while (url.ends_with('/')) url.remove_suffix(1);
    if (url.ends_with(".git")) url.remove_suffix(4);
    std::string name(url.substr(url.find_last_of("/:") + 1).substr(0, k_longest_name));
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '-';
    return name;
}

RefList cached_refs(git_repository* repo) {
    RefList found;
    git_reference_iterator* made = nullptr;
    check_git(git_reference_iterator_new(&made, repo), "cannot list the refs of the cache");
    Handle<git_reference_iterator> iterator(made);
    git_reference* raw = nullptr;
    while (git_reference_next(&raw, iterator.get()) == 0) {
        Handle<git_reference> ref(raw);
        std::string_view name = git_reference_name(raw);
        bool kept = name.starts_with("refs/heads/") || name.starts_with("refs/tags/") || name.starts_with("refs/notes/");
        if (const git_oid* id = git_reference_target(raw); id && kept) found.refs.emplace(name, sha_of(*id));
    }
    if (git_reference_lookup(&raw, repo, "HEAD") == 0) {
        Handle<git_reference> head(raw);
        if (const char* target = git_reference_symbolic_target(raw)) found.head_target = target;
    }
    git_oid id;
    if (git_reference_name_to_id(&id, repo, "HEAD") == 0) found.head_sha = sha_of(id);
    return found;
}

/// Servers that do not say which branch HEAD means: the one at the same commit, main before master before others.
std::string guess_head(const RefList& offered) {
    for (std::string_view usual : {"refs/heads/main", "refs/heads/master"})
        if (auto found = offered.refs.find(std::string(usual));
            found != offered.refs.end() && found->second == offered.head_sha)
            return found->first;
    for (const auto& [name, sha] : offered.refs)
        if (sha == offered.head_sha && name.starts_with("refs/heads/")) return name;
    return {};
}

void set_head(git_repository* repo, const RefList& offered) {
    if (offered.head_sha.empty()) return;
    git_reference* made = nullptr;
    int result = 0;
    if (!offered.head_target.empty()) {
        result = git_reference_symbolic_create(&made, repo, "HEAD", offered.head_target.c_str(), 1, nullptr);
    } else {
        git_oid id = oid_of(offered.head_sha);
        result = git_repository_set_head_detached(repo, &id);
    }
    Handle<git_reference> owned(made);
    check_git(result, "cannot set the cache's HEAD");
}

/// What a process that was killed while it fetched leaves behind. Nobody else writes: the lock is held.
void remove_leftovers(git_repository* repo) {
    fs::path root = git_repository_path(repo);
    std::error_code ignored;
    for (std::string_view name : {"HEAD.lock", "packed-refs.lock", "config.lock"}) fs::remove(root / name, ignored);
    for (const auto& entry : fs::recursive_directory_iterator(root / "refs", ignored))
        if (entry.path().extension() == ".lock") fs::remove(entry.path(), ignored);
    for (const auto& entry : fs::directory_iterator(root / "objects" / "pack", ignored))
        if (entry.path().filename().string().starts_with("pack_git2_")) fs::remove(entry.path(), ignored);
}

}  // namespace

const std::vector<std::string>& cache_refspecs() {
    static const std::vector<std::string> specs = {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
                                                   "+refs/notes/*:refs/notes/*"};
    return specs;
}

std::string cache_path(const std::string& root, const RemoteUrl& remote) {
    return fmt::format("{}/{}-{}.git", root, base::sha256_hex(remote.url).substr(0, 16), readable_name(remote));
}

FileLock lock_cache(const std::string& path) { return FileLock(path.substr(0, path.find_last_not_of('/') + 1) + ".lock"); }

Handle<git_repository> open_cache(const std::string& path) {
    start_libgit2();
    git_repository* opened = nullptr;
    int result = git_repository_open_ext(&opened, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, nullptr);
    if (is_foreign(result))
        throw Error(Code::denied, fmt::format("the cache {} belongs to another user", path)).hint("use a home of your own");
    return Handle<git_repository>(result < 0 ? nullptr : opened);
}

Handle<git_repository> create_cache(const std::string& path, const GitOptions& options, const RemoteUrl& remote) {
    std::string unfinished = path + std::string(k_unfinished);
    std::error_code failed;
    fs::remove_all(unfinished, failed);
    fs::remove_all(path, failed);
    git_repository* made = nullptr;
    check_git(git_repository_init(&made, unfinished.c_str(), 1), "cannot make the cache " + path);
    Handle<git_repository> repo(made);
    try {
        update_cache(repo.get(), options, remote);
    } catch (...) {
        repo.reset();
        fs::remove_all(unfinished, failed);
        throw;
    }
    repo.reset();
    fs::rename(unfinished, path, failed);
    if (failed) throw Error(Code::unavailable, fmt::format("cannot make the cache {}: {}", path, failed.message()));
    return open_handle(path);
}

void update_cache(git_repository* repo, const GitOptions& options, const RemoteUrl& remote) {
    Connection connection(repo, options, remote, Direction::fetch);
    RefList offered = connection.list();
    if (offered.head_target.empty()) offered.head_target = guess_head(offered);
    RefList cached = cached_refs(repo);
    if (offered.head_sha.empty()) cached.head_target = offered.head_target;  // an empty remote has no HEAD to compare
    if (offered == cached) return;
    remove_leftovers(repo);
    // Before the fetch, because a branch "a" that is gone stands in the way of a new branch "a/b".
    for (const auto& [name, sha] : cached.refs)
        if (!offered.refs.contains(name)) check_git(git_reference_remove(repo, name.c_str()), "cannot remove " + name);
    connection.fetch(cache_refspecs());
    set_head(repo, offered);
}

}  // namespace gitops::io
