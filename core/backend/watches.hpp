// Watches answers the port's watch(): it keeps one stream per kind and namespace open between two calls, merges what
// they bring, and closes those nobody has asked about for a while.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/backend/discovery.hpp"
#include "core/backend/watch_stream.hpp"

namespace gitops::backend {

/// Safe to use from many threads.
class Watches {
  public:
    Watches(ApiClient& client, Discovery& discovery, std::shared_ptr<base::Clock> clock);

    /// As kube::Cluster::watch(). Kinds that are not served, or not to be watched, have no events. Error(invalid) for a query without kinds: a
    /// server has dozens, and some never rest.
    kube::WatchBatch wait(const kube::WatchQuery& query, std::stop_token stop);
    std::size_t open_streams() const;

  private:
    struct Followed;
    std::vector<Followed> followed(const kube::WatchQuery& query, const std::stop_token& stop);
    void start_now(std::vector<Followed>& kinds, const std::stop_token& stop);
    kube::WatchBatch collect(std::vector<Followed>& kinds, base::Duration& pause, const std::stop_token& stop);
    void close_unasked();

    ApiClient& m_client;
    Discovery& m_discovery;
    std::shared_ptr<base::Clock> m_clock;
    Doorbell m_bell;
    mutable std::mutex m_mutex;
    std::map<std::string, WatchStream> m_streams;  ///< by path of the collection
};

}  // namespace gitops::backend
