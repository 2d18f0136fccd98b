// Use cases of progressive delivery: run a canary to its end, look at those a cluster has, and ask for something from
// another terminal.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/services.hpp"
#include "core/base/error.hpp"
#include "core/kube/resource.hpp"
#include "core/rollout/canary_record.hpp"
#include "core/rollout/check_round.hpp"

namespace gitops::app {

/// What measures and calls for a canary; made by the composition root for the settings of one run.
struct CanaryMeans {
    std::shared_ptr<rollout::MetricsProvider> metrics;
    std::shared_ptr<rollout::HookCaller> hooks;
    rollout::MetricSource usual_source{};
    bool plays_back = false;
};
using OpenMeans = std::function<CanaryMeans(const rollout::RunSettings&)>;

struct CanaryRequest {
    std::string name{};                      ///< of a canary the cluster knows; "" with manifests
    std::string ns{};                        ///< "" is the usual one
    std::vector<kube::Manifest> manifests{}; ///< a Canary, and MetricTemplates and Secrets it refers to
    rollout::RunSettings settings{};
    bool keeps_settings = false;             ///< settings of the record are used: resumed
    std::string image{};                     ///< "IMAGE" or "CONTAINER=IMAGE": set on the target first
    bool waits_for_revision = false;         ///< goes on when there is nothing to roll out
};

struct CanaryOutcome {
    enum class Kind { promoted, rolled_back, nothing_new, stopped };
    Kind kind = Kind::nothing_new;
    rollout::CanarySpec spec;
    rollout::CanaryRecord record;
    std::string commit{};  ///< made in Git, by --git
};

/// The one Canary among `manifests`, or the one called `name`. Error(invalid|not_found).
rollout::CanarySpec spec_of(const std::vector<kube::Manifest>& manifests, const std::string& name, const std::string& default_namespace);
/// Runs until the canary is promoted, rolled back or stopped. `on_tick` is told after every tick.
CanaryOutcome run_canary(const Services& services, const OpenMeans& open_means, const CanaryRequest& request,
                         const std::function<void(const rollout::CanaryRecord&)>& on_tick, std::stop_token stop);

/// A single tick, for a command that waits to be served while nobody runs the canary; more while something has to be
/// undone that takes some.
void serve_canary(const Services& services, const OpenMeans& open_means, const CanaryRequest& request, std::stop_token stop);

/// Every canary the cluster keeps a record of, by namespace and name; nullopt: in all namespaces. Records that are none hold up
/// no other: they are handed to `unreadable`.
std::vector<rollout::CanaryRecord> canaries(kube::Cluster& cluster, const std::optional<std::string>& ns,
                                            const std::function<void(const base::Error&)>& unreadable = {});
/// Error(not_found) with near names; Error(conflict) when several namespaces have it and none was named.
rollout::CanaryRecord canary_of(kube::Cluster& cluster, const std::optional<std::string>& ns, const std::string& name);

struct Asked {
    bool is_running = false;  ///< by somebody, who will serve it
    std::string runner{};
};
/// Asks the runner of a canary for `command`. Error(conflict) when the canary is in no phase in which it means something.
Asked ask_canary(const Services& services, kube::Cluster& cluster, const rollout::CanaryRecord& record, rollout::Command command);

/// Once a run with --git has ended: the revert, or the commit of the new image, and a note with the decision's numbers. The
/// commit; "" when there was nothing to commit.
std::string settle_in_git(const Services& services, const rollout::CanarySpec& spec, const rollout::CanaryRecord& record,
                          std::stop_token stop);

}  // namespace gitops::app
