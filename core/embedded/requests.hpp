// Requests: the write half of the API. Each function is one request inside one transaction of the caller.
#pragma once

#include "core/embedded/lifecycle.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::embedded {

kube::Applied apply_object(World& world, const doc::Value& object, const kube::ApplyOptions& options);
doc::Value write_object(World& world, const kube::Write& write);
bool remove_object(World& world, const kube::ObjectRef& ref, const kube::RemoveOptions& options);

/// Server-side apply keeps a change of `row` that a simulated controller makes to the wish (replicas, say) in the
/// managed fields, as its own.
void change_as_controller(World& world, Row& row, doc::Value changed, std::string_view manager);

}  // namespace gitops::embedded
