// Pods: they start, crash, wait for images and end; and how controllers make, count and delete them.
#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/simulation.hpp"
#include "core/doc/patch.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// The next status of a Pod, and when to look again.
struct Step {
    PodScene scene;
    std::optional<base::Time> next;
};

bool runs_for_ever(const Value& pod) {
    const Value* policy = pod.path("spec", "restartPolicy");
    return policy == nullptr || policy->text() == "Always";
}

Step crash(const World& world, const Row& row, PodPhase before) {
    base::Duration start = world.scenario.pod_start;
    Step step;
    step.scene.since = row.since;
    if (before == PodPhase::running) step.scene.since = world.at - start;  // it ran until now
    if (before == PodPhase::pull_error || before == PodPhase::pull_waiting) step.scene.since = world.at;
    base::Time crashed = step.scene.since + start;
    if (world.at < crashed) {
        step.next = crashed;
    } else if (runs_for_ever(row.object)) {
        // A Pod that nobody looked at for a week is not led through every restart.
        BackOff back_off = back_off_after(world.now - crashed);
        step.scene.phase = PodPhase::crashing;
        step.scene.restarts = back_off.restarts;
        step.scene.back_off = back_off.wait;
        step.next = crashed + back_off.until;
    } else if (world.at < crashed + start) {
        step.scene.phase = PodPhase::working;
        step.next = crashed + start;
    } else {
        step.scene.phase = PodPhase::failed;
    }
    return step;
}

Step fail_to_pull(const World& world, const Row& row, PodPhase before) {
    base::Duration start = world.scenario.pod_start;
    Step step;
    step.scene.since = before == PodPhase::crashing ? world.at : row.since;
    base::Time refused = step.scene.since + start / 2, given_up = step.scene.since + start;
    if (world.at < refused) {
        step.next = refused;
    } else if (world.at < given_up) {
        step.scene.phase = PodPhase::pull_error;
        step.next = given_up;
    } else {
        step.scene.phase = PodPhase::pull_waiting;
    }
    return step;
}

Step start_up(const World& world, const Row& row, PodPhase before, base::Duration start) {
    Step step;
    bool heals = before == PodPhase::crashing || before == PodPhase::pull_error || before == PodPhase::pull_waiting;
    step.scene.since = heals ? world.at : row.since;
    base::Time up = step.scene.since + start, end = up + world.scenario.pod_start;
    if (world.at < up) {
        step.next = up;
    } else if (runs_for_ever(row.object)) {
        step.scene.phase = PodPhase::running;
    } else if (world.at < end) {
        step.scene.phase = PodPhase::working;
        step.next = end;
    } else {
        step.scene.phase = PodPhase::succeeded;
    }
    return step;
}

Step next_step(const World& world, const Row& row) {
    PodPhase before = phase_of(row.object);
    auto struck = struck_container(world.scenario.faults, *row.object.find("spec"));
    FaultKind kind = struck ? struck->kind : FaultKind::slow_start;
    base::Duration start = struck && kind == FaultKind::slow_start ? struck->delay : world.scenario.pod_start;
    Step step;
    // A Pod that runs has its image and has started: only a crash can reach it.
    if (before == PodPhase::running && kind != FaultKind::crash_loop) step.scene.phase = PodPhase::running;
    else if (kind == FaultKind::crash_loop) step = crash(world, row, before);
    else if (kind == FaultKind::pull_failure) step = fail_to_pull(world, row, before);
    else step = start_up(world, row, before, start);
    if (before == PodPhase::running && step.scene.phase == PodPhase::running) step.scene.since = row.since;
    step.scene.struck = std::move(struck);
    step.scene.at = world.at;
    return step;
}

}  // namespace

void simulate_pod(World& world, Row& row) {
    if (row.object.path("spec") == nullptr || is_over(phase_of(row.object))) return;
    Step step = next_step(world, row);
    bool runs_on = phase_of(row.object) == PodPhase::running && step.scene.phase == PodPhase::running;
    if (step.next) world.timers.wake(row, *step.next);
    if (runs_on) return;
    row.since = step.scene.since;
    if (set_status(world, row, pod_status(row.object, step.scene))) {
        wake_controller(world, row);
        if (controller_uid(row.object).empty()) wake_observers(world, row.key.ns);
    }
}

PodCount count_pods(World& world, const Row& owner) {
    PodCount count;
    base::Duration wait = std::chrono::seconds(int_or(owner.object.path("spec", "minReadySeconds"), 0));
    for (Row& pod : world.store.dependents(kube::uid_of(owner.object), "Pod")) {
        if (kube::is_being_deleted(pod.object) || is_over(phase_of(pod.object)) ||
            controller_uid(pod.object) != kube::uid_of(owner.object))
            continue;
        if (auto since = ready_since(pod.object)) {
            ++count.ready;
            base::Time when = *since + wait;
            if (wait == base::Duration(0) || when <= world.at) ++count.available;
            else if (!count.next || when < *count.next) count.next = when;
        }
        count.pods.push_back(std::move(pod));
    }
    return count;
}

Row create_pod(World& world, const Row& owner, const Value& pod_template, const NewPod& pod) {
    Value metadata = map_of({{"name", pod.name}, {"namespace", owner.key.ns}});
    for (std::string_view field : {"labels", "annotations"})
        if (const Value* texts = pod_template.path("metadata", field)) metadata.set(field, *texts);
    for (const auto& [key, text] : pod.labels) metadata.at("labels").set(key, text);
    metadata.set("ownerReferences", Value::list({controller_reference(owner.object)}));
    Value spec = copy_or_null(pod_template.find("spec"));
    if (!pod.overrides.is_null()) spec = doc::merge_patch(spec, pod.overrides);
    spec.set("nodeName", "local-node");
    if (!spec.has("serviceAccountName")) spec.set("serviceAccountName", "default");
    Value object = map_of({{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}});
    PodScene scene;
    scene.since = scene.at = world.at;
    object.set("status", pod_status(object, scene));
    // The image of a Pod that cannot be pulled is missed half-way.
    base::Time first_look = world.at + world.scenario.pod_start / (world.scenario.faults.empty() ? 1 : 2);
    return add_object(world, {"", "Pod", owner.key.ns, pod.name}, std::move(object), first_look);
}

void delete_pod(World& world, const Row& pod) { begin_deletion(world, pod, kube::Propagation::background); }

}  // namespace gitops::embedded
