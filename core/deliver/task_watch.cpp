#include "core/deliver/task_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/deliver/object_feed.hpp"
#include "core/deliver/reasons.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_slice{1'000};    ///< so often it is asked whether the operation goes on
constexpr base::Duration k_reread{30'000};  ///< a watch tells everything; should one not, this is the net below it
constexpr base::Duration k_pause{50};       ///< when a watch came back at once with nothing

std::vector<kube::ObjectRef> objects_of(const std::vector<AwaitedTask>& tasks) {
    std::vector<kube::ObjectRef> objects;
    for (const auto& task : tasks) objects.push_back(task.ref);
    return objects;
}

class TaskWatch {
  public:
    TaskWatch(kube::Cluster& cluster, const std::vector<AwaitedTask>& tasks, const Waiting& waiting, base::EventSink& events)
        : m_cluster(cluster), m_waiting(waiting), m_events(events),
          m_feed(cluster, waiting.clock, objects_of(tasks),
                 {[this](std::size_t i) { return !m_items[i].ended; },
                  [this](std::size_t i, const doc::Value* live) { note(m_items[i], live); }}) {
        for (const auto& task : tasks) m_items.push_back({task, key_of(task.ref)});
    }

    TaskWait run(const std::stop_token& stop) {
        m_feed.read();
        if (is_over()) return result(WaitEnd::settled);
        m_feed.begin();
        auto reread_at = now() + k_reread;
        while (!is_over()) {
            if (stop.stop_requested() || (m_waiting.goes_on && !m_waiting.goes_on())) return result(WaitEnd::ended);
            const auto before = now();
            if (before >= m_waiting.deadline) return result(WaitEnd::timed_out);
            if (before >= reread_at) {
                m_feed.read();
                reread_at = before + k_reread;
                continue;
            }
            const auto span = std::min({m_waiting.deadline - before, k_slice, reread_at - before});
            const auto outcome = m_feed.follow(span, stop);
            if (outcome == ObjectFeed::Outcome::lost_place) m_feed.begin();
            if (outcome != ObjectFeed::Outcome::news && now() == before) m_waiting.clock.sleep_until(before + std::min(span, k_pause), stop);
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

    TaskWait result(WaitEnd end) {
        std::vector<doc::Value> troubled;
        for (const auto& item : m_items)
            if (item.ended != TaskState::succeeded && !item.live.is_null()) troubled.push_back(item.live);
        const auto reasons = troubled.empty() || end == WaitEnd::ended ? std::map<kube::ResourceKey, std::string>{} : explain(m_cluster, troubled);
        TaskWait wait{end, {}, {}};
        for (auto& item : m_items) {
            auto message = item.message;
            if (const auto reason = reasons.find(item.key); reason != reasons.end() && !tells(message, reason->second))
                message += message.empty() ? reason->second : ": " + reason->second;
            if (item.ended) wait.verdicts.push_back({item.task.task, *item.ended, std::move(message), std::move(item.live)});
            else if (wait.pending.empty()) wait.pending = fmt::format("{}: {}", item.key.text(), message);
        }
        return wait;
    }

    kube::Cluster& m_cluster;
    const Waiting& m_waiting;
    base::EventSink& m_events;
    std::vector<Item> m_items;
    ObjectFeed m_feed;
};

}  // namespace

TaskWait wait_for_tasks(kube::Cluster& cluster, const std::vector<AwaitedTask>& tasks, const Waiting& waiting, base::EventSink& events,
                        std::stop_token stop) {
    return TaskWatch(cluster, tasks, waiting, events).run(stop);
}

}  // namespace gitops::deliver
