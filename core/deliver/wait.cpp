// Waiting for health: read once, then take in what changed as the cluster tells it, and look for reasons when it is quiet.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "core/deliver/executor.hpp"
#include "core/deliver/object_feed.hpp"
#include "core/deliver/reasons.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_reread{30'000};    ///< a watch tells everything; should one not, this is the net below it
constexpr base::Duration k_quiet{1'000};      ///< without a change for so long, the reason is looked up
constexpr base::Duration k_look_again{5'000};
constexpr base::Duration k_pause{50};         ///< when a watch came back at once with nothing

/// The objects whose health can be judged, each once.
std::vector<kube::ObjectRef> judged_of(const std::vector<kube::ObjectRef>& refs, const HealthBook& book) {
    std::vector<kube::ObjectRef> judged;
    std::unordered_set<kube::ResourceKey, kube::ResourceKeyHash> seen;
    for (const auto& ref : refs)
        if (book.can_judge(ref.gvk) && seen.insert(key_of(ref)).second) judged.push_back(ref);
    return judged;
}

class Wait {
  public:
    Wait(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::Clock& clock, base::EventSink& events,
         const HealthBook& book)
        : m_cluster(cluster), m_clock(clock), m_events(events), m_book(book), m_feed(feed_of(judged_of(refs, book))) {}

    Waited until(base::Time deadline, const std::stop_token& stop) {
        m_feed.read();
        if (is_over()) return result(false);
        m_feed.begin();
        const auto started = m_clock.now();
        m_next_look = started + k_quiet;
        auto reread_at = started + k_reread;
        while (!is_over() && !stop.stop_requested()) {
            const auto now = m_clock.now();
            if (now >= deadline) return result(true);
            if (now >= m_next_look) look(now);
            if (now >= reread_at) {
                m_feed.read();
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

    ObjectFeed feed_of(std::vector<kube::ObjectRef> judged) {
        for (const auto& ref : judged) m_items.push_back({ref, key_of(ref)});
        return {m_cluster, m_clock, std::move(judged),
                {[this](std::size_t i) { return !is_settled(m_items[i]); },
                 [this](std::size_t i, const doc::Value* live) { note(m_items[i], live); }}};
    }

    /// Takes in what happened within `span`; false when nothing did.
    bool take_in(base::Duration span, const std::stop_token& stop) {
        const auto outcome = m_feed.follow(span, stop);
        if (outcome == ObjectFeed::Outcome::lost_place) {
            for (auto& item : m_items) item.known = false;  // what has settled may have changed since
            m_feed.begin();
        }
        return outcome == ObjectFeed::Outcome::news;
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

    /// What a sum forgives, a child application that is Missing, may be what was waited for.
    Health first_unsettled() const {
        const auto item = std::ranges::find_if_not(m_items, is_settled);
        if (item == m_items.end()) return {HealthStatus::progressing, ""};
        if (!item->health) return {HealthStatus::progressing, item->key.text()};
        const auto& message = item->health->message;
        return {item->health->status, fmt::format("{}: {}{}{}", item->key.text(), health_name(item->health->status), message.empty() ? "" : ": ", message)};
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
        if (!waited.healthy && waited.health.status == HealthStatus::healthy) waited.health = first_unsettled();
        return waited;
    }

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    base::EventSink& m_events;
    const HealthBook m_book;
    std::vector<Item> m_items;
    ObjectFeed m_feed;
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
