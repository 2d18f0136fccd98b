// The Services of a canary: the apex that users call, and one for each of the primary and the canary.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rollout/state.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::rollout {

/// The Services to read before make_services: apex, -primary, -canary; for a Service target the copies alone.
std::vector<kube::ObjectRef> service_objects(const CanarySpec& spec);

/// The Services that have to be written, in the order -canary, -primary, apex. The apex keeps selecting what it selects now when
/// that is a choice of the provider (see apex_selector), else it selects the primary. What is not ours on a Service that exists
/// stays: type, clusterIP, node ports; of a Service we did not make also its labels and annotations.
///
/// A target of kind Service gets two copies of itself: -canary follows the target, -primary is only made when it is missing and
/// changes with promoted_service(); the apex is the route's alone.
std::vector<doc::Value> make_services(const CanarySpec& spec, const doc::Value& target, const std::vector<doc::Value>& live,
                                      const ObjectRules& rules);
/// The -primary of a Service target after the promotion; nullopt when it is so.
std::optional<doc::Value> promoted_service(const CanarySpec& spec, const doc::Value& primary, const doc::Value& target);
std::optional<doc::Value> restored_service(const doc::Value& primary, const doc::Value& saved_spec);

/// What the apex selects for a split where Services are the route: provider `kubernetes` knows only all or nothing (nullopt
/// between), `replicas` selects both sides by their shared label from 1 to 99.
std::optional<Texts> apex_selector(const CanarySpec& spec, const SelectorLabel& label, const Split& split);

struct ReplicaCounts {
    int primary = 0;
    int canary = 0;
    bool operator==(const ReplicaCounts&) const = default;
};
/// How `weight` percent is approximated with about `total` pods, as Argo Rollouts does without traffic routing: the nearest whole
/// number, up on a tie; from 1 to 99 both sides have at least one, with one pod more where total is 1. Up to `most` pods may be
/// used where that comes nearer. At 100 the primary keeps its pods, unused, so that going back is a change of selector.
ReplicaCounts replica_counts(int weight, int total, int most);

}  // namespace gitops::rollout
