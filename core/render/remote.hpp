// Bases and files that lie elsewhere: what their names mean, and the port that fetches them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/source.hpp"

namespace gitops::render {

/// A kustomization inside a git repository, as kustomize's URLs name it.
struct RemoteBase {
    std::string repo;  ///< "https://github.com/org/repo", "git@host:org/repo", "file:///srv/repo.git"
    std::string path;  ///< inside the repository, "" for its root
    std::string ref;   ///< branch, tag or commit; "" for the remote's HEAD

    std::string text() const;  ///< for messages
};

/// Reads "[git::]scheme://[user@]host/org/repo[.git][//path|/path][?ref=x|version=x&...]", "user@host:org/repo" and
/// "github.com/org/repo". The repository ends at "_git/NAME", "//" or ".git", else after two parts (for file:// at the
/// end). nullopt for what is no such URL, and for a path that leaves the repository.
std::optional<RemoteBase> parse_remote_base(std::string_view url);

/// "http://..." and "https://...": first tried as one file, unless the address says that it is a repository.
bool is_web_file(std::string_view name);
bool is_surely_repository(std::string_view url);

/// Fetches; implementations keep what they fetched and refuse addresses of the machine's own network.
class Remotes {
  public:
    virtual ~Remotes() = default;
    /// The body of a web page. Error(not_found) for a status that is no success, Error(unavailable|denied).
    virtual std::string read(const std::string& url) = 0;
    /// The files of the repository at the ref. Error(not_found|unavailable|denied|invalid).
    virtual std::shared_ptr<const base::FileTree> tree(const RemoteBase& base) = 0;
};

}  // namespace gitops::render
