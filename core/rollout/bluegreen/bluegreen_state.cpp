#include "core/rollout/bluegreen/bluegreen_state.hpp"

#include <array>

#include "core/base/error.hpp"
#include "core/rollout/stored_fields.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

struct Named {
    BlueGreenPhase phase;
    std::string_view name;
};
constexpr std::array k_phases{Named{BlueGreenPhase::idle, "Idle"},
                              Named{BlueGreenPhase::preparing, "Preparing"},
                              Named{BlueGreenPhase::smoking, "Smoking"},
                              Named{BlueGreenPhase::switching, "Switching"},
                              Named{BlueGreenPhase::monitoring, "Monitoring"},
                              Named{BlueGreenPhase::returning, "Returning"},
                              Named{BlueGreenPhase::finalising, "Finalising"},
                              Named{BlueGreenPhase::succeeded, "Succeeded"},
                              Named{BlueGreenPhase::rolled_back, "RolledBack"},
                              Named{BlueGreenPhase::failed, "Failed"}};

constexpr std::int64_t k_most = 1'000'000'000;

Color color_at(const Value& map, std::string_view key, Color otherwise) {
    const auto text = map.text_at(key);
    for (const auto color : {Color::blue, Color::green})
        if (text == color_name(color)) return color;
    return otherwise;
}

}  // namespace

std::string_view color_name(Color color) { return color == Color::blue ? "blue" : "green"; }
Color other(Color color) { return color == Color::blue ? Color::green : Color::blue; }

std::string_view phase_name(BlueGreenPhase phase) {
    for (const auto& entry : k_phases)
        if (entry.phase == phase) return entry.name;
    return "";
}

std::optional<BlueGreenPhase> bluegreen_phase_of(std::string_view name) {
    for (const auto& entry : k_phases)
        if (entry.name == name) return entry.phase;
    return std::nullopt;
}

bool is_running(BlueGreenPhase phase) {
    switch (phase) {
        case BlueGreenPhase::preparing:
        case BlueGreenPhase::smoking:
        case BlueGreenPhase::switching:
        case BlueGreenPhase::monitoring:
        case BlueGreenPhase::returning:
        case BlueGreenPhase::finalising: return true;
        case BlueGreenPhase::idle:
        case BlueGreenPhase::succeeded:
        case BlueGreenPhase::rolled_back:
        case BlueGreenPhase::failed: return false;
    }
    return false;
}

bool has_switched(BlueGreenPhase phase) {
    switch (phase) {
        case BlueGreenPhase::switching:
        case BlueGreenPhase::monitoring:
        case BlueGreenPhase::returning:
        case BlueGreenPhase::finalising:
        case BlueGreenPhase::succeeded: return true;
        case BlueGreenPhase::idle:
        case BlueGreenPhase::preparing:
        case BlueGreenPhase::smoking:
        case BlueGreenPhase::rolled_back:
        case BlueGreenPhase::failed: return false;
    }
    return false;
}

Value to_value(const BlueGreenState& state) {
    auto value = Value::map();
    value.set("phase", phase_name(state.phase));
    value.set("from", color_name(state.from));
    value.set("to", color_name(state.to));
    value.set("image", state.image);
    value.set("skipsSmoke", state.skips_smoke);
    value.set("skipsMonitoring", state.skips_monitoring);
    value.set("scalesDown", state.scales_down);
    value.set("announces", state.announces);
    value.set("failedChecks", state.failed_checks);
    value.set("noData", state.no_data);
    value.set("unreachable", state.unreachable);
    value.set("revision", state.revision);
    value.set("replacedRevision", state.replaced_revision);
    value.set("gitCommit", state.git_commit);
    value.set("run", state.run);
    value.set("tick", state.tick);
    value.set("startedAt", time_value(state.started_at));
    value.set("phaseAt", time_value(state.phase_at));
    value.set("waitAt", time_value(state.wait_at));
    value.set("switchedAt", time_value(state.switched_at));
    value.set("lookAt", time_value(state.look_at));
    value.set("checkedAt", time_value(state.checked_at));
    value.set("message", state.message);
    value.set("reason", state.reason);
    value.set("evidence", state.evidence);
    return value;
}

BlueGreenState read_bluegreen_state(const Value& value) {
    const auto phase = bluegreen_phase_of(value.text_at("phase"));
    if (!phase)
        throw base::Error(base::Code::invalid, "it has no phase of a blue-green switch: \"" + std::string(value.text_at("phase")) + "\"");
    BlueGreenState state;
    state.phase = *phase;
    state.from = color_at(value, "from", Color::blue);
    state.to = other(state.from);
    state.image = value.text_at("image");
    state.skips_smoke = flag_at(value, "skipsSmoke");
    state.skips_monitoring = flag_at(value, "skipsMonitoring");
    state.scales_down = flag_at(value, "scalesDown");
    state.announces = flag_at(value, "announces");
    state.failed_checks = number_at(value, "failedChecks", k_most);
    state.no_data = number_at(value, "noData", k_most);
    state.unreachable = number_at(value, "unreachable", k_most);
    state.revision = value.text_at("revision");
    state.replaced_revision = value.text_at("replacedRevision");
    state.git_commit = value.text_at("gitCommit");
    state.run = number_at(value, "run", k_most);
    state.tick = number_at(value, "tick", k_most);
    state.started_at = time_at(value, "startedAt");
    state.phase_at = time_at(value, "phaseAt");
    state.wait_at = time_at(value, "waitAt");
    state.switched_at = time_at(value, "switchedAt");
    state.look_at = time_at(value, "lookAt");
    state.checked_at = time_at(value, "checkedAt");
    state.message = value.text_at("message");
    state.reason = value.text_at("reason");
    if (const auto* evidence = value.find("evidence")) state.evidence = *evidence;
    return state;
}

}  // namespace gitops::rollout
