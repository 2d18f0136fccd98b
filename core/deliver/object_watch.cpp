#include "core/deliver/object_watch.hpp"

#include "core/base/error.hpp"
#include "core/deliver/object_feed.hpp"

namespace gitops::deliver {
namespace {

/// There is no clock here: time is counted in what the watch was asked to wait, and an answer that came early, with
/// news of other objects, counts for this much.
constexpr base::Duration k_early_answer{10};

class ObjectWatch {
  public:
    ObjectWatch(kube::Cluster& cluster, const kube::ObjectRef& ref, const std::function<bool(const doc::Value*)>& done)
        : m_cluster(cluster), m_ref(ref), m_key(key_of(ref)), m_done(done) {
        m_query.kinds = {ref.gvk};
        if (!ref.ns.empty()) m_query.ns = ref.ns;
    }

    bool run(base::Duration span, const std::stop_token& stop) {
        if (start(stop)) return true;
        while (span > base::Duration{0} && !stop.stop_requested()) {
            m_query.at_most = span;
            kube::WatchBatch batch;
            try {
                batch = m_cluster.watch(m_query, stop);
            } catch (const base::Error& error) {
                if (error.code() != base::Code::conflict) throw;
                if (start(stop)) return true;  // the cluster forgot our place in the stream
                span -= k_early_answer;
                continue;
            }
            if (is_news(batch)) return true;
            m_query.since = batch.next;
            span -= batch.events.empty() ? span : k_early_answer;
        }
        return false;
    }

  private:
    /// The place in the stream is taken first, so that no change is missed between reading and watching.
    bool start(const std::stop_token& stop) {
        m_query.since.clear();
        m_query.at_most = base::Duration{0};
        m_query.since = m_cluster.watch(m_query, stop).next;
        const auto object = m_cluster.get(m_ref);
        return m_done(object ? &*object : nullptr);
    }

    bool is_news(const kube::WatchBatch& batch) const {
        for (const auto& event : batch.events)
            if (kube::key_of(event.object) == m_key && m_done(event.type == kube::WatchType::deleted ? nullptr : &event.object))
                return true;
        return false;
    }

    kube::Cluster& m_cluster;
    kube::ObjectRef m_ref;
    kube::ResourceKey m_key;
    const std::function<bool(const doc::Value*)>& m_done;
    kube::WatchQuery m_query;
};

}  // namespace

bool wait_until(kube::Cluster& cluster, const kube::ObjectRef& ref, base::Duration span, const std::stop_token& stop,
                const std::function<bool(const doc::Value*)>& done) {
    return ObjectWatch(cluster, ref, done).run(span, stop);
}

}  // namespace gitops::deliver
