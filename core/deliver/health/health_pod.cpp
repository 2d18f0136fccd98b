#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/deliver/health/health_rules.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

constexpr std::string_view k_ignore_restart_policy = "argocd.argoproj.io/ignore-restart-policy";

bool is_hook(const doc::Value& pod) {
    return !kube::annotation_of(pod, "argocd.argoproj.io/hook").empty() ||
           !kube::annotation_of(pod, "helm.sh/hook").empty();
}

/// A pod that is meant to run for ever; a hook's pod ends, and an error in it may still pass.
bool runs_forever(const doc::Value& pod) {
    if (text_at(pod, "spec.restartPolicy") == "Always") return true;
    return kube::annotation_of(pod, k_ignore_restart_policy) == "true" && !is_hook(pod);
}

std::span<const doc::Value> containers(const doc::Value& pod, std::string_view list) {
    const auto* status = pod.find("status");
    const auto* found = status == nullptr ? nullptr : status->find(list);
    return found == nullptr ? std::span<const doc::Value>{} : found->items();
}

bool is_error_reason(std::string_view reason) {
    return reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff");
}

/// "web: CrashLoopBackOff: back-off 40s ...": every container that waits for an error to go away.
std::string waiting_errors(const doc::Value& pod) {
    std::vector<std::string> found;
    for (const auto& container : containers(pod, "containerStatuses")) {
        const auto reason = text_at(container, "state.waiting.reason");
        if (!is_error_reason(reason)) continue;
        const auto message = text_at(container, "state.waiting.message");
        auto text = fmt::format("container {}: {}", container.text_at("name"), reason);
        if (!message.empty()) text += fmt::format(": {}", message);
        found.push_back(std::move(text));
    }
    return base::join(found, ", ");
}

std::string failure_of(const doc::Value& container) {
    const auto* ended = at_path(container, "state.terminated");
    if (ended == nullptr || !ended->is_map()) return {};
    const auto name = container.text_at("name");
    if (const auto message = ended->text_at("message"); !message.empty())
        return fmt::format("container {}: {}", name, message);
    if (ended->text_at("reason") == "OOMKilled") return fmt::format("container {}: OOMKilled", name);
    const auto code = count_at(*ended, "exitCode");
    return code == 0 ? std::string{} : fmt::format("container {} failed with exit code {}", name, code);
}

Health failed_pod(const doc::Value& pod) {
    if (const auto message = text_at(pod, "status.message"); !message.empty())
        return {HealthStatus::degraded, std::string(message)};
    for (const auto list : {"initContainerStatuses", "containerStatuses"})
        for (const auto& container : containers(pod, list))
            if (auto failure = failure_of(container); !failure.empty()) return {HealthStatus::degraded, std::move(failure)};
    return {HealthStatus::degraded, std::string(text_at(pod, "status.reason"))};
}

Health running_pod(const doc::Value& pod) {
    const auto policy = text_at(pod, "spec.restartPolicy");
    const std::string message(text_at(pod, "status.message"));
    if (runs_forever(pod)) {
        const auto ready = find_condition(pod, "Ready");
        if (ready && ready->is_true()) return {HealthStatus::healthy, message};
        for (const auto& container : containers(pod, "containerStatuses"))
            if (const auto* last = at_path(container, "lastState.terminated"); last != nullptr && last->is_map())
                return {HealthStatus::degraded,
                        message.empty() ? fmt::format("container {} was restarted and is not ready", container.text_at("name"))
                                        : message};
        return {HealthStatus::progressing,
                message.empty() && ready ? std::string(ready->message) : message};
    }
    if (policy == "OnFailure" || policy == "Never") return {HealthStatus::progressing, message};
    return {HealthStatus::unknown, message};
}

}  // namespace

std::optional<Health> pod_health(const doc::Value& object) {
    if (runs_forever(object))
        if (auto errors = waiting_errors(object); !errors.empty()) return Health{HealthStatus::degraded, std::move(errors)};
    const auto phase = text_at(object, "status.phase");
    const std::string message(text_at(object, "status.message"));
    if (phase == "Pending") return Health{HealthStatus::progressing, message};
    if (phase == "Succeeded") return Health{HealthStatus::healthy, message};
    if (phase == "Failed") return failed_pod(object);
    if (phase == "Running") return running_pod(object);
    return Health{HealthStatus::unknown, message};
}

}  // namespace gitops::deliver
