// What became of an application in its cluster: its resources and everything they own, down to the Pods.
#pragma once

#include <optional>
#include <vector>

#include "core/app/status.hpp"

namespace gitops::app {

struct TreeNode {
    kube::Gvk gvk;
    kube::ResourceKey key;
    std::optional<SyncStatus> sync;  ///< only of what Git names
    std::optional<deliver::Health> health;
    std::string uid;                 ///< "" when the object is not live
    std::vector<TreeNode> children;  ///< by kind and name
};

/// One node per resource of the application, in the order of its status. Children are found by ownerReferences among
/// ReplicaSets, Pods, Jobs, ControllerRevisions, EndpointSlices and PersistentVolumeClaims; those of an Application are what it
/// deploys, those of an ApplicationSet the applications it made. Kinds that the configuration excludes are not shown.
std::vector<TreeNode> tree_of(const Services& services, const AppStatus& status);

}  // namespace gitops::app
