// Pass is what the errands of one pass over many applications share: each repository is fetched once, and of each real
// cluster every kind is listed once, however many applications ask for objects of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

/// The objects of one cluster as they were when their kind was first asked for: for comparing, never for waiting. Safe
/// to use from many threads; of those who ask for a kind at once, one lists it and the others wait.
class LiveObjects {
  public:
    explicit LiveObjects(std::shared_ptr<kube::Cluster> cluster) : m_cluster(std::move(cluster)) {}

    /// What the cluster had at `key`; an object alone is read where listing the kind in all namespaces is not allowed.
    std::optional<doc::Value> find(const kube::Gvk& gvk, const kube::ResourceKey& key);

  private:
    struct Kind {
        std::once_flag listed;
        bool may_list = true;
        std::unordered_map<kube::ResourceKey, doc::Value, kube::ResourceKeyHash> objects;
    };
    Kind& kind_of(const kube::Gvk& gvk);

    std::shared_ptr<kube::Cluster> m_cluster;
    std::mutex m_mutex;
    std::map<kube::Gvk, Kind> m_kinds;
};

/// One look at a remote repository.
struct FetchReport {
    std::string url;
    base::Duration took{0};
    bool failed = false;
};
using FetchSink = std::function<void(const FetchReport&)>;

class Pass {
  public:
    /// From so many errands on, listing whole kinds is cheaper than asking for the objects of each application.
    static constexpr std::size_t k_enough_to_share = 8;

    explicit Pass(std::size_t errands) : m_shares_lists(errands >= k_enough_to_share) {}

    /// Every look is told to `sink`, from the thread that made it.
    void tell_fetches(FetchSink sink, base::Clock& clock);

    /// Calls `fetch` unless it has succeeded for this URL before; others that ask meanwhile wait.
    void fetch_once(const std::string& url, const std::function<void()>& fetch);
    /// Null where each application had better ask for its own objects: a small pass, an embedded cluster.
    LiveObjects* live_objects(const std::string& cluster_name, const std::shared_ptr<kube::Cluster>& cluster);

  private:
    void timed(const std::string& url, const std::function<void()>& fetch) const;

    bool m_shares_lists;
    FetchSink m_sink;
    base::Clock* m_clock = nullptr;
    std::mutex m_mutex;
    std::map<std::string, std::once_flag> m_fetched;
    std::map<std::string, LiveObjects> m_live;
};

}  // namespace gitops::app
