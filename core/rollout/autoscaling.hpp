// Autoscalers of a canary: the primary's copy of a HorizontalPodAutoscaler or a KEDA ScaledObject, and pausing the target's.
#pragma once

#include <optional>

#include "core/rollout/generated.hpp"

namespace gitops::rollout {

/// Where an autoscaler of the target is found. Error(invalid) for a kind other than HorizontalPodAutoscaler and ScaledObject.
std::optional<kube::ObjectRef> autoscaler_ref(const CanarySpec& spec);
/// Where its copy is.
std::optional<kube::ObjectRef> primary_autoscaler_ref(const CanarySpec& spec);

enum class AutoscalerMoment {
    creation,   ///< only made when it is missing
    promotion,  ///< the target's spec is taken over
};
/// The primary's copy as it has to be written; nullopt when nothing has to be. `live` is the copy that exists, or nullptr.
std::optional<doc::Value> primary_autoscaler(const CanarySpec& spec, const doc::Value& autoscaler, const doc::Value* live,
                                             AutoscalerMoment moment, const ObjectRules& rules);

/// A ScaledObject that holds its target at zero pods, or lets it go. nullopt when it is so, or for another kind.
std::optional<doc::Value> paused(const doc::Value& scaled_object);
std::optional<doc::Value> resumed(const doc::Value& scaled_object);

/// The autoscaler's minimum, 1 when it names none.
int least_replicas(const doc::Value& autoscaler);

}  // namespace gitops::rollout
