#include <string_view>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/recorder.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_scheduler = "scheduler";
constexpr std::string_view k_kubelet = "kubelet";

std::string images_of(const Value& pod) {
    std::string images;
    if (const Value* containers = pod.path("spec", "containers"))
        for (const Value& container : containers->items())
            images += (images.empty() ? "" : ", ") + std::string(container.text_at("image"));
    return images;
}

std::int64_t restarts_of(const Value& pod) {
    std::int64_t restarts = 0;
    if (const Value* statuses = pod.path("status", "containerStatuses"))
        for (const Value& status : statuses->items()) restarts += int_or(status.find("restartCount"), 0);
    return restarts;
}

/// When the Pod entered its phase: the last change of its Ready condition.
base::Time entered(const Value& pod, base::Time born) {
    const Value* ready = find_condition(pod, "Ready");
    return ready == nullptr ? born : base::parse_rfc3339(ready->text_at("lastTransitionTime")).value_or(born);
}

}  // namespace

std::vector<Value> pod_events(const Row& row) {
    const Value& pod = row.object;
    Subject subject = subject_of(pod);
    base::Time born =
        base::parse_rfc3339(text_or(pod.path("metadata", "creationTimestamp"), "")).value_or(row.since);
    base::Time then = entered(pod, born);
    std::vector<Value> events;
    auto add = [&](std::string_view type, std::string_view reason, std::string message, std::string_view who,
                   base::Time first, std::int64_t count) {
        Note note{std::string(type), std::string(reason), std::move(message), std::string(who), first, first, count};
        events.push_back(event_object(subject, note, static_cast<std::int64_t>(events.size())));
    };
    add("Normal", "Scheduled", "placed on local-node", k_scheduler, born, 1);
    auto trouble = trouble_of(pod);
    auto running = [&] {
        add("Normal", "Pulled", "pulled " + images_of(pod), k_kubelet, then, 1);
        add("Normal", "Started", "started", k_kubelet, then, 1);
    };
    switch (phase_of(pod)) {
        case PodPhase::starting: break;
        case PodPhase::running:
        case PodPhase::working: running(); break;
        case PodPhase::crashing:
            running();
            add("Warning", "BackOff", trouble.value_or("a container keeps ending"), k_kubelet, then, restarts_of(pod));
            break;
        case PodPhase::pull_error:
            add("Warning", "Failed", trouble.value_or("an image cannot be pulled"), k_kubelet, then, 1);
            break;
        case PodPhase::pull_waiting:
            add("Warning", "Failed", "an image cannot be pulled", k_kubelet, then, 1);
            add("Warning", "BackOff", trouble.value_or("an image cannot be pulled"), k_kubelet, then, 1);
            break;
        case PodPhase::succeeded:
            running();
            add("Normal", "Completed", "ended with exit code 0", k_kubelet, then, 1);
            break;
        case PodPhase::failed:
            running();
            add("Warning", "Failed", trouble.value_or("ended with an error"), k_kubelet, then, 1);
            break;
    }
    return events;
}

}  // namespace gitops::embedded
