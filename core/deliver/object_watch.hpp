#pragma once

#include <functional>
#include <stop_token>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

/// Waits until `done` says yes to the object at `ref` as it is now (nullptr: there is none), for about `span`; false
/// when it did not come true in time or a stop was asked for. Reads it once and then follows a watch of its kind, so
/// waiting costs no requests.
bool wait_until(kube::Cluster& cluster, const kube::ObjectRef& ref, base::Duration span, const std::stop_token& stop,
                const std::function<bool(const doc::Value*)>& done);

}  // namespace gitops::deliver
