// What a target runs, as a short name that changes exactly when a rollout is due.
#pragma once

#include <string>

#include "core/rollout/workload.hpp"

namespace gitops::rollout {

/// Ten hex digits of the SHA-256 of the pod template as sorted JSON and of the checksums in `tracked`; of a Service its spec.
/// Nulls, empty maps and lists, the order of keys, the labels of this program, Flagger's id and the node selector of a
/// DaemonSet scaled to zero do not count. No relation to Flagger's own hash, which only Go can compute.
std::string template_revision(const doc::Value& target, const ConfigSums& tracked);

/// The revision for people: the images of the containers that differ from `other` (the primary, or nullptr), else of the first
/// one: "wafer/yield-predictor:2.9". Digests are shortened. "" for a Service.
std::string describe_revision(const doc::Value& target, const doc::Value* other);

}  // namespace gitops::rollout
