#include "core/app/tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "core/app/appset/appset.hpp"
#include "core/app/definitions_cluster.hpp"
#include "core/app/resource_scope.hpp"

namespace gitops::app {

namespace {

using doc::Value;

/// Deeper chains of owners than any controller makes; ends a cycle of forged references.
constexpr int k_max_depth = 16;

const std::array<kube::Gvk, 6>& owned_kinds() {
    static const std::array<kube::Gvk, 6> k_kinds{{{"apps", "v1", "ReplicaSet"},
                                                   {"batch", "v1", "Job"},
                                                   {"", "v1", "Pod"},
                                                   {"apps", "v1", "ControllerRevision"},
                                                   {"discovery.k8s.io", "v1", "EndpointSlice"},
                                                   {"", "v1", "PersistentVolumeClaim"}}};
    return k_kinds;
}

/// Live objects by the uid of one of their owners.
using Owned = std::unordered_map<std::string, std::vector<Value>>;

Owned owned_in(kube::Cluster& cluster, const std::set<std::string>& namespaces, const ClusterScope& scope) {
    Owned owned;
    for (const std::string& ns : namespaces) {
        for (const kube::Gvk& kind : owned_kinds()) {
            if (scope.excluded_by(kind.group, kind.kind)) continue;
            for (const Value& object : cluster.list({kind, ns, ""})) {
                const Value* owners = object.path("metadata", "ownerReferences");
                if (owners == nullptr) continue;
                for (const Value& owner : owners->items()) owned[std::string(owner.text_at("uid"))].push_back(object);
            }
        }
    }
    return owned;
}

std::vector<TreeNode> children_of(const std::string& uid, const Owned& owned, const deliver::HealthBook& book, int depth) {
    std::vector<TreeNode> nodes;
    const auto found = owned.find(uid);
    if (found == owned.end() || depth > k_max_depth) return nodes;
    for (const Value& object : found->second) {
        TreeNode node;
        node.gvk = kube::gvk_of(object);
        node.key = kube::key_of(object);
        node.health = book.judge(object);
        node.uid = std::string(kube::uid_of(object));
        node.children = children_of(node.uid, owned, book, depth + 1);
        nodes.push_back(std::move(node));
    }
    std::ranges::sort(nodes, {}, [](const TreeNode& node) { return std::tie(node.key.kind, node.key.name); });
    return nodes;
}

/// What the application `name` deploys, as a part of `parent`; nothing for one that is above it.
std::vector<TreeNode> tree_of_child(const Services& services, const std::string& parent, const std::string& name) {
    auto below = services;
    below.parents.push_back(parent);
    const bool is_above = std::ranges::find(below.parents, name) != below.parents.end();
    if (is_above || !services.state.has_application(name)) return {};
    return tree_of(below, status_of(below, services.state.application(name), Fetch::cached));
}

/// The applications that a set made.
std::vector<TreeNode> tree_of_set(const Services& services, const std::string& parent, const std::string& set) {
    std::vector<TreeNode> nodes;
    for (const auto& member : members_of(services.state, set)) {
        const auto status = status_of(services, member, Fetch::cached);
        nodes.push_back({kube::gvk_of(member.document), kube::key_of(member.document), status.sync, status.health, "",
                         tree_of_child(services, parent, member.name)});
    }
    return nodes;
}

}  // namespace

std::vector<TreeNode> tree_of(const Services& services, const AppStatus& status) {
    const std::shared_ptr<kube::Cluster> cluster = services.open_cluster(status.cluster);
    std::set<std::string> namespaces;
    for (const ResourceStatus& resource : status.resources) {
        if (!resource.key.ns.empty()) namespaces.insert(resource.key.ns);
    }
    const Owned owned = owned_in(*cluster, namespaces, ClusterScope(services, cluster_of(services, status.cluster)));
    std::vector<TreeNode> nodes;
    for (const ResourceStatus& resource : status.resources) {
        TreeNode node{resource.gvk, resource.key, resource.sync, resource.health, "", {}};
        if (is_definition(resource.gvk)) {
            const auto& parent = status.application.name;
            if (resource.key.kind == "Application") node.children = tree_of_child(services, parent, resource.key.name);
            if (resource.key.kind == k_set_kind) node.children = tree_of_set(services, parent, resource.key.name);
        } else if (resource.live) {
            const auto live = cluster->get({resource.gvk, resource.key.ns, resource.key.name});
            if (live) node.uid = std::string(kube::uid_of(*live));
        }
        if (!node.uid.empty()) node.children = children_of(node.uid, owned, services.health, 1);
        nodes.push_back(std::move(node));
    }
    return nodes;
}

}  // namespace gitops::app
