// The rules behind health_of(): one function per kind, and the few questions they all ask. A rule never throws; what
// it cannot judge is Unknown with the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/deliver/health/health.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// nullopt where the kind can be judged but this object has no health.
using HealthRule = std::optional<Health> (*)(const doc::Value& object);

/// One entry of status.conditions, or of any list of that shape; views into the object.
struct Condition {
    std::string_view type, status, reason, message;
    bool is_true() const { return status == "True"; }
    bool is_false() const { return status == "False"; }
};
Condition condition_of(const doc::Value& item);
/// The first condition of `type` in status.conditions.
std::optional<Condition> find_condition(const doc::Value& object, std::string_view type);
/// status.conditions as a list; an empty one when absent.
const doc::Value& conditions_of(const doc::Value& object);
/// The value along a dotted path of map keys ("status.loadBalancer.ingress"); nullptr when there is none.
const doc::Value* at_path(const doc::Value& object, std::string_view dotted);
/// The number at a dotted path; nullopt when absent or no number.
std::optional<std::int64_t> number_at(const doc::Value& object, std::string_view dotted);
/// The same, an absent number being 0, as in Go's structs.
std::int64_t count_at(const doc::Value& object, std::string_view dotted);
/// The text at a dotted path; "" when absent or no text.
std::string_view text_at(const doc::Value& object, std::string_view dotted);
bool flag_at(const doc::Value& object, std::string_view dotted);
/// metadata.generation is ahead of status.observedGeneration (absent counts as 0).
bool generation_behind(const doc::Value& object);

/// Progressing for an object that is being deleted, which says more than any rule; nullopt for others, and for a hook
/// that its finalizer holds back until its outcome was read.
std::optional<Health> health_of_leaving(const doc::Value& object);

std::optional<Health> deployment_health(const doc::Value& object);
std::optional<Health> stateful_set_health(const doc::Value& object);
std::optional<Health> daemon_set_health(const doc::Value& object);
std::optional<Health> replica_set_health(const doc::Value& object);
std::optional<Health> pod_health(const doc::Value& object);
std::optional<Health> job_health(const doc::Value& object);
std::optional<Health> cron_job_health(const doc::Value& object);
std::optional<Health> workflow_health(const doc::Value& object);
std::optional<Health> volume_claim_health(const doc::Value& object);
std::optional<Health> service_health(const doc::Value& object);
std::optional<Health> ingress_health(const doc::Value& object);
std::optional<Health> autoscaler_health(const doc::Value& object);
std::optional<Health> api_service_health(const doc::Value& object);
std::optional<Health> crd_health(const doc::Value& object);
std::optional<Health> disruption_budget_health(const doc::Value& object);
std::optional<Health> rollout_health(const doc::Value& object);

}  // namespace gitops::deliver
