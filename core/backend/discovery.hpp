// Discovery knows what an API server serves: which kinds in which groups and versions, under which path.
//
// Overview: only what is asked for is read: one small request per group and version, or one for everything
// ("aggregated discovery", Kubernetes 1.27 and newer) with the classic walk as fallback. Answers are kept in memory and
// in a cache on disk with an expiry; a kind that is not found is asked for anew once, so definitions that were
// created a moment ago are found.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/api_client.hpp"
#include "core/backend/served.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::backend {

struct DiscoveryCache {
    std::string folder;  ///< "" keeps nothing on disk
    base::Duration keep{10 * 60'000};
};

/// Safe to use from many threads.
class Discovery {
  public:
    Discovery(ApiClient& client, DiscoveryCache cache, std::shared_ptr<base::Clock> clock);
    ~Discovery();

    /// An empty version finds the server's preferred one; a version it does not serve finds nothing.
    std::optional<kube::KindInfo> find(const kube::Gvk& gvk, std::stop_token stop = {});
    /// The same with its verbs.
    std::optional<ServedKind> find_served(const kube::Gvk& gvk, std::stop_token stop = {});
    /// Every kind in its preferred version that can be listed, by group and kind. A group whose server does not answer
    /// (an aggregated API that is down) is told as a warning and hides no other.
    std::vector<kube::KindInfo> all(std::stop_token stop = {});
    /// Forgets what was read of a group: a definition was written or deleted.
    void forget(std::string_view group);
    /// Forgets everything: a name of a kind that was looked for in all() may be new.
    void forget_all();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// "/apis/apps/v1/namespaces/prod/deployments/web"; without name the collection, without namespace that of all
/// namespaces.
std::string path_of(const kube::KindInfo& kind, const std::string& ns, const std::string& name);

}  // namespace gitops::backend
