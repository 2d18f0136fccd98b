#include "tests/kube/pod_fate.hpp"

#include <chrono>

#include "core/base/clock.hpp"
#include "core/kube/resource.hpp"

namespace gitops::test {

namespace {

using doc::Value;

enum class Fate { runs, crashes, image_missing, succeeds, fails };

std::string now() { return base::to_rfc3339(base::SystemClock().now()); }

Value map_of(std::vector<std::pair<const char*, Value>> fields) {
    auto map = Value::map();
    for (auto& [name, value] : fields) map.set(name, std::move(value));
    return map;
}

bool is_of_job(const Value& pod) {
    const auto* owners = pod.path("metadata", "ownerReferences");
    if (owners == nullptr) return false;
    for (const auto& owner : owners->items())
        if (owner.text_at("kind") == "Job") return true;
    return false;
}

Fate decide(const Value& pod, std::string_view image) {
    if (image.find("missing") != std::string_view::npos) return Fate::image_missing;
    const bool crashes = image.find("crash") != std::string_view::npos;
    if (is_of_job(pod)) return crashes ? Fate::fails : Fate::succeeds;
    return crashes ? Fate::crashes : Fate::runs;
}

Value terminated(int exit_code, const char* reason) {
    return map_of({{"terminated", map_of({{"exitCode", exit_code}, {"reason", reason}, {"finishedAt", now()}})}});
}

Value waiting(const char* reason, std::string message) {
    return map_of({{"waiting", map_of({{"reason", reason}, {"message", std::move(message)}})}});
}

Value state_of(Fate fate, const Value& container) {
    switch (fate) {
    case Fate::runs: return map_of({{"running", map_of({{"startedAt", now()}})}});
    case Fate::crashes:
        return waiting("CrashLoopBackOff", "back-off 40s restarting failed container=" +
                                               std::string(container.text_at("name")));
    case Fate::image_missing:
        return waiting("ImagePullBackOff", "Back-off pulling image \"" + std::string(container.text_at("image")) + "\"");
    case Fate::succeeds: return terminated(0, "Completed");
    case Fate::fails: return terminated(1, "Error");
    }
    return {};
}

Value container_status(Fate fate, const Value& container) {
    auto status = map_of({{"name", container.text_at("name")},
                          {"image", container.text_at("image")},
                          {"imageID", ""},
                          {"ready", fate == Fate::runs},
                          {"started", fate == Fate::runs},
                          {"restartCount", fate == Fate::crashes ? 3 : 0},
                          {"state", state_of(fate, container)}});
    if (fate == Fate::crashes) status.set("lastState", terminated(1, "Error"));
    return status;
}

const char* phase_of(Fate fate) {
    switch (fate) {
    case Fate::runs:
    case Fate::crashes: return "Running";
    case Fate::image_missing: return "Pending";
    case Fate::succeeds: return "Succeeded";
    case Fate::fails: return "Failed";
    }
    return "";
}

Value condition(const char* type, bool holds, const char* reason) {
    auto condition = map_of({{"type", type}, {"status", holds ? "True" : "False"}, {"lastTransitionTime", now()}});
    if (!holds) condition.set("reason", reason);
    return condition;
}

Value conditions(Fate fate) {
    const bool ready = fate == Fate::runs;
    const char* reason = fate == Fate::succeeds ? "PodCompleted" : "ContainersNotReady";
    return Value::list({condition("Initialized", true, ""), condition("Ready", ready, reason),
                        condition("ContainersReady", ready, reason), condition("PodScheduled", true, "")});
}

std::optional<Value> event_of(Fate fate, const Value& pod, const Value& container) {
    if (fate != Fate::crashes && fate != Fate::image_missing) return std::nullopt;
    const bool crashes = fate == Fate::crashes;
    const std::string name(kube::name_of(pod)), ns(kube::namespace_of(pod));
    const std::string image(container.text_at("image"));
    return map_of(
        {{"apiVersion", "v1"},
         {"kind", "Event"},
         {"metadata", map_of({{"name", name + ".1"}, {"namespace", ns}})},
         {"involvedObject",
          map_of({{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", name}, {"namespace", ns},
                  {"uid", pod.path("metadata", "uid") != nullptr ? *pod.path("metadata", "uid") : Value()},
                  {"fieldPath", "spec.containers{" + std::string(container.text_at("name")) + "}"}})},
         {"type", "Warning"},
         {"reason", crashes ? "BackOff" : "Failed"},
         {"message", crashes ? "Back-off restarting failed container"
                             : "Failed to pull image \"" + image + "\": manifest unknown"},
         {"source", map_of({{"component", "kubelet"}})},
         {"count", 1},
         {"firstTimestamp", now()},
         {"lastTimestamp", now()}});
}

}  // namespace

PodFate fate_of(const Value& pod) {
    PodFate result;
    auto statuses = Value::list();
    auto worst = Fate::runs;
    if (const auto* containers = pod.path("spec", "containers")) {
        for (const auto& container : containers->items()) {
            const auto fate = decide(pod, container.text_at("image"));
            if (fate != Fate::runs) worst = fate;
            if (!result.event) result.event = event_of(fate, pod, container);
            statuses.push_back(container_status(fate, container));
        }
    }
    result.status = map_of({{"status", map_of({{"phase", phase_of(worst)},
                                               {"conditions", conditions(worst)},
                                               {"containerStatuses", std::move(statuses)},
                                               {"podIP", "10.1.0.1"},
                                               {"startTime", now()}})}});
    return result;
}

}  // namespace gitops::test
