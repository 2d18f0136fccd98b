// CanaryRecord is what the cluster itself remembers of a canary: the ConfigMap "gitopsctl-canary.NAME".
#pragma once

#include <string>
#include <string_view>

#include "core/rollout/rollout_record.hpp"

namespace gitops::rollout {

inline constexpr std::string_view k_canary_record_label = "gitopsctl.io/canary-record";
/// The manager of everything that is changed for a canary, and of the fields that Git then leaves to it.
inline constexpr std::string_view k_canary_manager = "gitopsctl-canary";

using CanaryRecord = RolloutRecord<CanaryState>;

/// The ConfigMap's name: "gitopsctl-canary.yield-predictor".
std::string canary_record_name(std::string_view canary);
kube::ObjectRef canary_record_ref(std::string_view ns, std::string_view canary);

/// See to_config_map() and read_record() of rollout_record.hpp.
doc::Value to_config_map(const CanaryRecord& record);
CanaryRecord read_canary_record(const doc::Value& object);

}  // namespace gitops::rollout
