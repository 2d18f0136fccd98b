// Argo Rollouts: a phase in the status since 1.0; before, what the replicas and selectors tell.
#include <array>
#include <charconv>
#include <string>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_failed[] = {
    {"@InvalidSpec", k_degraded},
    {"@Progressing:RolloutAborted|ProgressDeadlineExceeded", k_degraded},
};

Health waiting(std::string_view why) { return {k_waiting, std::string(why)}; }

/// The number a scalar spells, as text or as a number.
std::optional<std::int64_t> spelled_number(const doc::Value* scalar) {
    if (scalar == nullptr || !scalar->is_scalar()) return std::nullopt;
    const auto text = scalar->text();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Before 0.10 the field held a hash: no number, or one that no generation reaches.
bool spec_is_observed(const doc::Value& object) {
    const auto observed = spelled_number(at_path(object, "status.observedGeneration"));
    return !observed || *observed >= count_at(object, "metadata.generation");
}

bool workload_is_observed(const doc::Value& object) {
    const auto* annotations = at_path(object, "metadata.annotations");
    if (at_path(object, "spec.workloadRef") == nullptr || annotations == nullptr) return true;
    return spelled_number(annotations->find("rollout.argoproj.io/workload-generation")) ==
           spelled_number(at_path(object, "status.workloadObservedGeneration"));
}

std::optional<Health> health_of_phase(const doc::Value& object) {
    const auto* phase = at_path(object, "status.phase");
    if (phase == nullptr || phase->is_null()) return std::nullopt;
    const std::string message(text_at(object, "status.message"));
    if (phase->text() == "Paused") return Health{k_suspended, message};
    for (const auto status : {k_healthy, k_suspended, k_waiting, k_missing, k_degraded})
        if (phase->text() == health_name(status)) return Health{status, message};
    return Health{k_unknown, message};
}

bool is_paused(const doc::Value& object) {
    const auto* pauses = at_path(object, "status.pauseConditions");
    return (pauses != nullptr && !pauses->empty()) || flag_at(object, "spec.paused");
}

std::optional<Health> unfinished_replicas(const doc::Value& object) {
    const auto updated = count_at(object, "status.updatedReplicas");
    if (updated < number_at(object, "spec.replicas").value_or(1)) return waiting("more replicas need to be updated");
    if (count_at(object, "status.availableReplicas") < updated)
        return waiting("updated replicas are still becoming available");
    return std::nullopt;
}

/// The hash of the replicas that users are served by; before 0.8 it stood with the canary, and where that is there
/// without one nothing is stable yet (nullopt). Rollouts of then that have neither are not judged by it ("").
std::optional<std::string_view> stable_hash(const doc::Value& object) {
    for (const auto path : {"status.stableRS", "status.canary.stableRS"})
        if (const auto* found = at_path(object, path); found != nullptr && !found->is_null()) return found->text();
    const auto* canary = at_path(object, "status.canary");
    return canary == nullptr || canary->is_null() ? std::optional(std::string_view{}) : std::nullopt;
}

std::optional<Health> unfinished_strategy(const doc::Value& object) {
    const auto current = text_at(object, "status.currentPodHash");
    const auto stable = stable_hash(object);
    if (at_path(object, "spec.strategy.blueGreen") != nullptr) {
        if (text_at(object, "status.blueGreen.activeSelector") != current)
            return waiting("the active service does not point to the new replicas yet");
        if (stable != "" && stable != current) return waiting("the analysis is not complete yet");
    } else if (at_path(object, "spec.strategy.canary") != nullptr) {
        if (count_at(object, "status.replicas") > count_at(object, "status.updatedReplicas"))
            return waiting("old replicas are still to be ended");
        if (stable != current || stable == "") return waiting("steps are left to do");
    }
    return std::nullopt;
}

}  // namespace

std::optional<Health> rollout_health(const doc::Value& object) {
    const auto* status = object.find("status");
    if (status == nullptr || !status->is_map() || !spec_is_observed(object) || !workload_is_observed(object))
        return waiting("the controller has not looked at the latest change yet");
    if (auto health = health_of_phase(object)) return health;
    if (auto health = judge_by(object, k_failed)) return health;
    if (is_paused(object)) return Health{k_suspended, "the rollout is paused"};
    if (text_at(object, "status.currentPodHash").empty()) return waiting("the controller has not written a status yet");
    if (auto health = unfinished_replicas(object)) return health;
    if (auto health = unfinished_strategy(object)) return health;
    return Health{k_healthy, ""};
}

}  // namespace gitops::deliver
