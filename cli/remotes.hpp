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

enum class Network { use, offline };

/// Branches and tags are looked up anew in every run, commits given by their whole SHA are not. Offline, what was
/// fetched before is used and anything else is Error(unavailable). Link-local addresses are Error(denied): that is
/// where clouds keep their machines' credentials.
class CachedRemotes final : public render::Remotes {
  public:
    CachedRemotes(Env& env, Network network);
    ~CachedRemotes() override;

    std::string read(const std::string& url) override;
    std::shared_ptr<const base::FileTree> tree(const render::RemoteBase& base) override;

  private:
    std::string fetch_page(std::string url);
    io::GitRepo& repo(const std::string& url, bool is_commit);

    Env& m_env;
    Network m_network;
    std::map<std::string, std::unique_ptr<io::GitRepo>> m_repos;
};

}  // namespace gitops::cli
