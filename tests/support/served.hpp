// Whether somebody who calls a Service, or a route to several, reaches Pods that are ready.
#pragma once

#include <string>
#include <vector>

#include "core/kube/cluster.hpp"

namespace gitops::test {

struct Backend {
    std::string service;
    int weight = 100;
};

/// The Services behind an object: itself for a Service, those of the first rule of a VirtualService or an HTTPRoute.
std::vector<Backend> backends_of(const doc::Value& route);

/// "" when each Service that gets traffic selects a Pod that is ready, or why not: "yield-predictor-canary (50 %) has no
/// Pod that is ready: app=yield-predictor". Not fooled by changes while it looks.
std::string unserved(kube::Cluster& cluster, const kube::ObjectRef& route);

}  // namespace gitops::test
