// The decisions of a blue-green switch, one by one.
#include "core/rollout/bluegreen/bluegreen_step.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/doc/json.hpp"
#include "tests/unit/rollout/rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

/// A pair without a cluster: what it is, and what the next tick sees and is answered.
struct Pair {
    BlueGreenSpec spec = read_bluegreen(document("apiVersion: gitopsctl.io/v1\nkind: BlueGreen\nmetadata: {name: web, namespace: prod}\n"
                                                 "spec: {service: web, blue: a, green: b, progressDeadlineSeconds: 60,"
                                                 " monitor: {duration: 1m, interval: 20s, maxFailures: 1}}"),
                                        "bluegreen.yaml");
    BlueGreenState state{};
    BlueGreenSeen seen{};
    Answers answers{{Question::rollback_hooks, {false, {}, false, {}}}};
    std::string asked{};

    Pair() {
        seen.now = *base::parse_rfc3339("2026-11-28T10:00:00Z");
        seen.blue = {true, true, false, 3, 3, "", "r1", "web:v1"};
        seen.green = {true, true, false, 3, 3, "", "r2", "web:v2"};
    }

    void begin() { state = begin_bluegreen(spec, state, seen, {}).state; }

    /// One tick; the state takes the way through the cluster and back. "Phase failed | message".
    std::string tick(Command command = Command::none) {
        asked.clear();
        Answers given;
        while (true) {
            auto outcome = bluegreen_step(spec, state, seen, given, command, "ann");
            if (const auto* question = std::get_if<Question>(&outcome)) {
                asked += std::string(question_name(*question)) + " ";
                const auto found = answers.find(*question);
                given[*question] = found == answers.end() ? Answer{} : found->second;
                continue;
            }
            const auto& decision = std::get<BlueGreenDecision>(outcome);
            state = read_bluegreen_state(doc::read_json(doc::write_json(to_value(decision.state))));
            if (!(state == decision.state)) FAIL("a state that does not come back: " << doc::write_json(to_value(decision.state)));
            break;
        }
        return fmt::format("{} {} | {}", phase_name(state.phase), state.failed_checks, state.message);
    }

    void pass(int seconds) { seen.now += std::chrono::seconds(seconds); }
    void route(Color color) { seen.routed = color; }
    /// Until green has the traffic and is watched.
    void watch() {
        begin();
        tick();
        tick();
        route(Color::green);
        tick();
        REQUIRE(state.phase == BlueGreenPhase::monitoring);
    }
};

Answer says(Verdict verdict, const std::string& detail) { return {verdict == Verdict::pass, {{"errors", verdict, {}, {}, {}, detail}}, false, {}}; }

}  // namespace

TEST_CASE("a side is tested, gets the traffic, is watched and kept", "[bluegreen][step]") {
    Pair pair;
    pair.begin();
    CHECK(pair.tick() == "Smoking 0 | green is ready: web:v2");
    CHECK(pair.tick() == "Switching 0 | switching from blue to green: there are no smoke tests");
    CHECK(pair.asked == "pre-rollout confirm-promotion ");
    CHECK(pair.tick() == "Switching 0 | switching from blue to green: there are no smoke tests");  // the write has not been seen yet
    pair.route(Color::green);
    CHECK(pair.tick() == "Monitoring 0 | all traffic goes to green, watched for 1m");
    pair.pass(20);
    CHECK(pair.tick() == "Monitoring 0 | green is well after 20s of 1m");
    CHECK(pair.asked == "rollback analysis ");
    pair.pass(5);
    pair.tick();
    CHECK(pair.asked.empty());  // not before the interval is over
    pair.pass(35);
    CHECK(pair.tick() == "Succeeded 0 | green was watched for 1m: 0 checks failed, 1 tolerated");
    CHECK(pair.state.replaced_revision == "r1");
}

TEST_CASE("a side that does not get ready, or is changed under test, gets no traffic", "[bluegreen][step]") {
    Pair pair;
    pair.begin();
    SECTION("it is waited for until the deadline") {
        pair.seen.green.ready = false;
        pair.seen.green.reason = "2 of 3 Pods are available";
        CHECK(pair.tick() == "Preparing 0 | waiting for green: 2 of 3 Pods are available");
        pair.pass(61);
        CHECK(pair.tick() == "Failed 0 | green does not get ready: 2 of 3 Pods are available; blue kept the traffic");
    }
    SECTION("another template is tested again") {
        pair.tick();
        pair.seen.green.revision = "r3";
        CHECK(pair.tick() == "Preparing 0 | green was changed while it was tested: it is tested again");
        CHECK(pair.asked.empty());
    }
    SECTION("what is lost between the test and the switch is prepared again") {
        pair.tick();
        pair.tick();
        pair.seen.green.ready = false;
        pair.seen.green.reason = "1 of 3 Pods is available";
        CHECK(pair.tick() == "Preparing 0 | green is no longer ready: 1 of 3 Pods is available");
    }
    SECTION("a gate holds the switch") {
        pair.answers[Question::confirm_promotion] = {false, {{"approved", Verdict::fail, {}, {}, {}, "not yet"}}, false, {}};
        pair.tick();
        CHECK(pair.tick() == "Smoking 0 | the switch is held: approved not yet");
        CHECK(pair.tick(Command::abort) == "Failed 0 | stopped by ann; blue kept the traffic");
    }
}

TEST_CASE("while it is watched", "[bluegreen][step]") {
    Pair pair;
    pair.watch();
    pair.pass(20);
    SECTION("one failure more than tolerated takes the traffic back") {
        pair.answers[Question::analysis] = says(Verdict::fail, "3 > 1");
        CHECK(pair.tick() == "Monitoring 1 | 1 failed check, 1 tolerated: errors 3 > 1");
        pair.pass(20);
        CHECK(pair.tick() == "Returning 2 | back to blue: 2 failed checks, 1 tolerated: errors 3 > 1");
        pair.route(Color::blue);
        CHECK(pair.tick() == "RolledBack 2 | blue has all traffic again: 2 failed checks, 1 tolerated: errors 3 > 1");
        CHECK(pair.state.replaced_revision.empty());
    }
    SECTION("nothing is kept on a last look that saw nothing") {
        pair.pass(40);
        pair.answers[Question::analysis] = says(Verdict::no_data, "no series matches");
        CHECK(pair.tick() == "Monitoring 0 | 1 of 5 looks without data: errors no series matches");
        pair.pass(20);
        pair.answers[Question::analysis] = says(Verdict::pass, "");
        CHECK(pair.tick() == "Succeeded 0 | green was watched for 1m20s: 0 checks failed, 1 tolerated");
    }
    SECTION("too many looks that see nothing take the traffic back") {
        pair.answers[Question::analysis] = says(Verdict::unreachable, "timeout");
        for (int i = 0; i < 5; ++i) {
            pair.tick();
            pair.pass(20);
        }
        CHECK(pair.tick() == "Returning 0 | back to blue: 6 looks in a row without an answer of the metrics server: errors timeout");
    }
    SECTION("a side without ready Pods loses the traffic at once") {
        pair.seen.green = {true, false, false, 0, 3, "0 of 3 Pods are available", "r2", "web:v2"};
        pair.seen.now -= std::chrono::seconds(15);
        CHECK(pair.tick() == "Returning 0 | back to blue: green has no ready Pods: 0 of 3 Pods are available");
    }
    SECTION("and keeps it when the other one has none either") {
        pair.seen.green = {true, false, false, 0, 3, "0 of 3 Pods are available", "r2", "web:v2"};
        pair.seen.blue = {true, false, false, 0, 0, "it is scaled to zero", "r1", "web:v1"};
        CHECK(pair.tick() == "Monitoring 1 | 1 failed check, 1 tolerated: green is not ready: 0 of 3 Pods are available");
        CHECK(pair.tick(Command::abort) == "Monitoring 1 | the roll-back that ann asked for is refused: blue has no ready Pods");
    }
    SECTION("a wish to go back that finds no Pods waits for them, and gives up at the deadline") {
        pair.answers[Question::rollback_hooks] = {true, {}, false, {}};
        pair.seen.blue = {true, false, false, 0, 0, "it is scaled to zero", "r1", "web:v1"};
        CHECK(pair.tick() == "Returning 0 | back to blue: a rollback hook asked for it");
        CHECK(pair.tick() == "Returning 0 | blue has no ready Pods to go back to: it is scaled to zero");
        pair.pass(61);
        CHECK(pair.tick() ==
              "Failed 0 | blue cannot take the traffic back: it is scaled to zero; green keeps it: a rollback hook asked for it");
    }
}

TEST_CASE("there is nothing new in what was replaced, unless it is named", "[bluegreen][step]") {
    Pair pair;
    pair.route(Color::green);
    pair.state.replaced_revision = "r1";
    CHECK(nothing_new(pair.spec, pair.state, pair.seen, {}) ==
          "blue runs what green has replaced; `gitopsctl bluegreen switch web` goes back to it");
    CHECK(nothing_new(pair.spec, pair.state, pair.seen, {"web:v2", false, false, false}) == "green runs web:v2 already");
    CHECK(nothing_new(pair.spec, pair.state, pair.seen, {"", false, false, true}).empty());
    CHECK(nothing_new(pair.spec, pair.state, pair.seen, {"web:v3", false, false, false}).empty());
    pair.seen.blue.revision = "r3";
    CHECK(nothing_new(pair.spec, pair.state, pair.seen, {}).empty());
}
