#include "core/deliver/task_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/deliver/reasons.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_slice{1'000};    ///< so often it is asked whether the operation goes on
constexpr base::Duration k_reread{30'000};  ///< a watch tells everything; should one not, this is the net below it
constexpr base::Duration k_pause{50};       ///< when a watch came back at once with nothing
constexpr base::Duration k_poll{2'000};     ///< for those who may read and not watch
constexpr std::size_t k_list_threshold = 4; ///< from so many objects of one kind and namespace on, list them

kube::ResourceKey key_of(const kube::ObjectRef& ref) { return {ref.gvk.group, ref.gvk.kind, ref.ns, ref.name}; }

class TaskWatch {
  public:
    TaskWatch(kube::Cluster& cluster, const std::vector<AwaitedTask>& tasks, const Waiting& waiting, base::EventSink& events)
        : m_cluster(cluster), m_waiting(waiting), m_events(events) {
        for (const auto& task : tasks) {
            m_index.emplace(key_of(task.ref), m_items.size());
            m_items.push_back({task, key_of(task.ref)});
        }
    }

    TaskWait run(const std::stop_token& stop) {
        read_all();
        if (is_over()) return result(WaitEnd::settled);
        begin_watch();
        read_all();  // what happened before the watch began
        auto reread_at = now() + k_reread;
        while (!is_over()) {
            if (stop.stop_requested() || (m_waiting.goes_on && !m_waiting.goes_on())) return result(WaitEnd::ended);
            const auto before = now();
            if (before >= m_waiting.deadline) return result(WaitEnd::timed_out);
            if (before >= reread_at) {
                read_all();
                reread_at = before + k_reread;
                continue;
            }
            const auto span = std::min({m_waiting.deadline - before, k_slice, reread_at - before});
            if (!take_in(span, stop) && now() == before) m_waiting.clock.sleep_until(before + std::min(span, k_pause), stop);
        }
        return result(WaitEnd::settled);
    }

  private:
    struct Item {
        AwaitedTask task;
        kube::ResourceKey key;
        std::optional<TaskState> ended = std::nullopt;
        std::string message = {};  ///< the health, as it was told last
        doc::Value live = {};
    };

    base::Time now() const { return m_waiting.clock.now(); }

    bool is_over() const {
        const auto failed = [](const Item& item) { return item.ended == TaskState::failed; };
        const auto ended = [](const Item& item) { return item.ended.has_value(); };
        return std::ranges::any_of(m_items, failed) || std::ranges::all_of(m_items, ended);
    }

    static std::optional<TaskState> verdict_of(const Item& item, const std::optional<Health>& health) {
        if (!health) return TaskState::succeeded;
        const bool hook = item.task.awaits == Awaits::hook;
        switch (health->status) {
            case HealthStatus::healthy: return TaskState::succeeded;
            case HealthStatus::degraded: return TaskState::failed;
            case HealthStatus::unknown: return hook ? std::optional(TaskState::failed) : std::nullopt;
            case HealthStatus::suspended:
            case HealthStatus::progressing:
            case HealthStatus::missing: return std::nullopt;
        }
        return std::nullopt;
    }

    void note(Item& item, const doc::Value* live) {
        if (item.ended) return;
        if (item.task.awaits == Awaits::deletion) {
            if (live == nullptr || kube::uid_of(*live) != item.task.uid) item.ended = TaskState::succeeded;
            else item.message = "is being deleted";
            return;
        }
        item.live = live == nullptr ? doc::Value() : *live;
        if (live == nullptr) {
            item.ended = TaskState::failed;
            item.message = item.task.awaits == Awaits::hook ? "was deleted before it ended" : "was deleted while it was waited for";
            return;
        }
        const auto health = m_waiting.book.judge(*live);
        auto message = health ? std::string(health_name(health->status)) : std::string();
        if (health && !health->message.empty()) message += ": " + health->message;
        item.ended = verdict_of(item, health);
        if (health && message != item.message)
            m_events.emit({base::Level::info, "health", item.key.text(), message, {{"status", std::string(health_name(health->status))}}});
        item.message = std::move(message);
    }

    void read_all() {
        std::map<std::pair<kube::Gvk, std::string>, std::vector<Item*>> groups;
        for (auto& item : m_items)
            if (!item.ended) groups[{item.task.ref.gvk, item.task.ref.ns}].push_back(&item);
        for (const auto& [place, items] : groups) {
            if (items.size() >= k_list_threshold) read_list(place.first, place.second, items);
            else
                for (auto* item : items) {
                    const auto live = m_cluster.get(item->task.ref);
                    note(*item, live ? &*live : nullptr);
                }
        }
    }

    void read_list(const kube::Gvk& gvk, const std::string& ns, const std::vector<Item*>& items) {
        const auto objects = m_cluster.list({gvk, ns.empty() ? std::nullopt : std::optional(ns), ""});
        std::unordered_map<std::string_view, const doc::Value*> by_name;
        for (const auto& object : objects) by_name.emplace(kube::name_of(object), &object);
        for (auto* item : items) {
            const auto found = by_name.find(item->task.ref.name);
            note(*item, found == by_name.end() ? nullptr : found->second);
        }
    }

    void begin_watch() {
        m_query = {};
        std::set<std::string> namespaces;
        std::set<kube::Gvk> kinds;
        for (const auto& item : m_items) {
            if (item.ended) continue;
            kinds.insert(item.task.ref.gvk);
            namespaces.insert(item.task.ref.ns);
        }
        m_query.kinds.assign(kinds.begin(), kinds.end());
        if (namespaces.size() == 1 && !namespaces.begin()->empty()) m_query.ns = *namespaces.begin();
        try {
            m_query.since = m_cluster.watch(m_query, {}).next;
        } catch (const base::Error& error) {
            if (error.code() != base::Code::denied) throw;
            m_may_watch = false;
        }
    }

    bool poll(base::Duration span, const std::stop_token& stop) {
        m_waiting.clock.sleep_for(std::min(span, k_poll), stop);
        if (!stop.stop_requested()) read_all();
        return true;
    }

    /// Takes in what happens within `span`; false when nothing did.
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
            begin_watch();  // our place in the stream is forgotten
            read_all();
            return false;
        }
        m_query.since = batch.next;
        for (const auto& event : batch.events) {
            const auto [first, last] = m_index.equal_range(kube::key_of(event.object));
            for (auto found = first; found != last; ++found)
                note(m_items[found->second], event.type == kube::WatchType::deleted ? nullptr : &event.object);
        }
        return !batch.events.empty();
    }

    TaskWait result(WaitEnd end) {
        std::vector<doc::Value> troubled;
        for (const auto& item : m_items)
            if (item.ended != TaskState::succeeded && !item.live.is_null()) troubled.push_back(item.live);
        const auto reasons = troubled.empty() || end == WaitEnd::ended ? std::map<kube::ResourceKey, std::string>{} : explain(m_cluster, troubled);
        TaskWait wait{end, {}, {}};
        for (auto& item : m_items) {
            auto message = item.message;
            if (const auto reason = reasons.find(item.key); reason != reasons.end() && message.find(reason->second) == std::string::npos)
                message += message.empty() ? reason->second : ": " + reason->second;
            if (item.ended) wait.verdicts.push_back({item.task.task, *item.ended, std::move(message), std::move(item.live)});
            else if (wait.pending.empty()) wait.pending = fmt::format("{}: {}", item.key.text(), message);
        }
        return wait;
    }

    kube::Cluster& m_cluster;
    const Waiting& m_waiting;
    base::EventSink& m_events;
    kube::WatchQuery m_query;
    std::vector<Item> m_items;
    std::unordered_multimap<kube::ResourceKey, std::size_t, kube::ResourceKeyHash> m_index;
    bool m_may_watch = true;
};

}  // namespace

TaskWait wait_for_tasks(kube::Cluster& cluster, const std::vector<AwaitedTask>& tasks, const Waiting& waiting, base::EventSink& events,
                        std::stop_token stop) {
    return TaskWatch(cluster, tasks, waiting, events).run(stop);
}

}  // namespace gitops::deliver
