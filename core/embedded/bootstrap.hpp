// What a new cluster holds before anybody uses it.
#pragma once

#include "core/embedded/lifecycle.hpp"

namespace gitops::embedded {

bool is_furnished(ObjectStore& store);
/// The namespaces default, kube-system, kube-public and kube-node-lease, and the node local-node.
void furnish(World& world);
/// The ServiceAccount `default` every namespace has.
void add_default_account(World& world, std::string_view ns);

}  // namespace gitops::embedded
