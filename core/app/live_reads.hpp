// Reads many objects of one cluster with few requests.
#pragma once

#include <utility>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

/// An object, and in which version to read it; "" the cluster's preferred one.
using Wanted = std::pair<kube::Gvk, kube::ResourceKey>;

/// Those of `wanted` that exist: one list per kind and namespace where that is cheaper than single reads, several under
/// way at once where the cluster likes it.
std::vector<doc::Value> read_live(kube::Cluster& cluster, const std::vector<Wanted>& wanted);

}  // namespace gitops::app
