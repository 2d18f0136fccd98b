// The primary: a copy of the target that serves users while the target, which is the canary, is tried out.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/rollout/generated.hpp"

namespace gitops::rollout {

/// What the pods of a target are told apart by.
struct SelectorLabel {
    std::string key;
    std::string value;
    /// The same label on the pods of the primary.
    std::string primary_value() const { return value + std::string(k_primary_suffix); }
};

/// The first of app, name and app.kubernetes.io/name in spec.selector.matchLabels. Error(invalid) when none is there, or
/// when the primary's value would be too long for a label.
SelectorLabel selector_label(const doc::Value& target);

/// Checksums of the ConfigMaps and Secrets of a target by their key ("configmap/web", "secret/web"); see config_tracking.hpp.
using ConfigSums = std::map<std::string, std::string>;

/// The annotation of the primary's pods that restarts them when only a tracked config changed; of gitopsctl alone.
inline constexpr std::string_view k_configs_annotation = "gitopsctl.io/configs";
/// The label that target and primary share where traffic is divided by the number of pods; its value is the apex.
inline constexpr std::string_view k_traffic_label = "gitopsctl.io/traffic";
/// DaemonSets are scaled to zero by a node selector that no node fulfils.
inline constexpr std::string_view k_scale_to_zero = "flagger.app/scale-to-zero";

/// The primary of a Deployment or DaemonSet as it is created: selector, pod labels and references to tracked configs renamed,
/// also in pod anti-affinity and topology spread, never in pod affinity. Error(invalid) for another kind, for a DaemonSet that
/// is not updated by RollingUpdate and without selector label.
doc::Value make_primary(const CanarySpec& spec, const doc::Value& target, const ConfigSums& tracked, const ObjectRules& rules);

/// The primary after the target was promoted to it. nullopt when its pods are the same, whatever a former Flagger left in
/// their flagger-id: nothing is restarted for nothing, and what else may differ is worth no write of its own.
std::optional<doc::Value> promoted(const CanarySpec& spec, const doc::Value& primary, const doc::Value& target,
                                   const ConfigSums& tracked, const ObjectRules& rules);
/// The primary with the pod template it had before. nullopt when it has it.
std::optional<doc::Value> restored(const doc::Value& primary, const doc::Value& saved_template);

// Scale. A patch is nullopt when nothing has to change; a Service has no scale.

/// The target gets its pods: as many as it says, else as its autoscaler's minimum when that is more than 1, else (without
/// an autoscaler) as the primary, else 1. With provider `replicas` 1, as its share grows with the weight.
std::optional<kube::Patch> scale_up(const CanarySpec& spec, const doc::Value& target, const doc::Value* primary,
                                    const doc::Value* autoscaler);
std::optional<kube::Patch> scale_to_zero(const doc::Value& target);
std::optional<kube::Patch> scale_to(const doc::Value& workload, int replicas);
/// spec.replicas, 1 when absent.
int replicas_of(const doc::Value& workload);

/// With provider `replicas` the traffic label for the pods of a target or primary that do not have it; else nullopt.
std::optional<kube::Patch> traffic_label_patch(const CanarySpec& spec, const doc::Value& workload);

}  // namespace gitops::rollout
