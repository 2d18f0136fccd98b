// Waiting for health: read everything once, then only what changed, as the cluster tells it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/deliver/executor.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_watch_slice{1000};  ///< after so long without news everything unsettled is read again
constexpr base::Duration k_pause{50};          ///< when a watch came back at once with nothing
constexpr std::size_t k_list_threshold = 4;    ///< from so many objects of one kind and namespace on, list them

class Wait {
  public:
    Wait(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::EventSink& events)
        : m_cluster(cluster), m_events(events) {
        for (const auto& ref : refs) {
            const kube::ResourceKey key{ref.gvk.group, ref.gvk.kind, ref.ns, ref.name};
            if (!m_index.emplace(key, m_items.size()).second) continue;
            m_items.push_back({ref, key, std::nullopt, false});
            if (std::find(m_query.kinds.begin(), m_query.kinds.end(), ref.gvk) == m_query.kinds.end())
                m_query.kinds.push_back(ref.gvk);
        }
        if (!refs.empty() && !refs.front().ns.empty() &&
            std::all_of(refs.begin(), refs.end(), [&](const auto& ref) { return ref.ns == refs.front().ns; }))
            m_query.ns = refs.front().ns;
    }

    Waited until(base::Time deadline, base::Clock& clock, const std::stop_token& stop) {
        m_query.since = m_cluster.watch(m_query, stop).next;  // from here on no change is missed
        read_unsettled();
        while (!is_over() && !stop.stop_requested()) {
            const auto now = clock.now();
            if (now >= deadline) return result(true);
            if (follow(std::min(deadline - now, k_watch_slice), stop)) continue;
            if (clock.now() == now) clock.sleep_until(std::min(deadline, now + k_pause), stop);
            read_unsettled();
        }
        return result(false);
    }

  private:
    struct Item {
        kube::ObjectRef ref;
        kube::ResourceKey key;
        std::optional<Health> health;
        bool known = false;
    };

    static bool is_settled(const Item& item) {
        if (!item.known) return false;
        // A suspended object stays as it is until somebody resumes it.
        return !item.health || item.health->status == HealthStatus::healthy ||
               item.health->status == HealthStatus::suspended;
    }
    /// All are well, or one is broken: then there is nothing to wait for.
    bool is_over() const {
        const auto broken = [](const Item& item) { return item.health && item.health->status == HealthStatus::degraded; };
        return std::any_of(m_items.begin(), m_items.end(), broken) || std::all_of(m_items.begin(), m_items.end(), is_settled);
    }

    void note(Item& item, const doc::Value* live) {
        auto health = live == nullptr ? Health{HealthStatus::missing, "does not exist"} : health_of(*live);
        const auto same = [&] {
            if (!item.known || item.health.has_value() != health.has_value()) return false;
            return !health || (item.health->status == health->status && item.health->message == health->message);
        };
        const bool changed = !same();
        const bool first_look = !item.known;
        item.health = std::move(health);
        item.known = true;
        if (!changed || !item.health) return;
        if (first_look && is_settled(item)) return;  // nobody waits for it: no news
        const auto name = health_name(item.health->status);
        const auto& message = item.health->message;
        m_events.emit({base::Level::info, "health", item.key.text(),
                       message.empty() ? std::string(name) : fmt::format("{}: {}", name, message),
                       {{"status", std::string(name)}}});
    }

    void read_unsettled() {
        std::map<std::pair<kube::Gvk, std::string>, std::vector<Item*>> groups;
        for (auto& item : m_items)
            if (!is_settled(item)) groups[{item.ref.gvk, item.ref.ns}].push_back(&item);
        for (const auto& [where, items] : groups) {
            if (items.size() >= k_list_threshold) {
                read_list(where.first, where.second, items);
                continue;
            }
            for (auto* item : items) {
                const auto live = m_cluster.get(item->ref);
                note(*item, live ? &*live : nullptr);
            }
        }
    }

    void read_list(const kube::Gvk& gvk, const std::string& ns, const std::vector<Item*>& items) {
        const auto objects = m_cluster.list({gvk, ns.empty() ? std::nullopt : std::optional(ns), ""});
        std::unordered_map<std::string_view, const doc::Value*> by_name;
        for (const auto& object : objects) by_name.emplace(kube::name_of(object), &object);
        for (auto* item : items) {
            const auto found = by_name.find(item->ref.name);
            note(*item, found == by_name.end() ? nullptr : found->second);
        }
    }

    /// Takes in what happened within `span`; false when nothing did.
    bool follow(base::Duration span, const std::stop_token& stop) {
        m_query.at_most = span;
        kube::WatchBatch batch;
        try {
            batch = m_cluster.watch(m_query, stop);
        } catch (const base::Error& error) {
            if (error.code() != base::Code::conflict) throw;
            m_query.since.clear();  // our place in the stream is forgotten: read all again
            for (auto& item : m_items) item.known = false;
            return false;
        }
        m_query.since = batch.next;
        for (const auto& event : batch.events) {
            const auto found = m_index.find(kube::key_of(event.object));
            if (found == m_index.end()) continue;
            note(m_items[found->second], event.type == kube::WatchType::deleted ? nullptr : &event.object);
        }
        return !batch.events.empty();
    }

    Waited result(bool timed_out) const {
        std::vector<HealthPart> parts;
        for (const auto& item : m_items) parts.push_back({item.key.text(), item.health, true, true});
        Waited waited{std::all_of(m_items.begin(), m_items.end(), is_settled), timed_out, aggregate(parts)};
        return waited;
    }

    kube::Cluster& m_cluster;
    base::EventSink& m_events;
    kube::WatchQuery m_query;
    std::vector<Item> m_items;
    std::unordered_map<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> m_index;
};

}  // namespace

Waited wait_for_health(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::Time deadline,
                       base::Clock& clock, base::EventSink& events, std::stop_token stop) {
    if (refs.empty()) return {true, false, {}};
    return Wait(cluster, refs, events).until(deadline, clock, stop);
}

}  // namespace gitops::deliver
