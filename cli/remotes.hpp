// Remote bases and files of kustomizations: git through the bare caches, web pages through a cache of files.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/render/remote.hpp"

namespace gitops::io {
class GitRepo;
}
namespace gitops::cli {

class Env;

enum class Network {
    use,
    cached,  ///< what was fetched before is used as it is, anything else is fetched
    offline
};

/// Bases on this machine: fine for a kustomization of one's own, not for one that somebody else wrote.
enum class LocalBases { allowed, refused };

/// Error(denied) when the host of `url` is, or is a name for, a link-local address: that is where clouds keep their
/// machines' credentials.
void refuse_link_local(const std::string& url);

/// Branches and tags are looked up anew in every run, commits given by their whole SHA are not. Offline, what was
/// fetched before is used and anything else is Error(unavailable). Link-local addresses are Error(denied).
class CachedRemotes final : public render::Remotes {
  public:
    CachedRemotes(Env& env, Network network, LocalBases local = LocalBases::allowed);
    ~CachedRemotes() override;

    std::string read(const std::string& url) override;
    std::shared_ptr<const base::FileTree> tree(const render::RemoteBase& base) override;

  private:
    std::string fetch_page(std::string url);
    io::GitRepo& repo(const std::string& url, bool is_commit);

    Env& m_env;
    Network m_network;
    LocalBases m_local;
    std::map<std::string, std::unique_ptr<io::GitRepo>> m_repos;
};

}  // namespace gitops::cli
