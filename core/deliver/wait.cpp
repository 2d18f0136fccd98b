// Waiting for health: read once, then take in what changed as the cluster tells it, and look for reasons when it is quiet.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/deliver/executor.hpp"
#include "core/deliver/reasons.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_reread{30'000};    ///< a watch tells everything; should one not, this is the net below it
constexpr base::Duration k_quiet{1'000};      ///< without a change for so long, the reason is looked up
constexpr base::Duration k_look_again{5'000};
constexpr base::Duration k_pause{50};         ///< when a watch came back at once with nothing
constexpr base::Duration k_poll{2'000};       ///< for those who may read and not watch
constexpr std::size_t k_list_threshold = 4;   ///< from so many objects of one kind and namespace on, list them

class Wait {
  public:
    Wait(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::Clock& clock, base::EventSink& events,
         const HealthBook& book)
        : m_cluster(cluster), m_clock(clock), m_events(events), m_book(book) {
        for (const auto& ref : refs) {
            const kube::ResourceKey key{ref.gvk.group, ref.gvk.kind, ref.ns, ref.name};
            if (m_book.can_judge(ref.gvk) && m_index.emplace(key, m_items.size()).second) m_items.push_back({ref, key});
        }
    }

    Waited until(base::Time deadline, const std::stop_token& stop) {
        read_unsettled();
        if (is_over()) return result(false);
        follow_unsettled();
        const auto started = m_clock.now();
        m_next_look = started + k_quiet;
        auto reread_at = started + k_reread;
        while (!is_over() && !stop.stop_requested()) {
            const auto now = m_clock.now();
            if (now >= deadline) return result(true);
            if (now >= m_next_look) look(now);
            if (now >= reread_at) {
                read_unsettled();
                reread_at = now + k_reread;
                continue;
            }
            if (!take_in(std::min({deadline, m_next_look, reread_at}) - now, stop) && m_clock.now() == now)
                m_clock.sleep_until(std::min(deadline, now + k_pause), stop);
        }
        if (stop.stop_requested()) m_looked_at = m_clock.now();  // whoever stops waits for nothing more
        return result(false);
    }

  private:
    struct Item {
        kube::ObjectRef ref;
        kube::ResourceKey key;
        std::optional<Health> health = std::nullopt;
        bool known = false;
        doc::Value live = {};  ///< null once it is settled or gone
        std::string reason = {};
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
        auto health = live == nullptr ? Health{HealthStatus::missing, "does not exist"} : m_book.judge(*live);
        const auto same = [&] {
            if (!item.known || item.health.has_value() != health.has_value()) return false;
            return !health || (item.health->status == health->status && item.health->message == health->message);
        };
        const bool changed = !same();
        const bool first_look = !item.known;
        item.health = std::move(health);
        item.known = true;
        item.live = live == nullptr || is_settled(item) ? doc::Value() : *live;
        if (changed) m_next_look = std::max(m_next_look, m_clock.now() + k_quiet);
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

    /// Starts a watch of the kinds that are not settled yet, without missing what happened since they were read.
    void follow_unsettled() {
        m_query = {};
        std::set<std::string> namespaces;
        std::set<kube::Gvk> kinds;
        for (const auto& item : m_items) {
            if (is_settled(item)) continue;
            kinds.insert(item.ref.gvk);
            namespaces.insert(item.ref.ns);
        }
        m_query.kinds.assign(kinds.begin(), kinds.end());
        if (namespaces.size() == 1 && !namespaces.begin()->empty()) m_query.ns = *namespaces.begin();
        try {
            m_query.since = m_cluster.watch(m_query, {}).next;
        } catch (const base::Error& error) {
            if (error.code() != base::Code::denied) throw;
            m_may_watch = false;
        }
        read_unsettled();
    }

    bool poll(base::Duration span, const std::stop_token& stop) {
        m_clock.sleep_for(std::min(span, k_poll), stop);
        if (!stop.stop_requested()) read_unsettled();
        return true;
    }

    /// Takes in what happened within `span`; false when nothing did.
    bool take_in(base::Duration span, const std::stop_token& stop) {
        if (!m_may_watch) return poll(span, stop);
        m_query.at_most = span;
        kube::WatchBatch batch;
        try {
            batch = m_cluster.watch(m_query, stop);
        } catch (const base::Error& error) {
            m_may_watch = error.code() != base::Code::denied;
            if (!m_may_watch) return poll(span, stop);
            if (error.code() != base::Code::conflict) throw;
            for (auto& item : m_items) item.known = false;  // our place in the stream is forgotten: read all again
            follow_unsettled();
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

    /// Looks up why what is not well is not, and tells what is new.
    void look(base::Time now) {
        std::vector<doc::Value> unsettled;
        for (const auto& item : m_items)
            if (!item.live.is_null()) unsettled.push_back(item.live);
        auto reasons = explain(m_cluster, unsettled);
        for (auto& item : m_items) {
            auto reason = std::move(reasons[item.key]);
            const bool news = !reason.empty() && reason != item.reason && item.health;
            item.reason = std::move(reason);
            if (!news) continue;
            const auto name = health_name(item.health->status);
            m_events.emit({base::Level::warning, "health", item.key.text(), fmt::format("{}: {}", name, item.reason),
                           {{"status", std::string(name)}, {"reason", item.reason}}});
        }
        m_looked_at = now;
        m_next_look = now + k_look_again;
    }

    Waited result(bool timed_out) {
        Waited waited;
        waited.timed_out = timed_out;
        waited.healthy = std::all_of(m_items.begin(), m_items.end(), is_settled);
        if (const auto now = m_clock.now(); !waited.healthy && (!m_looked_at || *m_looked_at + k_quiet < now)) look(now);
        std::vector<HealthPart> parts;
        for (const auto& item : m_items) {
            auto health = item.health;
            if (health && !is_settled(item)) health = with_reason(std::move(*health), item.key, item.reason);
            parts.push_back({item.key.text(), std::move(health), true, true});
            if (!item.reason.empty() && !is_settled(item)) waited.reasons.emplace(item.key, item.reason);
        }
        waited.health = aggregate(parts);
        return waited;
    }

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    base::EventSink& m_events;
    const HealthBook m_book;
    kube::WatchQuery m_query;
    std::vector<Item> m_items;
    std::unordered_map<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> m_index;
    bool m_may_watch = true;
    base::Time m_next_look{};
    std::optional<base::Time> m_looked_at;
};

}  // namespace

Waited wait_for_health(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::Time deadline,
                       base::Clock& clock, base::EventSink& events, std::stop_token stop, const HealthBook& book) {
    if (refs.empty()) return {true, false, {}};
    return Wait(cluster, refs, clock, events, book).until(deadline, stop);
}

}  // namespace gitops::deliver
