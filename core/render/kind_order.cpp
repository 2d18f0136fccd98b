#include "core/render/kind_order.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/base/error.hpp"

namespace gitops::render {

namespace {

constexpr std::string_view k_first[] = {
    "Namespace",         "ResourceQuota",      "StorageClass",         "CustomResourceDefinition",
    "ServiceAccount",    "PodSecurityPolicy",  "Role",                 "ClusterRole",
    "RoleBinding",       "ClusterRoleBinding", "ConfigMap",            "Secret",
    "Endpoints",         "Service",            "LimitRange",           "PriorityClass",
    "PersistentVolume",  "PersistentVolumeClaim", "Deployment",        "StatefulSet",
    "CronJob",           "PodDisruptionBudget",
};
constexpr std::string_view k_last[] = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"};

using Ranks = std::map<std::string, int, std::less<>>;

template <class First, class Last>
Ranks ranks_of(const First& first, const Last& last) {
    Ranks ranks;
    int rank = -static_cast<int>(std::size(first));
    for (const auto& kind : first) ranks[std::string(kind)] = rank++;
    rank = 1;
    for (const auto& kind : last) ranks[std::string(kind)] = rank++;
    return ranks;
}

struct SortKey {
    int rank;
    std::string gvk;
    std::string id;
    kube::Gvk parts;
};

std::string id_sort_text(const Id& id) {
    return gvk_text(id.gvk) + "|" + (id.ns.empty() ? "~X" : id.ns) + "|" + (id.name.empty() ? "~N" : id.name);
}

bool key_less(const SortKey& a, const SortKey& b) {
    if (a.parts == b.parts) return a.id < b.id;
    if (a.rank != b.rank) return a.rank < b.rank;
    bool namespaces = a.parts.kind == "Namespace" && b.parts.kind == "Namespace";
    if (namespaces && (a.parts.group.empty() || b.parts.group.empty())) return a.gvk > b.gvk;
    return a.gvk < b.gvk;
}

}  // namespace

int legacy_rank(std::string_view kind) {
    static const Ranks ranks = ranks_of(k_first, k_last);
    auto found = ranks.find(kind);
    return found == ranks.end() ? 0 : found->second;
}

std::string gvk_sort_text(const kube::Gvk& gvk) {
    return (gvk.group.empty() ? "~G" : gvk.group) + "_" + (gvk.version.empty() ? "~V" : gvk.version) + "_" +
           (gvk.kind.empty() ? "~K" : gvk.kind);
}

void sort_objects(Collection& objects, const SortOptions& options) {
    if (options.order == SortOptions::Order::fifo) {
        if (options.has_legacy_lists)
            throw base::Error(base::Code::invalid,
                              "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', "
                              "not 'legacy'");
        return;
    }
    Ranks ranks = options.has_legacy_lists ? ranks_of(options.order_first, options.order_last) : ranks_of(k_first, k_last);
    std::vector<SortKey> keys;
    keys.reserve(objects.size());
    for (const auto& object : objects.items()) {
        const Id& id = object->id();
        auto rank = ranks.find(id.gvk.kind);
        keys.push_back({rank == ranks.end() ? 0 : rank->second, gvk_sort_text(id.gvk), id_sort_text(id), id.gvk});
    }
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return key_less(keys[a], keys[b]); });
    if (std::ranges::is_sorted(order) && !objects.has_twins()) return;
    auto items = objects.take();
    Collection sorted;
    for (std::size_t i : order) sorted.append(std::move(items[i]));
    objects = std::move(sorted);
}

}  // namespace gitops::render
