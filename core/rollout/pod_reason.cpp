#include "core/rollout/pod_reason.hpp"

#include <algorithm>
#include <array>

#include "core/kube/resource.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::array<std::string_view, 2> k_under_way{"ContainerCreating", "PodInitializing"};
constexpr std::size_t k_longest = 200;

std::string waits_for(const Value& container) {
    const auto* waiting = container.path("state", "waiting");
    if (waiting == nullptr) return {};
    std::string reason(waiting->text_at("reason"));
    if (reason.empty() || std::ranges::find(k_under_way, reason) != k_under_way.end()) return {};
    if (const auto message = waiting->text_at("message"); !message.empty()) reason += ": " + std::string(message);
    if (reason.size() > k_longest) reason = reason.substr(0, k_longest) + "...";
    return reason;
}

}  // namespace

std::string pod_reason(const std::vector<Value>& pods) {
    for (const auto& pod : pods) {
        if (kube::is_being_deleted(pod)) continue;
        for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
            const auto* containers = pod.path("status", list);
            if (containers == nullptr || !containers->is_list()) continue;
            for (const auto& container : containers->items())
                if (auto reason = waits_for(container); !reason.empty()) return reason;
        }
    }
    return {};
}

}  // namespace gitops::rollout
