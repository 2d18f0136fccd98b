// Whether somebody who calls a Service, or a route to several, reaches Pods that are ready.
#pragma once

#include <memory>
#include <string>
#include <thread>
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

/// Callers who ask all the time, from the making on.
class Callers {
  public:
    Callers(std::shared_ptr<kube::Cluster> cluster, const kube::ObjectRef& route);
    /// What went wrong, each with the time; nobody asks any more.
    std::vector<std::string> hang_up();
    int calls() const { return m_calls; }

  private:
    void ask(std::stop_token stop);

    std::shared_ptr<kube::Cluster> m_cluster;
    kube::ObjectRef m_route;
    int m_calls = 0;  // these two are the thread's until it has ended
    std::vector<std::string> m_unserved;
    std::jthread m_thread;
};

}  // namespace gitops::test
