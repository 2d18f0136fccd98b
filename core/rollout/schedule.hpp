// What a canary is going to do when nothing goes wrong: which weights, how many ticks, how long at the worst.
#pragma once

#include <optional>
#include <vector>

#include "core/base/clock.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

/// The weight after `weight`; nullopt when the canary never goes further. Flagger's rule: stepWeight wins over
/// stepWeights; a list must rise. Its defects are kept under Compat::flagger only: there a list that does not rise stalls,
/// and from a weight that the list does not name it jumps to 100; here the next larger weight of the list is taken.
std::optional<int> next_weight(const Analysis& analysis, int weight, Compat compat);
/// The weight from which promotion begins: a trigger, not a cap (step 20 with maxWeight 50 reaches 60).
int last_weight(const Analysis& analysis, Compat compat);

/// Whether requests are mirrored before (canary) or while (blue/green) the new version is checked. Only some providers can.
bool mirrors(const CanarySpec& spec);
/// Whether the provider has no weights and no route to switch: Flagger's `kubernetes`.
bool is_routeless(const CanarySpec& spec);

struct Schedule {
    std::vector<int> weights;   ///< of the canary, as they are routed one after the other
    /// From the detection of a revision to Succeeded, without gates. In the stages dialect, where everything but the checks
    /// and a way back in steps happens at once, it is the number of checks. nullopt: never ends.
    std::optional<int> ticks;
    /// With as many failed checks as are just tolerated, at the worst moments; waiting for Pods and gates not counted.
    std::optional<base::Duration> worst_case;
};
Schedule schedule_of(const CanarySpec& spec, Compat compat);

}  // namespace gitops::rollout
