#include "core/rollout/readiness.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/kube/resource.hpp"

namespace gitops::rollout {

namespace {

using base::Time;
using doc::Value;

int count_at(const Value& object, std::string_view group, std::string_view key, int otherwise = 0) {
    const auto* value = object.path(group, key);
    const auto count = value == nullptr ? std::nullopt : value->to_int();
    return static_cast<int>(std::clamp<std::int64_t>(count.value_or(otherwise), 0, 1'000'000'000));
}

const Value* condition_of(const Value& workload, std::string_view type) {
    const auto* conditions = workload.path("status", "conditions");
    if (conditions == nullptr) return nullptr;
    for (const auto& item : conditions->items())
        if (item.text_at("type") == type) return &item;
    return nullptr;
}

bool is_unobserved(const Value& workload) {
    return count_at(workload, "metadata", "generation") > count_at(workload, "status", "observedGeneration");
}

/// "1 of 3 Pods is updated", "2 of 3 Pods are updated".
std::string share(int some, int all, std::string_view what) {
    return fmt::format("{} of {} Pod{} {} {}", some, all, all == 1 ? "" : "s", some == 1 || all == 1 ? "is" : "are", what);
}

/// Why it is not ready; "" when it is.
std::string missing(const Readiness& seen, int old, int percent) {
    if (seen.updated < seen.desired) return share(seen.updated, seen.desired, "updated");
    if (old > 0) return fmt::format("{} old Pod{} still there", old, old == 1 ? " is" : "s are");
    const auto least = static_cast<int>(std::int64_t{seen.updated} * percent / 100);
    if (seen.available < least) return share(seen.available, seen.updated, "available");
    return {};
}

bool has_given_up(const Value& deployment) {
    const auto* progressing = condition_of(deployment, "Progressing");
    return progressing != nullptr && progressing->text_at("reason") == "ProgressDeadlineExceeded";
}

/// Flagger's clock: since the Deployment became unavailable.
bool is_late_for_flagger(const Value& deployment, const Patience& patience) {
    const auto* available = condition_of(deployment, "Available");
    if (available == nullptr || available->text_at("status") != "False" ||
        available->text_at("reason") != "MinimumReplicasUnavailable")
        return false;
    const auto updated = base::parse_rfc3339(available->text_at("lastUpdateTime"));
    return updated && *updated + patience.deadline < patience.now;
}

Readiness judged(const Value& workload, Readiness seen, int old, int percent, const Patience& patience, Compat compat) {
    const bool is_deployment = kube::kind_of(workload) == "Deployment";
    const bool is_behind = is_unobserved(workload);
    if (is_deployment && !is_behind && has_given_up(workload)) {
        seen.is_retriable = false;
        seen.reason = "the Deployment exceeded its own progress deadline";
        return seen;
    }
    seen.reason = is_behind ? "its controller has not seen it yet" : missing(seen, old, percent);
    seen.is_ready = seen.reason.empty();
    if (seen.is_ready) return seen;
    const bool keeps_flaggers_clock = compat == Compat::flagger && (is_deployment || is_behind);
    const bool is_late = keeps_flaggers_clock ? !is_behind && is_late_for_flagger(workload, patience)
                                              : patience.since + patience.deadline < patience.now;
    if (!is_late) return seen;
    seen.is_retriable = false;
    seen.reason += fmt::format(", and {} have passed", base::format_duration(patience.deadline));
    return seen;
}

}  // namespace

Readiness readiness(const Value& workload, int percent, const Patience& patience, Compat compat) {
    const auto kind = kube::kind_of(workload);
    Readiness seen;
    int old = 0;
    if (kind == "Deployment") {
        seen.desired = count_at(workload, "spec", "replicas", 1);
        seen.updated = count_at(workload, "status", "updatedReplicas");
        seen.available = count_at(workload, "status", "availableReplicas");
        old = count_at(workload, "status", "replicas") - seen.updated;
    } else if (kind == "DaemonSet") {
        seen.desired = count_at(workload, "status", "desiredNumberScheduled");
        seen.updated = count_at(workload, "status", "updatedNumberScheduled");
        seen.available = count_at(workload, "status", "numberAvailable");
    } else {
        seen.is_ready = seen.serves = true;
        return seen;
    }
    const auto least = std::max<std::int64_t>(1, std::int64_t{seen.desired} * percent / 100);
    seen.serves = seen.desired > 0 && seen.available >= least;
    return judged(workload, seen, old, percent, patience, compat);
}

}  // namespace gitops::rollout
