#include "core/deliver/pod_trouble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/redact.hpp"
#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {
namespace {

constexpr std::size_t k_longest = 240;
/// Reasons to wait that pass by themselves.
constexpr std::array<std::string_view, 3> k_starting = {"", "ContainerCreating", "PodInitializing"};

/// "container web: " where a Pod has several.
std::string subject_of(const doc::Value& pod, const doc::Value& status, std::string_view list) {
    if (list == "initContainerStatuses") return fmt::format("init container {}: ", status.text_at("name"));
    const auto* containers = pod.path("spec", "containers");
    const bool alone = containers == nullptr || containers->size() < 2;
    return alone ? std::string() : fmt::format("container {}: ", status.text_at("name"));
}

/// "exit code 137 (OOMKilled): last words"
std::string ending_of(const doc::Value& terminated) {
    auto text = fmt::format("exit code {}", count_at(terminated, "exitCode"));
    if (const auto reason = terminated.text_at("reason"); !reason.empty() && reason != "Error") text += fmt::format(" ({})", reason);
    const auto words = one_line(terminated.text_at("message"));
    return words.empty() ? text : fmt::format("{}: {}", text, words);
}

const doc::Value* failed_end(const doc::Value& container, std::string_view state) {
    const auto* terminated = container.path(state, "terminated");
    if (terminated == nullptr || !terminated->is_map()) return nullptr;
    const bool well = count_at(*terminated, "exitCode") == 0 && terminated->text_at("reason") != "OOMKilled";
    return well ? nullptr : terminated;
}

std::optional<PodTrouble> container_trouble(const doc::Value& container) {
    const auto* last = failed_end(container, "lastState");
    if (const auto* waiting = container.path("state", "waiting"); waiting != nullptr && waiting->is_map()) {
        const auto reason = waiting->text_at("reason");
        if (std::ranges::find(k_starting, reason) != k_starting.end()) return std::nullopt;
        if (reason != "CrashLoopBackOff") return PodTrouble{Gravity::cannot_start, reason_and_message(reason, waiting->text_at("message"))};
        return PodTrouble{Gravity::crashing, last != nullptr ? fmt::format("{}: {}", reason, ending_of(*last))
                                                             : reason_and_message(reason, waiting->text_at("message"))};
    }
    if (const auto* end = failed_end(container, "state")) return PodTrouble{Gravity::crashing, ending_of(*end)};
    const auto* ready = container.find("ready");
    if (last == nullptr || (ready != nullptr && ready->as_bool())) return std::nullopt;
    return PodTrouble{Gravity::restarted, fmt::format("restarted after {}", ending_of(*last))};
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (!blank) line.push_back(c);
        else if (!line.empty() && line.back() != ' ') line.push_back(' ');
        if (line.size() > 4 * k_longest) break;
    }
    while (line.ends_with(' ')) line.pop_back();
    line = base::redact(line);
    if (line.size() <= k_longest) return line;
    auto end = k_longest;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;  // not inside a character
    return line.substr(0, end) + "...";
}

std::string reason_and_message(std::string_view reason, std::string_view message) {
    auto words = one_line(message);
    if (words.empty()) return one_line(reason);
    return reason.empty() ? words : fmt::format("{}: {}", one_line(reason), words);
}

bool is_in_trouble(const doc::Value& pod) {
    if (!text_at(pod, "metadata.deletionTimestamp").empty() || text_at(pod, "status.phase") == "Succeeded") return false;
    const auto ready = find_condition(pod, "Ready");
    return !ready || !ready->is_true();
}

PodTrouble pod_trouble(const doc::Value& pod) {
    PodTrouble worst;
    for (const std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
        const auto* statuses = pod.path("status", list);
        if (statuses == nullptr) continue;
        for (const auto& status : statuses->items()) {
            auto found = container_trouble(status);
            if (!found || (!worst.text.empty() && found->gravity >= worst.gravity)) continue;
            worst = {found->gravity, subject_of(pod, status, list) + found->text};
        }
    }
    if (!worst.text.empty()) return worst;
    const auto reason = text_at(pod, "status.reason");
    if (text_at(pod, "status.phase") == "Failed") return {Gravity::crashing, reason_and_message(reason, text_at(pod, "status.message"))};
    const auto scheduled = find_condition(pod, "PodScheduled");
    if (scheduled && scheduled->is_false())
        return {Gravity::unschedulable, reason_and_message(scheduled->reason.empty() ? "Unschedulable" : scheduled->reason, scheduled->message)};
    return worst;
}

}  // namespace gitops::deliver
