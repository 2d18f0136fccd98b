// Other ways to run pods and machines: OpenKruise, game servers, KubeVirt, SpinApp, DeploymentConfig, autoscaling.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_advanced_cron_job[] = {
    {"!?status", k_waiting},
    {"!?status.lastScheduleTime&.spec.paused=true", k_suspended, "paused"},
    {".status.active", k_waiting, "jobs are running"},
    {"!?status.lastScheduleTime", k_degraded, "it has never run"},
    {"else", k_healthy},
};
constexpr Clause k_broadcast_job[] = {
    {"?status&.status.desired==.status.succeeded&.status.phase=completed", k_healthy},
    {"!.status.failed=0&.status.phase=failed", k_degraded},
    {".status.phase=paused&.spec.paused=true", k_suspended, "paused"},
    {"else", k_waiting},
};
// A partition holds old replicas back; from the second generation on only a person lets the update go further.
constexpr Clause k_clone_set[] = {
    {"!?status", k_waiting},
    {"unobserved", k_waiting},
    {".spec.updateStrategy.paused=true", k_suspended, "paused"},
    {"!?status.updatedAvailableReplicas", k_suspended},
    {"!.spec.updateStrategy.partition=0&.metadata.generation>1&!.status.updatedReplicas<.status.expectedUpdatedReplicas",
     k_suspended, "the partition is reached"},
    {"!.spec.updateStrategy.partition=0&.metadata.generation>1", k_waiting},
    {".status.updatedAvailableReplicas==.status.replicas", k_healthy},
    {"else", k_degraded, "not every replica is updated and available"},
};
constexpr Clause k_kruise_before[] = {
    {"!?status", k_waiting},
    {"unobserved", k_waiting},
    {".spec.updateStrategy.rollingUpdate.paused=true", k_suspended, "paused"},
};
constexpr Clause k_kruise_stateful_set[] = {
    {".status.updatedAvailableReplicas==.status.replicas", k_healthy},
    {"else", k_degraded, "not every replica is updated and available"},
};
constexpr Clause k_kruise_daemon_set[] = {
    {".status.updatedNumberScheduled==.status.desiredNumberScheduled&"
     ".status.numberAvailable==.status.desiredNumberScheduled",
     k_healthy},
    {".status.updatedNumberScheduled==.status.desiredNumberScheduled&"
     ".status.numberUnavailable==.status.desiredNumberScheduled",
     k_degraded, "no pod is available"},
    {"else", k_waiting},
};
constexpr Clause k_kruise_rollout[] = {
    {"unobserved", k_waiting},
    {".status.canaryStatus.currentStepState=StepPaused&.status.phase=Progressing", k_suspended, "the step waits for a person"},
    {".status.canaryStatus.currentStepState=Completed&.status.phase=Healthy", k_healthy},
    {".status.canaryStatus.currentStepState=StepPaused&.status.phase=Terminating|Disabled", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_game_server[] = {
    {"!?status", k_unknown},
    {"!.status.currentState==.status.desiredState", k_waiting},
    {"[status.podStatus.conditions].type=KruisePodReady,!.status=True", k_degraded, "its pod is not ready"},
    {".status.currentState=Ready", k_healthy},
    {"else", k_unknown},
};
// One that is meant to be off is as it should be.
constexpr Clause k_virtual_machine[] = {
    {".spec.running=false&!.status.created=true", k_healthy, "stopped as declared"},
    {".spec.runStrategy=Halted&!.status.created=true", k_healthy, "stopped as declared"},
    {"Paused=True", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready&.status.created=true", k_waiting},
    {"Ready", k_suspended},
    {"else", k_waiting},
};
constexpr Clause k_virtual_machine_instance[] = {
    {".status.phase=Failed", k_degraded},
    {".status.phase=Pending|Scheduling|Scheduled", k_waiting},
    {".status.phase=Succeeded", k_suspended},
    {".status.phase=Unknown", k_unknown},
    {"Paused=True", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_data_volume[] = {
    {".status.phase=Succeeded", k_healthy},
    {".status.phase=Paused", k_suspended},
    {".status.phase=Failed|Unknown", k_degraded},
    {"Running=False:Error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_deployment_config[] = {
    {"!?status.conditions", k_waiting},
    {"!?status.replicas", k_waiting},
    {".status.replicas=0", k_healthy},
    {"Available=True&Progressing=True:NewReplicationControllerAvailable", k_healthy},
    {"Available=True", k_waiting},
    {"Progressing=True:NewReplicationControllerAvailable", k_waiting},
    {"else", k_degraded},
};
constexpr Clause k_spin_app[] = {
    {"!?status", k_waiting},
    {"Progressing=False:ProgressDeadlineExceeded", k_degraded},
    {"!Available=True", k_degraded},
};
// Without conditions it has no health.
constexpr Clause k_spot_deployment[] = {
    {"@InvalidSpec", k_degraded},
    {"@Progressing:RolloutAborted|ProgressDeadlineExceeded", k_degraded},
    {"@Paused=True", k_suspended},
    {"?status.conditions&.status.phase=Progressing", k_waiting},
    {"?status.conditions", k_healthy},
};
constexpr Clause k_vertical_autoscaler[] = {
    {"NoPodsMatched=True", k_degraded},
    {"RecommendationProvided=True", k_healthy},
    {"else", k_waiting},
};

/// How many of the wanted pods a partition (a number, or "20%") lets the update have; nullopt when all, and before the
/// second generation, of which there is nothing to hold back.
std::optional<double> limit_of_partition(const doc::Value& object, std::int64_t wanted) {
    const auto* partition = at_path(object, "spec.updateStrategy.rollingUpdate.partition");
    if (partition == nullptr || !partition->is_scalar() || count_at(object, "metadata.generation") <= 1) return std::nullopt;
    auto text = partition->text();
    const bool is_share = text.ends_with('%');
    if (is_share) text.remove_suffix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const auto all = static_cast<double>(wanted);
    const auto limit = is_share ? all * (100.0 - static_cast<double>(number)) / 100.0 : all - static_cast<double>(number);
    return limit == all ? std::nullopt : std::optional(limit);
}

Health at_partition(std::int64_t updated, double limit) {
    if (static_cast<double>(updated) > limit) return {k_suspended, "the partition is reached"};
    return {k_waiting, "updating up to the partition"};
}

std::optional<Health> kruise_stateful_set_health(const doc::Value& object) {
    if (auto health = judge_by(object, k_kruise_before)) return health;
    if (!number_at(object, "status.updatedAvailableReplicas")) return Health{k_suspended, ""};
    if (const auto limit = limit_of_partition(object, count_at(object, "status.replicas")))
        return at_partition(count_at(object, "status.updatedReplicas"), *limit);
    return judge_by(object, k_kruise_stateful_set);
}

std::optional<Health> kruise_daemon_set_health(const doc::Value& object) {
    if (auto health = judge_by(object, k_kruise_before)) return health;
    if (!number_at(object, "status.updatedNumberScheduled")) return Health{k_suspended, ""};
    if (const auto limit = limit_of_partition(object, count_at(object, "status.desiredNumberScheduled")))
        return at_partition(count_at(object, "status.updatedNumberScheduled"), *limit);
    return judge_by(object, k_kruise_daemon_set);
}

std::optional<Health> game_server_set_health(const doc::Value& object) {
    if (auto health = judge_by(object, k_kruise_before)) return health;
    const auto replicas = count_at(object, "status.replicas");
    const auto partition = count_at(object, "spec.updateStrategy.rollingUpdate.partition");
    if (partition != 0 && count_at(object, "status.updatedReplicas") >= replicas - partition)
        return Health{k_suspended, "the partition is reached"};
    if (count_at(object, "status.updatedReadyReplicas") == replicas) return Health{k_healthy, ""};
    return Health{k_waiting, "replicas are still to be updated"};
}

/// A rollout of pods that ended badly says so in its message only.
bool tells_of_failure(const Condition& condition) {
    std::string message(condition.message);
    std::transform(message.begin(), message.end(), message.begin(), [](unsigned char c) { return std::tolower(c); });
    return message.find("timeout") != std::string::npos || message.find("failed") != std::string::npos;
}

std::optional<Health> spin_app_health(const doc::Value& object) {
    const auto progressing = find_condition(object, "Progressing");
    if (progressing && progressing->is_false() && tells_of_failure(*progressing))
        return Health{k_degraded, std::string(progressing->message)};
    if (auto health = judge_by(object, k_spin_app)) return health;
    if (count_at(object, "status.readyReplicas") < number_at(object, "spec.replicas").value_or(1))
        return Health{k_waiting, "not every replica is ready"};
    if (progressing && progressing->is_true()) return Health{k_waiting, std::string(progressing->message)};
    return Health{k_healthy, ""};
}

constexpr CustomRule k_rows[] = {
    {"apps.kruise.io", "AdvancedCronJob", k_advanced_cron_job},
    {"apps.kruise.io", "BroadcastJob", k_broadcast_job},
    {"apps.kruise.io", "CloneSet", k_clone_set},
    {"apps.kruise.io", "DaemonSet", {}, kruise_daemon_set_health},
    {"apps.kruise.io", "StatefulSet", {}, kruise_stateful_set_health},
    {"rollouts.kruise.io", "Rollout", k_kruise_rollout},
    {"game.kruise.io", "GameServer", k_game_server},
    {"game.kruise.io", "GameServerSet", {}, game_server_set_health},
    {"kubevirt.io", "VirtualMachine", k_virtual_machine},
    {"kubevirt.io", "VirtualMachineInstance", k_virtual_machine_instance},
    {"cdi.kubevirt.io", "DataVolume", k_data_volume},
    {"apps.openshift.io", "DeploymentConfig", k_deployment_config},
    {"core.spinkube.dev", "SpinApp", {}, spin_app_health},
    {"spot.io", "SpotDeployment", k_spot_deployment},
    {"autoscaling.k8s.io", "VerticalPodAutoscaler", k_vertical_autoscaler},
};

}  // namespace

std::span<const CustomRule> workload_rules() { return k_rows; }

}  // namespace gitops::deliver
