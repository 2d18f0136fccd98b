#include "core/rollout/state.hpp"

#include <catch2/catch.hpp>

#include "../doc/said.hpp"
#include "core/doc/json.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

CanaryState full() {
    CanaryState state;
    state.phase = Phase::waiting_promotion;
    state.split = {60, true, true};
    state.failed_checks = 1, state.iterations = 2, state.stage = 3, state.streak = 4, state.no_data = 5, state.unreachable = 6;
    state.prepared = state.paused = state.target_is_up = state.promotes = state.restores = state.announces = true;
    state.command = Command::retry;
    state.command_by = "ann";
    state.applied_revision = "0012", state.promoted_revision = "true", state.git_revision = "1e5";
    state.configs = {{"configmap/a", "12"}}, state.promoted_configs = {{"secret/b", "~"}};
    state.run = 7, state.tick = 8;
    state.started_at = base::parse_rfc3339("2026-11-28T10:00:00.123Z");
    state.phase_at = state.wait_at = state.checked_at = base::parse_rfc3339("2026-11-28T10:00:01Z");
    state.message = "held: \"p99\"\n180 > 150";
    state.saved_template = doc::read_json(R"({"spec":{"containers":[{"image":"a:1"}]}})");
    state.evidence = doc::read_json(R"({"accuracy":{"good":12,"total":13}})");
    return state;
}

}  // namespace

TEST_CASE("a state goes to the cluster and comes back", "[rollout][state]") {
    CHECK(read_state(doc::read_json(doc::write_json(to_value(full())))) == full());
    CHECK(read_state(doc::read_json(doc::write_json(to_value(CanaryState{})))) == CanaryState{});
}

TEST_CASE("every member of a state is written", "[rollout][state]") {
    CHECK(doc::write_json(to_value(full())) ==
          R"({"phase":"WaitingPromotion","canaryWeight":60,"mirrored":true,"matched":true,"failedChecks":1,"iterations":2,"stage":3,)"
          R"("streak":4,"noData":5,"unreachable":6,"prepared":true,"paused":true,"targetIsUp":true,"promotes":true,"restores":true,)"
          R"("announces":true,"command":"retry","commandBy":"ann","appliedRevision":"0012","promotedRevision":"true",)"
          R"("configs":{"configmap/a":"12"},"promotedConfigs":{"secret/b":"~"},"gitRevision":"1e5","run":7,"tick":8,)"
          R"("startedAt":"2026-11-28T10:00:00.123Z","phaseAt":"2026-11-28T10:00:01.000Z","waitAt":"2026-11-28T10:00:01.000Z",)"
          R"("checkedAt":"2026-11-28T10:00:01.000Z","message":"held: \"p99\"\n180 > 150",)"
          R"("savedTemplate":{"spec":{"containers":[{"image":"a:1"}]}},"evidence":{"accuracy":{"good":12,"total":13}}})");
}

TEST_CASE("phases and commands have one name each", "[rollout][state]") {
    const std::vector<std::pair<Phase, std::string>> names{
        {Phase::initializing, "Initializing"}, {Phase::initialized, "Initialized"}, {Phase::waiting, "Waiting"},
        {Phase::progressing, "Progressing"}, {Phase::waiting_promotion, "WaitingPromotion"}, {Phase::promoting, "Promoting"},
        {Phase::finalising, "Finalising"}, {Phase::succeeded, "Succeeded"}, {Phase::failed, "Failed"}};
    for (const auto& [phase, name] : names) {
        CHECK(phase_name(phase) == name);
        CHECK(phase_of(name) == phase);
    }
    CHECK(phase_of("progressing") == std::nullopt);
    for (const auto command : {Command::none, Command::promote, Command::abort, Command::pause, Command::resume, Command::retry})
        CHECK(command_of(command_name(command)) == command);
    CHECK(command_of("explode") == Command::none);
}

TEST_CASE("a state that somebody damaged", "[rollout][state]") {
    CHECK(said([] { read_state({}); }) == "it has no phase of a canary: \"\"");
    CHECK(said([] { read_state(doc::read_json(R"({"phase":"Dancing"})")); }) == "it has no phase of a canary: \"Dancing\"");
    CHECK(said([] { read_state(doc::read_json(R"(["phase"])")); }) == "it has no phase of a canary: \"\"");
    const auto state = read_state(doc::read_json(
        R"({"phase":"Progressing","canaryWeight":5000,"failedChecks":-3,"iterations":99999999999999,"stage":"x","paused":"yes",)"
        R"("startedAt":"yesterday","configs":[1],"command":"explode","more":1})"));
    CanaryState wanted;
    wanted.phase = Phase::progressing;
    wanted.split.canary = 100;
    wanted.iterations = 2147483646;
    CHECK(state == wanted);
}
