// Git through libgit2: bare caches of remotes, local repositories, trees read from blobs, commits made without a
// checkout.
//
// Overview: GitRepo is one repository opened for one thread. open_repo() turns a URL into one: a remote URL gets a
// bare cache below the home, a local path is opened where it is. git_write.hpp holds what changes history: commits,
// reverts, notes, pushes. Nothing here runs a hook, or any process but `git credential fill` for https, and no transport
// but local, file://, https://, http:// to loopback, ssh:// and user@host:path is accepted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/source.hpp"

struct git_repository;

namespace gitops::io {

/// Credentials for one remote. Secrets stay in memory and never enter a message.
struct GitCredentials {
    std::string username;        ///< "" means "git" for ssh and "x-access-token" for tokens
    std::string token;           ///< https password or token
    std::string ssh_key_file;    ///< private key; "" tries the agent, then ~/.ssh/id_*
    std::string ssh_key_passphrase;
    std::string known_hosts_file;  ///< "" means ~/.ssh/known_hosts; a host that is not in it is refused
    bool use_credential_helper = true;  ///< `git credential fill` as configured by the user, for https
};

struct GitOptions {
    std::string url;
    std::string cache_root;   ///< folder of the bare caches
    std::string home;         ///< the user's home folder, for keys and known_hosts
    GitCredentials credentials;
};

enum class RemoteKind { local, network };

/// What a repository URL is, normalised. A path is a local repository, used where it is: commits appear in it and its
/// work tree follows. file:// is a remote like any other, with a cache and pushes, that happens to be on this machine.
/// Error(invalid) for "ext::", other transports, names that begin with '-' and
/// control characters. "./x" and relative paths are made absolute against `cwd`.
struct RemoteUrl {
    RemoteKind kind = RemoteKind::local;
    std::string url;  ///< as given to libgit2, without credentials
    std::string path; ///< of a local repository and of file://
    std::string host; ///< of a network one, in lower case
    std::string scheme;  ///< "file", "https", "http" or "ssh"; "" for a path
    std::string user;    ///< of ssh, when the URL names one
    int port = 0;        ///< 0 is the scheme's own
};
RemoteUrl parse_remote_url(std::string_view url, std::string_view cwd);
/// Error(invalid) unless `url` may be the address of charts: http://, https:// or oci:// and a host, with or without a path,
/// or a registry without a scheme ("ghcr.io/team").
void require_chart_url(std::string_view url);
/// Equal for spellings of one repository: case of the host, ".git", trailing slash, scp form. For joining credentials.
std::string canonical_url(std::string_view url);

/// Error(invalid) unless `name` is safe to look up as a ref: no leading '-', no "..", "@{", ":", blanks or controls.
void require_safe_ref(std::string_view name);

struct Commit {
    std::string sha;
    std::vector<std::string> parents;
    std::string author_name, author_mail;
    std::string message;
    std::int64_t committed_at = 0;
};

class GitRepo final : public base::SourceRepo {
  public:
    ~GitRepo() override;
    void fetch() override;
    base::Revision resolve(std::string_view ref) override;
    std::shared_ptr<const base::FileTree> tree(const std::string& sha) override;

    Commit commit(const std::string& sha) const;  ///< Error(not_found)
    /// First-parent-and-merge history from `sha` back, newest first, at most `limit`; stops at `until` (not included).
    std::vector<Commit> log(const std::string& sha, std::size_t limit, const std::string& until = {}) const;
    /// True when `ancestor` is `sha` or reachable from it.
    bool is_ancestor(const std::string& ancestor, const std::string& sha) const;
    /// Paths that differ between two commits, sorted.
    std::vector<std::string> changed_paths(const std::string& from, const std::string& to) const;
    /// The branch HEAD points to ("main"), of the remote for a cache; nullopt when detached or empty.
    std::optional<std::string> default_branch() const;
    std::vector<std::string> branches() const;
    std::vector<std::string> tags() const;

    /// True for a local repository with a work tree.
    bool has_work_tree() const;
    const std::string& path() const;  ///< the git directory
    const RemoteUrl& remote() const;
    const GitOptions& options() const;
    git_repository* handle() const;   ///< for this folder only

  private:
    friend std::unique_ptr<GitRepo> open_repo(const GitOptions& options);
    struct State;
    explicit GitRepo(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// Opens a local repository, or the bare cache of a remote one, cloning it on first use. Processes and threads that
/// share a cache take a file lock while they fetch; readers need none. The fetch is skipped when the remote's refs
/// equal the cache's. Error(not_found|denied|unavailable|invalid) in words that name the URL without credentials.
std::unique_ptr<GitRepo> open_repo(const GitOptions& options);

/// Connects and lists refs without a cache; for `repo check`. Returns the number of refs.
std::size_t check_remote(const GitOptions& options);

}  // namespace gitops::io
