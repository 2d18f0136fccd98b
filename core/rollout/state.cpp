#include "core/rollout/state.hpp"

#include <array>
#include <limits>

#include "core/base/error.hpp"
#include "core/rollout/stored_fields.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

struct PhaseName {
    Phase phase;
    std::string_view name;
};
constexpr std::array k_phases{PhaseName{Phase::initializing, "Initializing"}, PhaseName{Phase::initialized, "Initialized"},
                              PhaseName{Phase::waiting, "Waiting"},           PhaseName{Phase::progressing, "Progressing"},
                              PhaseName{Phase::waiting_promotion, "WaitingPromotion"},
                              PhaseName{Phase::promoting, "Promoting"},       PhaseName{Phase::finalising, "Finalising"},
                              PhaseName{Phase::succeeded, "Succeeded"},       PhaseName{Phase::failed, "Failed"}};

struct CommandName {
    Command command;
    std::string_view name;
};
constexpr std::array k_commands{CommandName{Command::none, ""}, CommandName{Command::promote, "promote"},
                                CommandName{Command::abort, "abort"}, CommandName{Command::pause, "pause"},
                                CommandName{Command::resume, "resume"}, CommandName{Command::retry, "retry"}};

constexpr int k_most = std::numeric_limits<int>::max() - 1;

Value texts_value(const std::map<std::string, std::string>& texts) {
    auto value = Value::map();
    for (const auto& [key, text] : texts) value.set(key, text);
    return value;
}

std::map<std::string, std::string> texts_at(const Value& map, std::string_view key) {
    std::map<std::string, std::string> texts;
    if (const auto* value = map.find(key); value != nullptr)
        for (const auto& entry : value->entries()) texts.emplace(entry.name(), entry.value.text());
    return texts;
}

Value value_at(const Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value == nullptr ? Value() : *value;
}

}  // namespace

std::string_view phase_name(Phase phase) {
    for (const auto& entry : k_phases)
        if (entry.phase == phase) return entry.name;
    return "";
}

std::optional<Phase> phase_of(std::string_view name) {
    for (const auto& entry : k_phases)
        if (entry.name == name) return entry.phase;
    return std::nullopt;
}

bool is_running(Phase phase) {
    switch (phase) {
        case Phase::waiting:
        case Phase::progressing:
        case Phase::waiting_promotion:
        case Phase::promoting:
        case Phase::finalising: return true;
        case Phase::initializing:
        case Phase::initialized:
        case Phase::succeeded:
        case Phase::failed: return false;
    }
    return false;
}

std::string_view command_name(Command command) {
    for (const auto& entry : k_commands)
        if (entry.command == command) return entry.name;
    return "";
}

Command command_of(std::string_view name) {
    for (const auto& entry : k_commands)
        if (entry.name == name) return entry.command;
    return Command::none;
}

Value to_value(const CanaryState& state) {
    auto value = Value::map();
    value.set("phase", phase_name(state.phase));
    value.set("canaryWeight", state.split.canary);
    value.set("mirrored", state.split.mirrored);
    value.set("matched", state.split.matched);
    value.set("failedChecks", state.failed_checks);
    value.set("iterations", state.iterations);
    value.set("stage", state.stage);
    value.set("streak", state.streak);
    value.set("noData", state.no_data);
    value.set("unreachable", state.unreachable);
    value.set("prepared", state.prepared);
    value.set("paused", state.paused);
    value.set("targetIsUp", state.target_is_up);
    value.set("promotes", state.promotes);
    value.set("restores", state.restores);
    value.set("announces", state.announces);
    value.set("command", command_name(state.command));
    value.set("commandBy", state.command_by);
    value.set("appliedRevision", state.applied_revision);
    value.set("promotedRevision", state.promoted_revision);
    value.set("configs", texts_value(state.configs));
    value.set("promotedConfigs", texts_value(state.promoted_configs));
    value.set("gitRevision", state.git_revision);
    value.set("run", state.run);
    value.set("tick", state.tick);
    value.set("startedAt", time_value(state.started_at));
    value.set("phaseAt", time_value(state.phase_at));
    value.set("waitAt", time_value(state.wait_at));
    value.set("checkedAt", time_value(state.checked_at));
    value.set("message", state.message);
    value.set("savedTemplate", state.saved_template);
    value.set("evidence", state.evidence);
    return value;
}

CanaryState read_state(const Value& value) {
    const auto phase = phase_of(value.text_at("phase"));
    if (!phase) throw base::Error(base::Code::invalid, "it has no phase of a canary: \"" + std::string(value.text_at("phase")) + "\"");
    CanaryState state;
    state.phase = *phase;
    state.split = {number_at(value, "canaryWeight", 100), flag_at(value, "mirrored"), flag_at(value, "matched")};
    state.failed_checks = number_at(value, "failedChecks", k_most);
    state.iterations = number_at(value, "iterations", k_most);
    state.stage = number_at(value, "stage", k_most);
    state.streak = number_at(value, "streak", k_most);
    state.no_data = number_at(value, "noData", k_most);
    state.unreachable = number_at(value, "unreachable", k_most);
    state.prepared = flag_at(value, "prepared");
    state.paused = flag_at(value, "paused");
    state.target_is_up = flag_at(value, "targetIsUp");
    state.promotes = flag_at(value, "promotes");
    state.restores = flag_at(value, "restores");
    state.announces = flag_at(value, "announces");
    state.command = command_of(value.text_at("command"));
    state.command_by = value.text_at("commandBy");
    state.applied_revision = value.text_at("appliedRevision");
    state.promoted_revision = value.text_at("promotedRevision");
    state.configs = texts_at(value, "configs");
    state.promoted_configs = texts_at(value, "promotedConfigs");
    state.git_revision = value.text_at("gitRevision");
    state.run = number_at(value, "run", k_most);
    state.tick = number_at(value, "tick", k_most);
    state.started_at = time_at(value, "startedAt");
    state.phase_at = time_at(value, "phaseAt");
    state.wait_at = time_at(value, "waitAt");
    state.checked_at = time_at(value, "checkedAt");
    state.message = value.text_at("message");
    state.saved_template = value_at(value, "savedTemplate");
    state.evidence = value_at(value, "evidence");
    return state;
}

}  // namespace gitops::rollout
