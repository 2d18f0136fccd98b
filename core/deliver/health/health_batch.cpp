#include <string>

#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {

// Only the presence of a condition counts for a job, not its status: so a resumed one (Suspended=False, still running)
// is Healthy, as in Argo CD.
std::optional<Health> job_health(const doc::Value& object) {
    bool ended = false;
    std::optional<Condition> failed, suspended, last;
    for (const auto& item : conditions_of(object).items()) {
        const auto condition = condition_of(item);
        if (condition.type == "Failed") failed = condition;
        else if (condition.type == "Suspended" && condition.is_true()) suspended = condition;
        else if (condition.type != "Complete" && condition.type != "Suspended") continue;
        ended = true;
        last = condition;
    }
    if (!ended) return Health{HealthStatus::progressing, "Waiting for the job to complete"};
    if (failed) return Health{HealthStatus::degraded, std::string(failed->message)};
    if (suspended) return Health{HealthStatus::suspended, std::string(suspended->message)};
    return Health{HealthStatus::healthy, std::string(last->message)};
}

std::optional<Health> cron_job_health(const doc::Value& object) {
    if (flag_at(object, "spec.suspend")) return Health{HealthStatus::healthy, "CronJob is Suspended"};
    const auto* status = object.find("status");
    if (status == nullptr || !status->is_map())
        return Health{HealthStatus::progressing, "Waiting for the CronJob to be reconciled"};
    const auto scheduled = status->text_at("lastScheduleTime");
    const auto succeeded = status->text_at("lastSuccessfulTime");
    if (scheduled.empty()) return Health{HealthStatus::healthy, "The CronJob has never been scheduled"};
    if (succeeded.empty())
        return Health{HealthStatus::healthy, "The CronJob never completed successfully. It may not be healthy"};
    if (const auto* active = status->find("active"); active != nullptr && !active->empty())
        return Health{HealthStatus::healthy, "The job is running. Its last execution may not have been successful"};
    if (succeeded < scheduled)  // both in UTC to the second, as the API server writes them
        return Health{HealthStatus::degraded, "The last execution of the CronJob failed"};
    return Health{HealthStatus::healthy, "The last execution of the CronJob succeeded"};
}

std::optional<Health> workflow_health(const doc::Value& object) {
    const auto phase = text_at(object, "status.phase");
    const std::string message(text_at(object, "status.message"));
    if (phase.empty() || phase == "Pending" || phase == "Running") return Health{HealthStatus::progressing, message};
    if (phase == "Succeeded") return Health{HealthStatus::healthy, message};
    if (phase == "Failed" || phase == "Error") return Health{HealthStatus::degraded, message};
    return Health{HealthStatus::unknown, message};
}

}  // namespace gitops::deliver
