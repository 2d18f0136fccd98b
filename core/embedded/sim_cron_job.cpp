// CronJobs: a Job at each scheduled minute. Minutes that passed while nobody looked are not made up for: only the
// latest of them starts a Job, as Kubernetes' controller does after a pause. Times are UTC.
#include <algorithm>

#include "core/embedded/cron.hpp"
#include "core/embedded/documents.hpp"
#include "core/embedded/simulation.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_component = "cronjob-controller";

bool is_finished(const Row& job) {
    return find_condition(job.object, "Complete") != nullptr || find_condition(job.object, "Failed") != nullptr;
}

Row create_job(World& world, const Row& row, base::Time scheduled) {
    const Value* wanted = row.object.path("spec", "jobTemplate");
    auto minutes = std::chrono::duration_cast<std::chrono::minutes>(scheduled.time_since_epoch()).count();
    std::string name = row.key.name + "-" + std::to_string(minutes);
    Value metadata = map_of({{"name", name}, {"namespace", row.key.ns}});
    for (std::string_view field : {"labels", "annotations"})
        if (const Value* texts = wanted == nullptr ? nullptr : wanted->path("metadata", field)) metadata.set(field, *texts);
    metadata.at("annotations").set("batch.kubernetes.io/cronjob-scheduled-timestamp", base::to_rfc3339(scheduled));
    metadata.set("ownerReferences", Value::list({controller_reference(row.object)}));
    Value job = kube::with_defaults(map_of({{"apiVersion", "batch/v1"},
                                            {"kind", "Job"},
                                            {"metadata", std::move(metadata)},
                                            {"spec", copy_or_null(wanted == nullptr ? nullptr : wanted->find("spec"))}}));
    tell(world, row, "SuccessfulCreate", "created job " + name, k_component);
    return add_object(world, {"batch", "Job", row.key.ns, name}, std::move(job));
}

/// Keeps the newest finished Jobs of either outcome.
void forget_history(World& world, const Row& row, const std::vector<Row>& jobs, std::string_view outcome,
                    std::int64_t limit) {
    std::vector<Row> finished;
    for (const Row& job : jobs)
        if (find_condition(job.object, outcome) != nullptr) finished.push_back(job);
    std::int64_t surplus = static_cast<std::int64_t>(finished.size()) - std::max<std::int64_t>(0, limit);
    for (std::int64_t i = 0; i < surplus; ++i) {
        const Row& job = finished[static_cast<std::size_t>(i)];
        tell(world, row, "SuccessfulDelete", "deleted job " + job.key.name, k_component);
        begin_deletion(world, job, kube::Propagation::background);
    }
}

/// Starts the Job that is due, if one is. Returns when to look again.
std::optional<base::Time> start_scheduled(World& world, const Row& row, const CronSchedule& schedule,
                                          std::vector<Row>& jobs, Value& status) {
    base::Time floor = base::parse_rfc3339(status.text_at("lastScheduleTime")).value_or(row.since);
    auto due = schedule.last_within(floor, world.now);
    if (!due) return schedule.next_after(world.at);
    // What lies between this instant and now is one start, at the latest of the scheduled minutes.
    if (*due > world.at) return due;
    std::string policy = text_or(row.object.path("spec", "concurrencyPolicy"), "Allow");
    auto active = [](const Row& job) { return !is_finished(job); };
    bool busy = std::ranges::any_of(jobs, active);
    auto next = schedule.next_after(world.at);
    if (busy && policy == "Forbid") return next;
    if (busy && policy == "Replace")
        for (const Row& job : jobs)
            if (active(job)) begin_deletion(world, job, kube::Propagation::background);
    jobs.push_back(create_job(world, row, *due));
    status.set("lastScheduleTime", base::to_rfc3339(*due));
    return next;
}

Value active_references(const std::vector<Row>& jobs) {
    Value active = Value::list();
    for (const Row& job : jobs)
        if (!is_finished(job))
            active.push_back(map_of({{"apiVersion", "batch/v1"},
                                     {"kind", "Job"},
                                     {"namespace", job.key.ns},
                                     {"name", job.key.name},
                                     {"uid", kube::uid_of(job.object)}}));
    return active;
}

}  // namespace

void simulate_cron_job(World& world, Row& row) {
    auto schedule = CronSchedule::parse(text_or(row.object.path("spec", "schedule"), ""));
    if (!schedule) {
        warn(world, row, "UnparseableSchedule", "spec.schedule is no cron schedule", k_component);
        return;
    }
    Value status = copy_or_null(row.object.find("status"));
    if (status.is_null()) status = Value::map();
    std::vector<Row> jobs = world.store.dependents(kube::uid_of(row.object), "Job");
    forget_history(world, row, jobs, "Complete", int_or(row.object.path("spec", "successfulJobsHistoryLimit"), 3));
    forget_history(world, row, jobs, "Failed", int_or(row.object.path("spec", "failedJobsHistoryLimit"), 1));
    const Value* suspended = row.object.path("spec", "suspend");
    if (suspended == nullptr || !suspended->as_bool())
        if (auto next = start_scheduled(world, row, *schedule, jobs, status)) world.timers.wake(row, *next);
    for (const Row& job : jobs)
        if (const Value* done = job.object.path("status", "completionTime"); done != nullptr)
            if (status.text_at("lastSuccessfulTime") < done->text()) status.set("lastSuccessfulTime", *done);
    Value active = active_references(jobs);
    if (active.empty()) status.erase("active");
    else status.set("active", std::move(active));
    set_status(world, row, std::move(status));
}

}  // namespace gitops::embedded
