#include "core/embedded/local_cluster.hpp"

#include <algorithm>
#include <mutex>

#include "core/embedded/bootstrap.hpp"
#include "core/embedded/requests.hpp"
#include "core/embedded/simulation.hpp"
#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/kube/selector.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// A watcher looks for what other processes wrote this often.
constexpr base::Duration k_poll{25};
constexpr std::size_t k_watch_batch = 1000;

bool is_event(const kube::Gvk& gvk) { return gvk.kind == "Event" && gvk.group.empty(); }

bool is_watched(const kube::WatchQuery& query, const Value& object) {
    if (query.ns && kube::namespace_of(object) != *query.ns) return false;
    if (query.kinds.empty()) return true;
    kube::Gvk gvk = kube::gvk_of(object);
    return std::ranges::any_of(query.kinds, [&](const kube::Gvk& kind) {
        return kind.kind == gvk.kind && kind.group == gvk.group;
    });
}

std::int64_t parse_version(const std::string& text) {
    auto number = doc::parse_int(text);
    if (!number || *number < 0)
        throw base::Error(base::Code::invalid, "\"" + text + "\" is no resourceVersion of this cluster");
    return *number;
}

}  // namespace

struct LocalCluster::State {
    State(const std::string& path, std::shared_ptr<base::Clock> time)
        : clock(std::move(time)), store(path), kinds(store), timers(store), recorder(store), scenario(store) {}

    /// Lives through what is due, then lets `body` change the cluster: one transaction.
    template <class Body>
    void change(const Body& body) {
        store.transaction([&] {
            base::Time now = clock->now();
            World world{store, kinds, timers, recorder, scenario.current(), now, now};
            advance(world);
            body(world);
        });
    }

    /// Before a reading: opens a transaction only when something is due.
    void catch_up() {
        auto due = timers.next_due();
        if (due && *due <= clock->now()) change([](World&) {});
    }

    /// Every Pod is looked at again: a fault may strike or leave it.
    void rouse_pods(World& world) {
        for (const Row& pod : store.list("", "Pod", std::nullopt)) timers.wake(pod, world.at);
    }

    std::vector<Value> events(const std::optional<std::string>& ns) {
        std::vector<Value> events = recorder.list(ns);
        for (const Row& pod : store.list("", "Pod", ns))
            for (Value& event : pod_events(pod)) events.push_back(std::move(event));
        for (Row& row : store.list("", "Event", ns)) events.push_back(std::move(row.object));
        std::ranges::stable_sort(events, {}, [](const Value& event) { return event.text_at("lastTimestamp"); });
        return events;
    }

    kube::WatchBatch collect(const kube::WatchQuery& query, std::int64_t& since) {
        catch_up();
        kube::WatchBatch batch;
        Changes changes = store.changes_since(since, k_watch_batch);
        for (kube::WatchEvent& event : changes.events)
            if (is_watched(query, event.object)) batch.events.push_back(std::move(event));
        since = changes.next;
        batch.next = std::to_string(since);
        return batch;
    }

    std::recursive_mutex mutex;
    std::shared_ptr<base::Clock> clock;
    ObjectStore store;
    KindRegistry kinds;
    Timers timers;
    Recorder recorder;
    ScenarioReader scenario;
};

LocalCluster::LocalCluster(const std::string& path, std::shared_ptr<base::Clock> clock)
    : m_state(std::make_unique<State>(path, std::move(clock))) {
    if (!is_furnished(m_state->store)) m_state->change([](World& world) { furnish(world); });
}

LocalCluster::~LocalCluster() = default;

std::vector<kube::KindInfo> LocalCluster::kinds() {
    std::lock_guard lock(m_state->mutex);
    return m_state->kinds.all();
}

std::optional<Value> LocalCluster::get(const kube::ObjectRef& ref) {
    std::lock_guard lock(m_state->mutex);
    m_state->catch_up();
    auto row = m_state->store.find(m_state->kinds.locate(ref).key);
    if (row) return std::move(row->object);
    if (is_event(ref.gvk))
        for (Value& event : m_state->events(ref.ns.empty() ? "default" : ref.ns))
            if (kube::name_of(event) == ref.name) return std::move(event);
    return std::nullopt;
}

std::vector<Value> LocalCluster::list(const kube::ListQuery& query) {
    kube::Selector selector = kube::Selector::parse(query.label_selector);
    std::lock_guard lock(m_state->mutex);
    m_state->catch_up();
    std::vector<Value> objects;
    if (is_event(query.gvk)) {
        objects = m_state->events(query.ns);
    } else {
        for (Row& row : m_state->store.list(query.gvk.group, query.gvk.kind, query.ns))
            objects.push_back(std::move(row.object));
    }
    if (selector.empty()) return objects;
    std::erase_if(objects, [&](const Value& object) {
        const Value* labels = object.path("metadata", "labels");
        return !selector.matches(labels == nullptr ? Value() : *labels);
    });
    return objects;
}

kube::Applied LocalCluster::apply(const Value& object, const kube::ApplyOptions& options) {
    std::lock_guard lock(m_state->mutex);
    kube::Applied applied;
    m_state->change([&](World& world) { applied = apply_object(world, object, options); });
    return applied;
}

Value LocalCluster::write(const kube::Write& write) {
    std::lock_guard lock(m_state->mutex);
    Value written;
    m_state->change([&](World& world) { written = write_object(world, write); });
    return written;
}

bool LocalCluster::remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) {
    std::lock_guard lock(m_state->mutex);
    bool found = false;
    m_state->change([&](World& world) { found = remove_object(world, ref, options); });
    return found;
}

kube::WatchBatch LocalCluster::watch(const kube::WatchQuery& query, std::stop_token stop) {
    base::Clock& clock = *m_state->clock;
    base::Time deadline = clock.now() + query.at_most;
    std::int64_t since = 0;
    if (query.since.empty()) {
        std::lock_guard lock(m_state->mutex);
        m_state->catch_up();
        since = m_state->store.version();
    } else {
        since = parse_version(query.since);
    }
    for (;;) {
        base::Time wake = deadline;
        kube::WatchBatch batch;
        {
            std::lock_guard lock(m_state->mutex);
            batch = m_state->collect(query, since);
            if (auto due = m_state->timers.next_due()) wake = std::min(wake, *due);
        }
        base::Time now = clock.now();
        if (!batch.events.empty() || now >= deadline || stop.stop_requested()) return batch;
        if (!clock.sleep_until(std::min(std::max(wake, now + base::Duration(1)), now + k_poll), stop)) return batch;
    }
}

void LocalCluster::together(const std::function<void()>& body) {
    std::lock_guard lock(m_state->mutex);
    m_state->store.transaction(body);
}

Fault LocalCluster::add_fault(FaultKind kind, std::string_view image_glob, base::Duration delay) {
    std::lock_guard lock(m_state->mutex);
    Fault fault;
    m_state->change([&](World& world) {
        fault = store_fault(world.store, kind, image_glob, delay);
        m_state->rouse_pods(world);
    });
    return fault;
}

std::vector<Fault> LocalCluster::faults() {
    std::lock_guard lock(m_state->mutex);
    return read_faults(m_state->store);
}

bool LocalCluster::remove_fault(std::string_view id) {
    std::lock_guard lock(m_state->mutex);
    bool found = false;
    m_state->change([&](World& world) {
        found = erase_fault(world.store, id);
        if (found) m_state->rouse_pods(world);
    });
    return found;
}

base::Duration LocalCluster::pod_start() {
    std::lock_guard lock(m_state->mutex);
    return read_scenario(m_state->store).pod_start;
}

void LocalCluster::set_pod_start(base::Duration span) {
    std::lock_guard lock(m_state->mutex);
    m_state->change([&](World& world) { store_pod_start(world.store, span); });
}

}  // namespace gitops::embedded
