// Use cases of blue-green: run a switch to its end, take it back from wherever, and look at those a cluster has.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/progressive/canary.hpp"
#include "core/app/services.hpp"
#include "core/kube/resource.hpp"
#include "core/rollout/bluegreen/bluegreen.hpp"
#include "core/rollout/bluegreen/bluegreen_record.hpp"
#include "core/rollout/bluegreen/bluegreen_step.hpp"

namespace gitops::app {

struct BlueGreenRequest {
    std::string name{};                       ///< of a pair the cluster has a record of; "" with manifests
    std::optional<std::string> ns{};          ///< nullopt: wherever the record is, and the usual one for a manifest
    std::string usual_namespace{"default"};
    std::vector<kube::Manifest> manifests{};  ///< a BlueGreen, and MetricTemplates and Secrets its metrics refer to
    rollout::RunSettings settings{};
    bool keeps_settings = false;              ///< settings of the record are used
    rollout::BlueGreenPlan plan{};
};

struct BlueGreenOutcome {
    enum class Kind { switched, rolled_back, failed, nothing_new, stopped };
    Kind kind = Kind::nothing_new;
    rollout::BlueGreenSpec spec;
    rollout::BlueGreenRecord record;
    std::string detail{};  ///< why there is nothing new
    std::string commit{};  ///< made in Git, by --git: the switch, or its revert
};

using BlueGreenTick = std::function<void(const rollout::BlueGreenRecord&)>;

/// Runs until the traffic is switched and watched, rolled back, or the run is stopped. A run that was left alone is gone on
/// with. Error(conflict) when somebody else runs it.
BlueGreenOutcome run_bluegreen(const Services& services, const OpenMeans& open_means, const BlueGreenRequest& request,
                               const BlueGreenTick& on_tick, std::stop_token stop);

struct BlueGreenReturn {
    bool was_there = false;       ///< the traffic was there already, and nothing is under way
    rollout::Color to = rollout::Color::blue;  ///< has the traffic now
    std::string deployment{};
    std::string runner{};         ///< whose run ends by it; "" when nobody was at it
    std::string commit{};         ///< the revert, by --git
};
/// The traffic back to the side that had it before the last run, with one write, whoever runs it; a run that has not switched
/// yet is stopped. Error(conflict) when that side has no ready Pods or nothing was ever switched.
BlueGreenReturn roll_back_bluegreen(const Services& services, const OpenMeans& open_means, const std::optional<std::string>& ns,
                                    const std::string& name, std::stop_token stop);

/// Asks the runner of a run that is before its switch to do it without smoke tests; its name. "" when nobody runs it.
/// Error(conflict) when it is past it.
std::string ask_to_switch(const Services& services, kube::Cluster& cluster, const rollout::BlueGreenRecord& record);

/// Every pair the cluster keeps a record of, by namespace and name; nullopt: in all namespaces.
std::vector<rollout::BlueGreenRecord> bluegreens(kube::Cluster& cluster, const std::optional<std::string>& ns);
/// Error(not_found) with near names; Error(conflict) when several namespaces have it and none was named.
rollout::BlueGreenRecord bluegreen_of(kube::Cluster& cluster, const std::optional<std::string>& ns, const std::string& name);

/// How a pair stands: what is remembered, and what the cluster says now.
struct BlueGreenStanding {
    rollout::BlueGreenSpec spec;
    rollout::BlueGreenRecord record;
    std::optional<rollout::BlueGreenSeen> seen{};  ///< nullopt when it cannot be told
    std::string trouble{};                         ///< why
};
BlueGreenStanding standing_of(kube::Cluster& cluster, base::Clock& clock, rollout::BlueGreenRecord record);

// Parts of a run with --git, in bluegreen_git.cpp.

/// What Git has to say before a run may begin: the image of the idle side, when one is given, as a commit that is synced;
/// and that no later sync takes away Pods that the run needs. Error(conflict|not_found) when it cannot be.
void prepare_in_git(const Services& services, const rollout::BlueGreenSpec& spec, const std::string& app, const rollout::BlueGreenSeen& seen,
                    const std::string& image, std::stop_token stop);
/// The commit that gives the Service `selector`; "" when Git says it already.
std::string commit_switch(const Services& services, const rollout::BlueGreenSpec& spec, const std::string& app, const doc::Value& selector,
                          const rollout::BlueGreenState& state, std::stop_token stop);
/// Once a run has ended: a note with its numbers on the switch, and a sync; or the revert, so that Git has `selector`. The
/// commit; "" when Git needed none.
std::string settle_in_git(const Services& services, const rollout::BlueGreenSpec& spec, const rollout::BlueGreenRecord& record,
                          const doc::Value& selector, std::stop_token stop);

}  // namespace gitops::app
