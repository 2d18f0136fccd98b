#include "core/app/live_reads.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/workers.hpp"

namespace gitops::app {

namespace {

using doc::Value;

/// Above this many objects of one kind and namespace, one list is cheaper than single reads.
constexpr std::size_t k_list_threshold = 3;

/// Those of `keys`, all of one kind and namespace, that exist.
std::vector<Value> read_alike(kube::Cluster& cluster, const std::vector<const Wanted*>& wanted) {
    const auto& [gvk, first] = *wanted.front();
    std::vector<Value> live;
    if (wanted.size() < k_list_threshold) {
        for (const auto* one : wanted)
            if (auto object = cluster.get({gvk, one->second.ns, one->second.name})) live.push_back(std::move(*object));
        return live;
    }
    std::unordered_set<std::string_view> names;
    for (const auto* one : wanted) names.insert(one->second.name);
    for (auto& object : cluster.list({gvk, first.ns.empty() ? std::nullopt : std::optional(first.ns), ""}))
        if (names.contains(kube::name_of(object))) live.push_back(std::move(object));
    return live;
}

}  // namespace

std::vector<Value> read_live(kube::Cluster& cluster, const std::vector<Wanted>& wanted) {
    std::map<std::pair<kube::Gvk, std::string>, std::vector<const Wanted*>> by_place;
    for (const auto& one : wanted) by_place[{one.first, one.second.ns}].push_back(&one);
    std::vector<std::vector<const Wanted*>> groups;
    for (auto& [place, group] : by_place) groups.push_back(std::move(group));
    const auto found = base::parallel_map<std::vector<Value>>(
        groups, cluster.in_flight(), [&](const auto& group) { return read_alike(cluster, group); });
    std::vector<Value> live;
    for (const auto& part : found) live.insert(live.end(), part.begin(), part.end());
    return live;
}

}  // namespace gitops::app
