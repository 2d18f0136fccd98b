// ObjectFeed brings what happens to a set of objects: by a watch of their kinds or, to those who may read and not watch,
// by looking again. It never judges what it brings.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

kube::ResourceKey key_of(const kube::ObjectRef& object);

class ObjectFeed {
  public:
    /// What waits for the objects; `index` is the place in the list given to the feed.
    struct Reader {
        std::function<bool(std::size_t index)> wants;
        /// `live` is null when the object does not exist.
        std::function<void(std::size_t index, const doc::Value* live)> take;
    };
    enum class Outcome { news, nothing, lost_place };

    /// An object may stand in the list more than once.
    ObjectFeed(kube::Cluster& cluster, base::Clock& clock, std::vector<kube::ObjectRef> objects, Reader reader);

    /// Reads what is wanted as it is now.
    void read();
    /// Starts a watch of the kinds that are wanted, then reads: nothing that happens in between is missed.
    void begin();
    /// Brings what happens within `span`, or until a stop is asked for. After lost_place (the cluster forgot our place in
    /// the stream) the reader must begin again.
    Outcome follow(base::Duration span, const std::stop_token& stop);

  private:
    void read_list(const kube::Gvk& gvk, const std::string& ns, const std::vector<std::size_t>& objects);
    Outcome poll(base::Duration span, const std::stop_token& stop);

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    const std::vector<kube::ObjectRef> m_objects;
    const Reader m_reader;
    std::unordered_multimap<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> m_index;
    kube::WatchQuery m_query;
    bool m_may_watch = true;
};

}  // namespace gitops::deliver
