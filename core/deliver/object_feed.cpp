#include "core/deliver/object_feed.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_poll{2'000};      ///< between two looks where there is no watch
constexpr std::size_t k_list_threshold = 4;  ///< from so many objects of one kind and namespace on, list them

}  // namespace

kube::ResourceKey key_of(const kube::ObjectRef& object) { return {object.gvk.group, object.gvk.kind, object.ns, object.name}; }

ObjectFeed::ObjectFeed(kube::Cluster& cluster, base::Clock& clock, std::vector<kube::ObjectRef> objects, Reader reader)
    : m_cluster(cluster), m_clock(clock), m_objects(std::move(objects)), m_reader(std::move(reader)) {
    for (std::size_t i = 0; i < m_objects.size(); ++i) m_index.emplace(key_of(m_objects[i]), i);
}

void ObjectFeed::read() {
    std::map<std::pair<kube::Gvk, std::string>, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < m_objects.size(); ++i)
        if (m_reader.wants(i)) groups[{m_objects[i].gvk, m_objects[i].ns}].push_back(i);
    for (const auto& [place, objects] : groups) {
        if (objects.size() >= k_list_threshold) {
            read_list(place.first, place.second, objects);
            continue;
        }
        for (const std::size_t i : objects) {
            const auto live = m_cluster.get(m_objects[i]);
            m_reader.take(i, live ? &*live : nullptr);
        }
    }
}

void ObjectFeed::read_list(const kube::Gvk& gvk, const std::string& ns, const std::vector<std::size_t>& objects) {
    const auto listed = m_cluster.list({gvk, ns.empty() ? std::nullopt : std::optional(ns), ""});
    std::unordered_map<std::string_view, const doc::Value*> by_name;
    for (const auto& object : listed) by_name.emplace(kube::name_of(object), &object);
    for (const std::size_t i : objects) {
        const auto found = by_name.find(m_objects[i].name);
        m_reader.take(i, found == by_name.end() ? nullptr : found->second);
    }
}

void ObjectFeed::begin() {
    m_query = {};
    std::set<std::string> namespaces;
    std::set<kube::Gvk> kinds;
    for (std::size_t i = 0; i < m_objects.size(); ++i) {
        if (!m_reader.wants(i)) continue;
        kinds.insert(m_objects[i].gvk);
        namespaces.insert(m_objects[i].ns);
    }
    m_query.kinds.assign(kinds.begin(), kinds.end());
    if (namespaces.size() == 1 && !namespaces.begin()->empty()) m_query.ns = *namespaces.begin();
    try {
        m_query.since = m_cluster.watch(m_query, {}).next;
    } catch (const base::Error& error) {
        if (error.code() != base::Code::denied) throw;
        m_may_watch = false;
    }
    read();
}

ObjectFeed::Outcome ObjectFeed::poll(base::Duration span, const std::stop_token& stop) {
    m_clock.sleep_for(std::min(span, k_poll), stop);
    if (!stop.stop_requested()) read();
    return Outcome::news;
}

ObjectFeed::Outcome ObjectFeed::follow(base::Duration span, const std::stop_token& stop) {
    if (!m_may_watch) return poll(span, stop);
    m_query.at_most = span;
    kube::WatchBatch batch;
    try {
        batch = m_cluster.watch(m_query, stop);
    } catch (const base::Error& error) {
        m_may_watch = error.code() != base::Code::denied;
        if (!m_may_watch) return poll(span, stop);
        if (error.code() != base::Code::conflict) throw;
        return Outcome::lost_place;
    }
    m_query.since = batch.next;
    for (const auto& event : batch.events) {
        const auto [first, last] = m_index.equal_range(kube::key_of(event.object));
        for (auto found = first; found != last; ++found)
            m_reader.take(found->second, event.type == kube::WatchType::deleted ? nullptr : &event.object);
    }
    return batch.events.empty() ? Outcome::nothing : Outcome::news;
}

}  // namespace gitops::deliver
