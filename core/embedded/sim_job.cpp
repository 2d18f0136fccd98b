// Jobs: Pods that run to an end, again after a failure until backoffLimit. The pause before another try is one Pod
// start, so that rehearsals of a failing Job take moments.
#include <algorithm>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/simulation.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_component = "job-controller";
constexpr std::int64_t k_most_pods = 1000;

struct Progress {
    std::int64_t active = 0, ready = 0, succeeded = 0, failed = 0;
    std::vector<Row> running;
    std::optional<std::string> trouble;
    base::Time last_failure{};
};

Progress read_progress(World& world, const Row& row) {
    Progress progress;
    for (Row& pod : world.store.dependents(kube::uid_of(row.object), "Pod")) {
        PodPhase phase = phase_of(pod.object);
        if (phase == PodPhase::succeeded) ++progress.succeeded;
        if (auto trouble = trouble_of(pod.object)) progress.trouble = "pod " + pod.key.name + ": " + *trouble;
        if (phase == PodPhase::failed) {
            ++progress.failed;
            progress.last_failure = std::max(progress.last_failure, pod.since + world.scenario.pod_start * 2);
        }
        if (is_over(phase)) continue;
        ++progress.active;
        progress.ready += is_ready(pod.object) ? 1 : 0;
        progress.running.push_back(std::move(pod));
    }
    return progress;
}

void finish(World& world, Row& row, Value& status, const Condition& condition) {
    set_condition(status, condition, world.at);
    status.erase("active");
    status.erase("ready");
    if (condition.type == "Complete") {
        status.set("completionTime", base::to_rfc3339(world.at));
        tell(world, row, "Completed", condition.message, k_component);
    } else {
        warn(world, row, condition.reason, condition.message, k_component);
    }
}

void stop_pods(World& world, Progress& progress) {
    for (const Row& pod : progress.running) delete_pod(world, pod);
    progress.running.clear();
    progress.active = progress.ready = 0;
}

void start_pods(World& world, Row& row, Progress& progress, std::int64_t completions) {
    std::int64_t parallel = std::clamp<std::int64_t>(int_or(row.object.path("spec", "parallelism"), 1), 0, k_most_pods);
    base::Time again = progress.last_failure + world.scenario.pod_start;
    if (progress.failed > 0 && world.at < again) {
        world.timers.wake(row, again);
        return;
    }
    while (progress.active < std::min(parallel, completions - progress.succeeded)) {
        std::string name = row.key.name + "-" + short_hash(row.key.name + std::to_string(world.store.version()), 5);
        std::string uid(kube::uid_of(row.object));
        NewPod pod{name,
                   {{"batch.kubernetes.io/job-name", row.key.name},
                    {"job-name", row.key.name},
                    {"batch.kubernetes.io/controller-uid", uid},
                    {"controller-uid", uid}},
                   {}};
        create_pod(world, row, *row.object.path("spec", "template"), pod);
        tell(world, row, "SuccessfulCreate", "created pod " + name, k_component);
        ++progress.active;
    }
}

/// When the Job ran out of time; nullopt without a deadline.
std::optional<base::Time> deadline_of(const Row& row, const Value& status) {
    const Value* seconds = row.object.path("spec", "activeDeadlineSeconds");
    auto start = base::parse_rfc3339(status.text_at("startTime"));
    if (seconds == nullptr || !start) return std::nullopt;
    return *start + std::chrono::seconds(std::clamp<std::int64_t>(int_or(seconds, 0), 0, 1LL << 31));
}

/// Removes a finished Job ttlSecondsAfterFinished after its end; true when it is gone.
void expire(World& world, Row& row) {
    const Value* ttl = row.object.path("spec", "ttlSecondsAfterFinished");
    if (ttl == nullptr) return;
    const Value* end = find_condition(row.object, "Complete");
    if (end == nullptr) end = find_condition(row.object, "Failed");
    auto when = end == nullptr ? std::nullopt : base::parse_rfc3339(end->text_at("lastTransitionTime"));
    if (!when) return;
    base::Time last = *when + std::chrono::seconds(std::clamp<std::int64_t>(int_or(ttl, 0), 0, 1LL << 31));
    if (world.at < last) world.timers.wake(row, last);
    else begin_deletion(world, row, kube::Propagation::background);
}

void suspend(World& world, Row& row, Value& status, Progress& progress) {
    stop_pods(world, progress);
    status.erase("startTime");
    set_condition(status, {"Suspended", "True", "JobSuspended", "the Job is suspended"}, world.at);
    set_status(world, row, std::move(status));
}

/// Ends the Job if it has come to an end; false when it goes on.
bool conclude(World& world, Row& row, Value& status, Progress& progress, std::int64_t completions) {
    std::int64_t limit = int_or(row.object.path("spec", "backoffLimit"), 6);
    auto deadline = deadline_of(row, status);
    if (progress.succeeded >= completions) {
        finish(world, row, status, {"Complete", "True", "CompletionsReached", "all Pods ended well"});
    } else if (progress.failed > limit) {
        std::string message = std::to_string(progress.failed) + " Pods failed, backoffLimit is " + std::to_string(limit);
        if (progress.trouble) message += ": " + *progress.trouble;
        finish(world, row, status, {"Failed", "True", "BackoffLimitExceeded", std::move(message)});
    } else if (deadline && world.at >= *deadline) {
        std::string message = "the Job ran longer than activeDeadlineSeconds";
        if (progress.trouble) message += ": " + *progress.trouble;
        finish(world, row, status, {"Failed", "True", "DeadlineExceeded", std::move(message)});
    } else {
        if (deadline) world.timers.wake(row, *deadline);
        return false;
    }
    stop_pods(world, progress);
    return true;
}

}  // namespace

void simulate_job(World& world, Row& row) {
    if (row.object.path("spec", "template") == nullptr) return;
    if (find_condition(row.object, "Complete") != nullptr || find_condition(row.object, "Failed") != nullptr)
        return expire(world, row);
    Progress progress = read_progress(world, row);
    Value status = copy_or_null(row.object.find("status"));
    if (status.is_null()) status = Value::map();
    const Value* suspended = row.object.path("spec", "suspend");
    if (suspended != nullptr && suspended->as_bool()) return suspend(world, row, status, progress);
    if (find_condition(row.object, "Suspended") != nullptr)
        set_condition(status, {"Suspended", "False", "JobResumed", "the Job goes on"}, world.at);
    if (!status.has("startTime")) status.set("startTime", base::to_rfc3339(world.at));
    const Value* wanted = row.object.path("spec", "completions");
    std::int64_t completions = std::clamp<std::int64_t>(int_or(wanted, 1), 0, k_most_pods);
    bool over = conclude(world, row, status, progress, completions);
    if (!over) start_pods(world, row, progress, completions);
    for (std::string_view counter : {"active", "ready", "succeeded", "failed"}) status.erase(counter);
    set_count(status, "active", progress.active);
    if (!over) status.set("ready", progress.ready);
    set_count(status, "succeeded", progress.succeeded);
    set_count(status, "failed", progress.failed);
    set_status(world, row, std::move(status));
    if (over) expire(world, row);
    wake_controller(world, row);
}

}  // namespace gitops::embedded
