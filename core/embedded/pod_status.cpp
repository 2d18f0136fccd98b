#include "core/embedded/pod_status.hpp"

#include <algorithm>
#include <array>

#include "core/embedded/documents.hpp"
#include "core/base/digest.hpp"
#include "core/kube/resource.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_node_ip = "10.0.0.2";
constexpr base::Duration k_first_wait = std::chrono::seconds(10);
constexpr base::Duration k_longest_wait = std::chrono::minutes(5);

/// The reason a container in this phase waits for; "" when it does not wait.
std::string_view waiting_reason(PodPhase phase) {
    switch (phase) {
        case PodPhase::starting: return "ContainerCreating";
        case PodPhase::crashing: return "CrashLoopBackOff";
        case PodPhase::pull_error: return "ErrImagePull";
        case PodPhase::pull_waiting: return "ImagePullBackOff";
        case PodPhase::running:
        case PodPhase::working:
        case PodPhase::succeeded:
        case PodPhase::failed: return "";
    }
    return "";
}

std::string_view phase_name(PodPhase phase) {
    switch (phase) {
        case PodPhase::starting:
        case PodPhase::pull_error:
        case PodPhase::pull_waiting: return "Pending";
        case PodPhase::running:
        case PodPhase::working:
        case PodPhase::crashing: return "Running";
        case PodPhase::succeeded: return "Succeeded";
        case PodPhase::failed: return "Failed";
    }
    return "Unknown";
}

std::string waiting_message(const PodScene& scene) {
    const Struck& struck = *scene.struck;
    switch (scene.phase) {
        case PodPhase::crashing:
            return "the container ended with exit code 1; the next start is " + base::format_duration(scene.back_off) +
                   " after the last";
        case PodPhase::pull_error: return "the image " + struck.image + " cannot be pulled";
        case PodPhase::pull_waiting: return "the image " + struck.image + " cannot be pulled; the next try waits";
        case PodPhase::starting:
        case PodPhase::running:
        case PodPhase::working:
        case PodPhase::succeeded:
        case PodPhase::failed: return "";
    }
    return "";
}

Value terminated(const PodScene& scene, std::int64_t exit_code) {
    return map_of({{"terminated", map_of({{"exitCode", exit_code},
                                          {"reason", exit_code == 0 ? "Completed" : "Error"},
                                          {"startedAt", base::to_rfc3339(scene.since)},
                                          {"finishedAt", base::to_rfc3339(scene.at)}})}});
}

/// The state of one container; the struck one is in trouble, the others go on.
Value container_state(const PodScene& scene, bool is_struck) {
    bool waits_too = scene.phase == PodPhase::pull_error || scene.phase == PodPhase::pull_waiting;
    bool troubled = scene.phase == PodPhase::crashing || waits_too;
    if (scene.phase == PodPhase::succeeded) return terminated(scene, 0);
    if (scene.phase == PodPhase::failed) return terminated(scene, is_struck ? 1 : 0);
    if (troubled && is_struck)
        return map_of({{"waiting", map_of({{"reason", waiting_reason(scene.phase)}, {"message", waiting_message(scene)}})}});
    if (scene.phase == PodPhase::starting)
        return map_of({{"waiting", map_of({{"reason", waiting_reason(scene.phase)}})}});
    return map_of({{"running", map_of({{"startedAt", base::to_rfc3339(scene.since)}})}});
}

Value container_status(const Value& container, const PodScene& scene) {
    std::string_view name = container.text_at("name");
    bool is_struck = scene.struck && scene.struck->container == name;
    Value state = container_state(scene, is_struck);
    bool runs = state.has("running");
    bool pulled = scene.phase != PodPhase::starting && !(is_struck && !runs && scene.phase != PodPhase::crashing &&
                                                         scene.phase != PodPhase::failed);
    std::string image(container.text_at("image"));
    Value status = map_of({{"name", name},
                           {"image", image},
                           {"imageID", pulled ? image : std::string()},
                           {"ready", runs},
                           {"started", runs},
                           {"restartCount", is_struck ? scene.restarts : std::int64_t{0}},
                           {"state", std::move(state)}});
    if (is_struck && scene.phase == PodPhase::crashing) status.set("lastState", terminated(scene, 1));
    return status;
}

void set_conditions(Value& status, const PodScene& scene, std::string_view scheduled) {
    bool ready = scene.phase == PodPhase::running || scene.phase == PodPhase::working;
    std::string_view reason = ready ? "" : scene.phase == PodPhase::succeeded ? "PodCompleted" : "ContainersNotReady";
    std::string message;
    if (scene.struck && !ready && !waiting_reason(scene.phase).empty() && scene.phase != PodPhase::starting)
        message = "container " + scene.struck->container + " is not ready: " + std::string(waiting_reason(scene.phase));
    auto plain = [&](std::string_view type) {
        return map_of({{"type", type}, {"status", "True"}, {"lastTransitionTime", scheduled}});
    };
    if (!status.has("conditions"))
        status.set("conditions", Value::list({plain("PodScheduled"), plain("Initialized")}));
    for (std::string_view type : {"ContainersReady", "Ready"})
        set_condition(status, {type, ready ? "True" : "False", reason, message}, scene.at);
}

std::string pod_ip(std::string_view uid) {
    std::string digest = base::sha256_hex(uid);
    auto byte = [&](std::size_t at) { return std::to_string(std::stoi(digest.substr(at, 2), nullptr, 16)); };
    return "10.244." + byte(0) + "." + byte(2);
}

const Value* waiting_container(const Value& pod) {
    for (std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
        const Value* statuses = pod.path("status", list);
        if (statuses == nullptr) continue;
        for (const Value& status : statuses->items())
            if (const Value* reason = status.path("state", "waiting", "reason");
                reason != nullptr && reason->text() != "ContainerCreating")
                return &status;
    }
    return nullptr;
}

}  // namespace

PodPhase phase_of(const Value& pod) {
    std::string phase = text_or(pod.path("status", "phase"), "Pending");
    if (phase == "Succeeded") return PodPhase::succeeded;
    if (phase == "Failed") return PodPhase::failed;
    if (const Value* container = waiting_container(pod)) {
        std::string_view reason = container->path("state", "waiting", "reason")->text();
        for (PodPhase troubled : {PodPhase::crashing, PodPhase::pull_error, PodPhase::pull_waiting})
            if (reason == waiting_reason(troubled)) return troubled;
    }
    if (phase != "Running") return PodPhase::starting;
    const Value* policy = pod.path("spec", "restartPolicy");
    return policy == nullptr || policy->text() == "Always" ? PodPhase::running : PodPhase::working;
}

bool is_over(PodPhase phase) { return phase == PodPhase::succeeded || phase == PodPhase::failed; }

Value pod_status(const Value& pod, const PodScene& scene) {
    Value status = map_of({{"phase", phase_name(scene.phase)}});
    if (const Value* conditions = pod.path("status", "conditions")) status.set("conditions", *conditions);
    std::string start = text_or(pod.path("status", "startTime"), base::to_rfc3339(scene.at));
    set_conditions(status, scene, start);
    status.set("hostIP", k_node_ip);
    if (scene.phase != PodPhase::starting) {
        std::string ip = text_or(pod.path("status", "podIP"), "");
        if (ip.empty()) ip = pod_ip(kube::uid_of(pod));
        status.set("podIP", ip);
    }
    status.set("startTime", start);
    Value statuses = Value::list();
    if (const Value* containers = pod.path("spec", "containers"))
        for (const Value& container : containers->items()) statuses.push_back(container_status(container, scene));
    status.set("containerStatuses", std::move(statuses));
    bool in_init = false;
    if (const Value* init = pod.path("spec", "initContainers"); init != nullptr && !init->empty()) {
        Value done = Value::list();
        PodScene init_scene = scene;
        for (const Value& container : init->items()) {
            bool is_struck = scene.struck && scene.struck->container == container.text_at("name");
            in_init |= is_struck && scene.phase != PodPhase::starting;
            if (!is_struck && scene.phase != PodPhase::starting) init_scene.phase = PodPhase::succeeded;
            else init_scene.phase = scene.phase;
            done.push_back(container_status(container, init_scene));
        }
        status.set("initContainerStatuses", std::move(done));
    }
    if (in_init && scene.phase == PodPhase::crashing) status.set("phase", "Pending");
    status.set("qosClass", "Burstable");
    return status;
}

bool is_ready(const Value& pod) { return ready_since(pod).has_value(); }

std::optional<base::Time> ready_since(const Value& pod) {
    const Value* ready = find_condition(pod, "Ready");
    if (ready == nullptr || ready->text_at("status") != "True") return std::nullopt;
    return base::parse_rfc3339(ready->text_at("lastTransitionTime")).value_or(base::Time{});
}

std::optional<std::string> trouble_of(const Value& pod) {
    if (phase_of(pod) == PodPhase::failed) {
        const Value* statuses = pod.path("status", "containerStatuses");
        for (const Value& status : statuses == nullptr ? std::span<const Value>() : statuses->items())
            if (int_or(status.path("state", "terminated", "exitCode"), 0) != 0)
                return "container " + std::string(status.text_at("name")) + ": ended with exit code " +
                       std::to_string(int_or(status.path("state", "terminated", "exitCode"), 0)) + " (image " +
                       std::string(status.text_at("image")) + ")";
        return std::nullopt;
    }
    const Value* status = waiting_container(pod);
    if (status == nullptr) return std::nullopt;
    return "container " + std::string(status->text_at("name")) + ": " +
           std::string(status->path("state", "waiting", "reason")->text()) + " (image " +
           std::string(status->text_at("image")) + ")";
}

BackOff back_off_after(base::Duration since_first_crash) {
    BackOff back_off{1, k_first_wait, k_first_wait};
    while (back_off.until <= since_first_crash && back_off.wait < k_longest_wait) {
        ++back_off.restarts;
        back_off.wait = std::min(back_off.wait * 2, k_longest_wait);
        back_off.until += back_off.wait;
    }
    if (back_off.until <= since_first_crash) {
        std::int64_t more = (since_first_crash - back_off.until) / k_longest_wait + 1;
        back_off.restarts += more;
        back_off.until += more * k_longest_wait;
    }
    return back_off;
}

}  // namespace gitops::embedded
