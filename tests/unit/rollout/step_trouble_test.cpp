// What a rollout does with people, with sides that are not ready, and with stages.
#include "core/rollout/step.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "step_lab.hpp"

using namespace step_lab;

TEST_CASE("pause and resume", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.command(Command::pause);
    CHECK(lab.ticks(2) == "Progressing 50 0 | paused\n"
                          "Progressing 50 0 | paused\n");
    CHECK(lab.asked_names() == "rollback");
    lab.command(Command::resume);
    CHECK(lab.tick() == "Progressing 100 0 | canary weight 100");
    CHECK(lab.entries[lab.entries.size() - 2].message == "resumed by ann");
}

TEST_CASE("a run that is paused before it begins waits without traffic", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.command(Command::pause);
    CHECK(lab.ticks(3) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 0 0 | paused\n"
                          "Progressing 0 0 | paused\n");
}

TEST_CASE("what a paused run still does", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.command(Command::pause);
    lab.tick();
    SECTION("be aborted") {
        lab.command(Command::abort);
        CHECK(lab.tick() == "Failed 0 0 | aborted by ann");
        CHECK_FALSE(lab.state.paused);
    }
    SECTION("be rolled back by a hook") {
        lab.answers[Question::rollback_hooks] = passes();
        CHECK(lab.tick() == "Failed 0 0 | a rollback hook asked for it");
    }
    SECTION("be promoted") {
        lab.command(Command::promote);
        CHECK(lab.race() == "0 Succeeded in 3");
    }
    SECTION("start again") {
        lab.seen.revision = "r3";
        CHECK(lab.ticks(2) == "Progressing 0 0 | revision changed to r3: the analysis starts again\n"
                              "Progressing 0 0 | paused\n");
    }
}

TEST_CASE("promote does not wait for checks or gates, but for Pods", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.answers[Question::analysis] = fails();
    lab.ticks(2);
    lab.seen.target = {true, false, false, "1 of 2 Pods are available"};
    lab.command(Command::promote);
    CHECK(lab.ticks(2) == "Progressing 50 0 | waiting for the target: 1 of 2 Pods are available\n"
                          "Progressing 50 0 | waiting for the target: 1 of 2 Pods are available\n");
    lab.seen.target.ready = true;
    CHECK(lab.tick() == "Promoting 50 0 | promoting r2: told to");
    CHECK(lab.entries[lab.entries.size() - 2].message == "promotion asked for by ann");
    CHECK(lab.asked_names().empty());
    CHECK(lab.state.command == Command::none);
}

TEST_CASE("a promotion that was asked for is not meant for the next revision", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.seen.target.ready = false;
    lab.command(Command::promote);
    lab.tick();
    lab.seen.target.ready = true;
    lab.seen.revision = "r3";
    CHECK(lab.ticks(2) == "Progressing 0 0 | revision changed to r3: the analysis starts again\n"
                          "Progressing 50 0 | canary weight 50\n");
}

TEST_CASE("commands without a run", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.seen.revision = "r1";
    for (const auto command : {Command::abort, Command::promote, Command::retry}) {
        lab.command(command);
        CHECK(lab.tick() == "Initialized 0 0 | ");
        CHECK(lab.state.command == Command::none);
    }
    CHECK(lab.entries.empty());
}

TEST_CASE("retry tries a failed revision again", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.answers[Question::analysis] = fails();
    lab.race();
    lab.answers.clear();
    lab.command(Command::retry);
    SECTION("at once") {
        CHECK(lab.tick() == "Progressing 0 0 | revision r2 is tried again, asked for by ann");
        CHECK(lab.race() == "50 100 0 Succeeded in 5");
    }
    SECTION("when the primary is ready") {
        lab.seen.primary = {true, false, false, "1 of 2"};
        CHECK(lab.tick() == "Failed 0 1 | waiting for the primary: 1 of 2");
        CHECK_FALSE(is_settled(lab.state));
        lab.seen.primary.ready = true;
        CHECK(lab.tick() == "Progressing 0 0 | revision r2 is tried again, asked for by ann");
    }
    SECTION("when the gate opens") {
        lab.answers[Question::confirm_rollout] = closed();
        CHECK(lab.ticks(2) == "Waiting 0 1 | held by confirm-rollout: gate not yet\n"
                              "Waiting 0 1 | held by confirm-rollout: gate not yet\n");
        lab.answers.clear();
        CHECK(lab.tick() == "Progressing 0 0 | new revision r2 detected");
    }
}

TEST_CASE("a suspended canary does nothing, but can be aborted", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.spec.suspend = true;
    CHECK(lab.tick() == "Progressing 50 0 | suspended by its spec");
    lab.command(Command::promote);
    CHECK(lab.tick() == "Progressing 50 0 | suspended by its spec");
    SECTION("and goes on with what was asked for") {
        lab.spec.suspend = false;
        CHECK(lab.tick() == "Promoting 50 0 | promoting r2: told to");
    }
    SECTION("aborted") {
        lab.command(Command::abort);
        CHECK(lab.tick() == "Failed 0 0 | aborted by ann");
    }
}

TEST_CASE("a side that is not ready is waited for", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.tick();
    lab.seen.target = {true, false, false, "0 of 2 Pods are available"};
    CHECK(lab.ticks(2) == "Progressing 0 0 | waiting for the target: 0 of 2 Pods are available\n"
                          "Progressing 0 0 | waiting for the target: 0 of 2 Pods are available\n");
    CHECK(lab.asked_names().empty());
    CHECK(lab.entries.size() == 2);
    CHECK(base::to_rfc3339(*lab.state.wait_at) == "2026-11-28T10:01:00Z");
    SECTION("until it is") {
        lab.seen.target.ready = true;
        CHECK(lab.tick() == "Progressing 50 0 | canary weight 50");
        CHECK(lab.state.wait_at == std::nullopt);
    }
    SECTION("until its deadline") {
        lab.seen.target = {true, false, true, "ImagePullBackOff"};
        CHECK(lab.tick() == "Failed 0 0 | the target does not get ready: ImagePullBackOff");
    }
    SECTION("and the primary, too") {
        lab.seen.target.ready = true;
        lab.seen.primary = {true, false, false, "1 of 2 Pods are available"};
        CHECK(lab.tick() == "Progressing 0 0 | waiting for the primary: 1 of 2 Pods are available");
        lab.seen.primary.hopeless = true;
        CHECK(lab.tick() == "Failed 0 0 | the primary does not get ready: 1 of 2 Pods are available");
    }
}

TEST_CASE("a primary that breaks under way leaves the canary what it has", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.seen.primary = {true, false, true, "its node is gone"};
    CHECK(lab.ticks(2) == "Failed 50 0 | the primary does not get ready: its node is gone\n"
                          "Failed 50 0 | waiting for the primary to get its earlier revision back: its node is gone\n");
    CHECK(lab.state.target_is_up);
    CHECK_FALSE(is_settled(lab.state));
    lab.seen.primary.ready = true;
    CHECK(lab.tick() == "Failed 0 0 | the primary runs its earlier revision again and has all traffic");
    CHECK_FALSE(lab.state.target_is_up);
}

TEST_CASE("a primary that breaks while it is promoted gets its template back, and the canary serves", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 60, maxWeight: 50}"));
    lab.seen.primary_template = doc::read_json(R"({"image":"v1"})");
    lab.ticks(3);
    CHECK(lab.state.promotes);
    lab.seen.primary_template = doc::read_json(R"({"image":"v2"})");
    lab.seen.primary = {true, false, false, "0 of 2 Pods are updated"};
    CHECK(lab.tick() == "Promoting 60 0 | waiting for the primary to take over the new revision: 0 of 2 Pods are updated");
    lab.seen.primary.hopeless = true;
    CHECK(lab.tick() == "Failed 100 0 | the primary does not get ready with the new revision: 0 of 2 Pods are updated");
    CHECK(lab.state.restores);
    CHECK_FALSE(lab.state.promotes);
    CHECK(lab.state.target_is_up);
    CHECK(doc::write_json(lab.state.saved_template) == R"({"image":"v1"})");
    SECTION("and a new revision has to wait for that") {
        lab.seen.revision = "r3";
        CHECK(lab.tick() == "Failed 100 0 | waiting for the primary to get its earlier revision back: 0 of 2 Pods are updated");
        lab.seen.primary = {true, true};
        CHECK(lab.ticks(2) == "Failed 0 0 | the primary runs its earlier revision again and has all traffic\n"
                              "Progressing 0 0 | new revision r3 detected\n");
    }
    SECTION("for ever when the canary is gone, too: nothing is better") {
        lab.seen.target.ready = false;
        CHECK(lab.tick() == "Failed 100 0 | waiting for the primary to get its earlier revision back: 0 of 2 Pods are updated");
    }
}

TEST_CASE("a promotion that is aborted restores the primary", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 60, maxWeight: 50}"));
    lab.ticks(3);
    lab.command(Command::abort);
    SECTION("with the primary ready the traffic goes there") {
        CHECK(lab.tick() == "Failed 0 0 | aborted by ann");
        CHECK_FALSE(lab.state.target_is_up);
    }
    SECTION("with a primary that is not the canary keeps what it has") {
        lab.seen.primary.ready = false;
        CHECK(lab.tick() == "Failed 60 0 | aborted by ann");
        CHECK(lab.state.target_is_up);
    }
    SECTION("with neither ready the primary has to do") {
        lab.seen.primary.ready = lab.seen.target.ready = false;
        CHECK(lab.tick() == "Failed 0 0 | aborted by ann");
    }
    CHECK(lab.state.restores);
    CHECK_FALSE(lab.state.promotes);
}

TEST_CASE("the canary stays up until the primary is seen to serve", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    CHECK(lab.ticks(4).ends_with("Finalising 0 0 | all traffic goes to the primary, which runs the new revision\n"));
    lab.seen.primary = {true, false, false, "1 of 2"};
    CHECK(lab.tick() == "Finalising 0 0 | waiting for the primary: 1 of 2");
    CHECK(lab.state.target_is_up);
    SECTION("which it does") {
        lab.seen.primary.ready = true;
        CHECK(lab.tick() == "Succeeded 0 0 | promoted r2");
    }
    SECTION("which it does not") {
        lab.seen.primary.hopeless = true;
        CHECK(lab.tick() == "Failed 0 0 | the primary broke with the new revision: 1 of 2");
        CHECK(lab.state.restores);
    }
}

TEST_CASE("a new revision under way does not take traffic to a primary that is not ready", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.seen.revision = "r3";
    lab.seen.primary = {true, false, false, "1 of 2"};
    CHECK(lab.tick() == "Progressing 50 0 | waiting for the primary: 1 of 2");
    lab.seen.primary.ready = true;
    CHECK(lab.tick() == "Progressing 0 0 | revision changed to r3: the analysis starts again");
}

TEST_CASE("revisions that come while promoting wait for its end", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    lab.ticks(3);
    lab.seen.revision = "r3";
    CHECK(lab.ticks(3) == "Finalising 0 0 | all traffic goes to the primary, which runs the new revision\n"
                          "Succeeded 0 0 | promoted r2\n"
                          "Progressing 0 0 | new revision r3 detected\n");
}

TEST_CASE("what passed and is gone before the primary had it is not promoted", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    lab.seen.primary_template = doc::read_json(R"({"image":"v1"})");
    lab.ticks(3);
    CHECK(lab.state.phase == Phase::promoting);
    SECTION("for another one") {
        lab.seen.revision = "r3";
        CHECK(lab.tick() == "Progressing 0 0 | revision changed to r3: the analysis starts again");
        CHECK_FALSE(lab.state.promotes);
    }
    SECTION("for the one before") {
        lab.seen.revision = "r1";
        CHECK(lab.tick() == "Failed 0 0 | withdrawn: the target was put back to what is promoted");
        CHECK(lab.state.promoted_revision == "r1");
    }
    SECTION("but once the primary has it, it is") {
        lab.seen.revision = "r3";
        lab.seen.primary_template = doc::read_json(R"({"image":"v2"})");
        CHECK(lab.race() == "0 Succeeded in 2");
        CHECK(lab.state.promoted_revision == "r2");
    }
}

TEST_CASE("stages: successes in a row lead on", "[rollout][step]") {
    Lab lab(stages("{stages: [10, 100], successes: 2, maxFailures: 2}"));
    std::string text = lab.ticks(3);
    lab.answers[Question::analysis] = fails();
    text += lab.tick() + "\n";
    lab.answers[Question::analysis] = passes();
    text += lab.ticks(7);
    CHECK(text == "Progressing 0 0 | new revision r2 detected\n"
                  "Progressing 10 0 | canary weight 10\n"
                  "Progressing 10 0 | passed, 1 of 2 at 10 %\n"
                  "Progressing 10 1 | halted: latency 180.00 > 150.00\n"
                  "Progressing 10 1 | passed, 1 of 2 at 10 %\n"
                  "Progressing 100 1 | canary weight 100\n"
                  "Progressing 100 1 | passed, 1 of 2 at 100 %\n"
                  "Promoting 100 1 | promoting r2: all checks passed\n"
                  "Finalising 0 1 | all traffic goes to the primary, which runs the new revision\n"
                  "Succeeded 0 1 | promoted r2\n"
                  "Succeeded 0 1 | promoted r2\n");
}

TEST_CASE("stages: more failures than tolerated roll back, at once in either way", "[rollout][step]") {
    for (const auto compat : {Compat::none, Compat::flagger}) {
        Lab lab(stages("{stages: [10, 100], maxFailures: 1}"), compat);
        lab.answers[Question::analysis] = fails();
        CHECK(lab.ticks(4) == "Progressing 0 0 | new revision r2 detected\n"
                              "Progressing 10 0 | canary weight 10\n"
                              "Progressing 10 1 | halted: latency 180.00 > 150.00\n"
                              "Failed 0 2 | 2 failed checks, 1 tolerated: latency 180.00 > 150.00\n");
    }
}

TEST_CASE("stages: a gate keeps the streak, a failure at it does not", "[rollout][step]") {
    Lab lab(stages("{stages: [10, 100], successes: 2, maxFailures: 9}"));
    lab.ticks(3);
    lab.answers[Question::confirm_traffic_increase] = closed();
    CHECK(lab.ticks(2) == "Progressing 10 0 | held by confirm-traffic-increase: gate not yet\n"
                          "Progressing 10 0 | held by confirm-traffic-increase: gate not yet\n");
    lab.answers.clear();
    CHECK(lab.ticks(2) == "Progressing 100 0 | canary weight 100\n"
                          "Progressing 100 0 | passed, 1 of 2 at 100 %\n");
    lab.answers[Question::confirm_promotion] = closed();
    CHECK(lab.tick() == "WaitingPromotion 100 0 | held by confirm-promotion: gate not yet");
    lab.answers[Question::analysis] = fails();
    CHECK(lab.tick() == "WaitingPromotion 100 1 | halted: latency 180.00 > 150.00");
    lab.answers.clear();
    CHECK(lab.ticks(2) == "Progressing 100 1 | passed, 1 of 2 at 100 %\n"
                          "Promoting 100 1 | promoting r2: all checks passed\n");
}

TEST_CASE("stages: checks take an interval, everything else happens at once", "[rollout][step]") {
    Lab lab(stages("{stages: [50], successes: 2, interval: 30s}"));
    lab.race();
    CHECK(base::to_rfc3339(*lab.state.started_at) == "2026-11-28T10:00:00Z");
    CHECK(base::to_rfc3339(*lab.state.checked_at) == "2026-11-28T10:01:01Z");  // a second until the Pods are looked for
}

TEST_CASE("the journal says what a tick was about", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100, threshold: 2}"));
    lab.ticks(2);
    lab.answers[Question::analysis] = fails();
    lab.ticks(2);
    std::string text;
    for (const auto& entry : lab.entries)
        text += std::to_string(entry.tick) + " " + entry.phase + " " + std::to_string(entry.weight) + " " +
                std::string(entry_kind_name(entry.kind)) + " " + std::to_string(entry.checks.size()) + "\n";
    CHECK(text == "0 Progressing 0 phase 0\n"
                  "1 Progressing 100 advance 0\n"
                  "2 Progressing 100 halt 1\n"
                  "3 Failed 0 rollback 1\n");
}
