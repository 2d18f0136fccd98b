// Flagger's scheduler scenarios, tick by tick: the phase, the canary's weight, the failed checks, and what is said.
#include "core/rollout/step.hpp"

#include <catch2/catch.hpp>

#include "step_lab.hpp"

using namespace step_lab;

namespace {

const std::string k_match = "match: [{headers: {x-canary: {exact: insider}}}]";

}  // namespace

TEST_CASE("a canary is initialised when its primary is ready", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.state = {};
    lab.seen.target = lab.seen.primary = {};
    lab.seen.revision = "";
    CHECK(lab.tick() == "Initializing 0 0 | the target web does not exist");
    lab.seen.target = {true, true};
    lab.seen.revision = "r1";
    CHECK(lab.tick() == "Initializing 0 0 | waiting for the primary: ");
    lab.seen.primary = {true, false, false, "0 of 2 Pods are available"};
    CHECK(lab.tick() == "Initializing 0 0 | waiting for the primary: 0 of 2 Pods are available");
    SECTION("and waits for a new revision") {
        lab.seen.primary.ready = true;
        CHECK(lab.tick() == "Initialized 0 0 | initialised: the primary serves, the target is scaled to zero");
        CHECK(is_settled(lab.state));
        CHECK(lab.state.promoted_revision == "r1");
        CHECK(lab.tick() == "Initialized 0 0 | initialised: the primary serves, the target is scaled to zero");
    }
    SECTION("and a revision that came meanwhile is a new one") {
        lab.seen.revision = "r2";
        CHECK(lab.tick() == "Initializing 0 0 | waiting for the primary: 0 of 2 Pods are available");
        lab.seen.primary.ready = true;
        CHECK(lab.ticks(2) == "Initialized 0 0 | initialised: the primary serves, the target is scaled to zero\n"
                              "Progressing 0 0 | new revision r2 detected\n");
    }
}

TEST_CASE("a canary that passes", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20, maxWeight: 50}"));
    CHECK(lab.ticks(8) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 20 0 | canary weight 20\n"
                          "Progressing 40 0 | canary weight 40\n"
                          "Progressing 60 0 | canary weight 60\n"
                          "Promoting 60 0 | promoting r2: all checks passed\n"
                          "Finalising 0 0 | all traffic goes to the primary, which runs the new revision\n"
                          "Succeeded 0 0 | promoted r2\n"
                          "Succeeded 0 0 | promoted r2\n");
    CHECK(lab.state.promoted_revision == "r2");
    CHECK(lab.state.announces);
    CHECK_FALSE(lab.state.target_is_up);
    CHECK_FALSE(is_settled(lab.state));
    lab.state.announces = false;
    CHECK(is_settled(lab.state));
}

TEST_CASE("what is asked in each tick", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    std::string asked;
    for (int i = 0; i < 5; ++i) {
        lab.tick();
        asked += lab.asked_names() + "\n";
    }
    CHECK(asked == "confirm-rollout\n"
                   "rollback pre-rollout confirm-traffic-increase\n"  // no metrics before the first weight
                   "rollback analysis confirm-promotion\n"
                   "\n"
                   "\n");
}

TEST_CASE("failures add up, and passing ticks repair none", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20, threshold: 2}"));
    std::string text = lab.ticks(2);
    lab.answers[Question::analysis] = fails();
    text += lab.tick() + "\n";
    lab.answers[Question::analysis] = passes();
    text += lab.ticks(2);
    lab.answers[Question::analysis] = fails("181.00 > 150.00");
    text += lab.ticks(2);
    CHECK(text == "Progressing 0 0 | new revision r2 detected\n"
                  "Progressing 20 0 | canary weight 20\n"
                  "Progressing 20 1 | halted: latency 180.00 > 150.00\n"
                  "Progressing 40 1 | canary weight 40\n"
                  "Progressing 60 1 | canary weight 60\n"
                  "Failed 0 2 | 2 failed checks reach the threshold: latency 181.00 > 150.00\n"
                  "Failed 0 2 | 2 failed checks reach the threshold: latency 181.00 > 150.00\n");
    CHECK_FALSE(lab.state.target_is_up);
    CHECK(lab.entries.back().kind == EntryKind::rollback);
    CHECK(lab.entries.back().checks.size() == 1);
}

TEST_CASE("Flagger rolls back one interval late", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20, threshold: 2}"), Compat::flagger);
    lab.answers[Question::analysis] = fails();
    CHECK(lab.ticks(5) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 20 0 | canary weight 20\n"
                          "Progressing 20 1 | halted: latency 180.00 > 150.00\n"
                          "Progressing 20 2 | halted: latency 180.00 > 150.00\n"
                          "Failed 0 2 | 2 failed checks reach the threshold\n");
    CHECK(lab.asked_names() == "rollback");
}

TEST_CASE("a threshold that was lowered under way counts what has failed", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20, threshold: 5}"));
    lab.ticks(2);
    lab.answers[Question::analysis] = fails();
    lab.ticks(2);
    lab.spec.analysis.threshold = 2;
    lab.answers[Question::analysis] = passes();
    CHECK(lab.tick() == "Failed 0 2 | 2 failed checks reach the threshold");
}

TEST_CASE("a failed revision is not tried again by itself", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.answers[Question::analysis] = fails();
    CHECK(lab.race() == "50 0 Failed in 3");
    CHECK(lab.tick() == "Failed 0 1 | 1 failed check reaches the threshold: latency 180.00 > 150.00");
    lab.seen.revision = "r3";
    CHECK(lab.tick() == "Progressing 0 0 | new revision r3 detected");
    CHECK(lab.state.run == 2);
}

TEST_CASE("pre-rollout hooks count before the first weight", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50, threshold: 2}"));
    lab.answers[Question::pre_rollout] = closed("smoke test failed");
    CHECK(lab.ticks(3) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 0 1 | halted: gate smoke test failed\n"
                          "Failed 0 2 | 2 failed checks reach the threshold: gate smoke test failed\n");
}

TEST_CASE("confirm-rollout holds a revision before it starts", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    lab.answers[Question::confirm_rollout] = closed("403");
    CHECK(lab.ticks(2) == "Waiting 0 0 | held by confirm-rollout: gate 403\n"
                          "Waiting 0 0 | held by confirm-rollout: gate 403\n");
    CHECK(lab.entries.size() == 1);
    SECTION("until it opens") {
        lab.answers.clear();
        CHECK(lab.tick() == "Progressing 0 0 | new revision r2 detected");
    }
    SECTION("or the revision is withdrawn") {
        lab.seen.revision = "r1";
        CHECK(lab.tick() == "Initialized 0 0 | the new revision was withdrawn before it began");
    }
    SECTION("and a newer one takes its place") {
        lab.seen.revision = "r3";
        lab.answers.clear();
        CHECK(lab.tick() == "Progressing 0 0 | new revision r3 detected");
    }
    SECTION("and a rollback hook ends it") {
        lab.answers[Question::rollback_hooks] = says(Verdict::pass, "somebody wants it back");
        CHECK(lab.ticks(2) == "Failed 0 0 | a rollback hook asked for it\n"
                              "Failed 0 0 | a rollback hook asked for it\n");
    }
    SECTION("and a person ends it") {
        lab.command(Command::abort);
        CHECK(lab.ticks(2) == "Failed 0 0 | aborted by ann\n"
                              "Failed 0 0 | aborted by ann\n");
        CHECK(lab.state.applied_revision == "r2");
    }
    SECTION("and a person lets it through") {
        lab.command(Command::promote);
        CHECK(lab.ticks(2) == "Progressing 0 0 | new revision r2 detected\n"
                              "Progressing 100 0 | canary weight 100\n");
        CHECK(lab.entries[1].message == "let through the gate by ann");
    }
}

TEST_CASE("a revision withdrawn at the gate leaves the phase that was before", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100}"));
    lab.state.phase = Phase::failed;
    lab.state.run = 1;
    lab.state.applied_revision = "bad";
    lab.answers[Question::confirm_rollout] = closed();
    lab.tick();
    lab.seen.revision = "r1";
    CHECK(lab.tick() == "Failed 0 0 | the new revision was withdrawn before it began");
}

TEST_CASE("confirm-traffic-increase holds without counting", "[rollout][step]") {
    for (const auto compat : {Compat::none, Compat::flagger}) {
        Lab lab(flagger("{stepWeight: 50}"), compat);
        lab.answers[Question::confirm_traffic_increase] = closed();
        CHECK(lab.ticks(3) == "Progressing 0 0 | new revision r2 detected\n"
                              "Progressing 0 0 | held by confirm-traffic-increase: gate not yet\n"
                              "Progressing 0 0 | held by confirm-traffic-increase: gate not yet\n");
        // Flagger runs the pre-rollout hooks again as long as the first step is held.
        CHECK(lab.asked_names() == (compat == Compat::flagger ? "rollback pre-rollout confirm-traffic-increase"
                                                              : "rollback confirm-traffic-increase"));
        CHECK(lab.entries.size() == 2);
        lab.answers.clear();
        CHECK(lab.tick() == "Progressing 50 0 | canary weight 50");
        lab.answers[Question::confirm_traffic_increase] = closed();
        CHECK(lab.tick() == "Progressing 50 0 | held by confirm-traffic-increase: gate not yet");
        CHECK(lab.asked_names() == "rollback analysis confirm-traffic-increase");
    }
}

TEST_CASE("confirm-promotion holds, and the checks go on", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 100, threshold: 2}"));
    lab.answers[Question::confirm_promotion] = closed();
    CHECK(lab.ticks(4) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 100 0 | canary weight 100\n"
                          "WaitingPromotion 100 0 | held by confirm-promotion: gate not yet\n"
                          "WaitingPromotion 100 0 | held by confirm-promotion: gate not yet\n");
    SECTION("until it opens") {
        lab.answers.clear();
        CHECK(lab.race() == "0 Succeeded in 3");
    }
    SECTION("and can end the run") {
        lab.answers[Question::analysis] = fails();
        CHECK(lab.ticks(2) == "WaitingPromotion 100 1 | halted: latency 180.00 > 150.00\n"
                              "Failed 0 2 | 2 failed checks reach the threshold: latency 180.00 > 150.00\n");
    }
    SECTION("and an edit of the route takes the run back") {
        lab.state.split.canary = 0;
        CHECK(lab.tick() == "Progressing 100 0 | canary weight 100");
    }
    SECTION("and a new revision starts again, without the first gate") {
        lab.seen.revision = "r3";
        lab.answers[Question::confirm_rollout] = closed();
        CHECK(lab.ticks(2) == "Progressing 0 0 | revision changed to r3: the analysis starts again\n"
                              "Progressing 100 0 | canary weight 100\n");
    }
}

TEST_CASE("rollback hooks are inverted", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.answers[Question::rollback_hooks] = closed("nobody");
    CHECK(lab.ticks(2) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 50 0 | canary weight 50\n");
    lab.answers[Question::rollback_hooks] = passes();
    CHECK(lab.tick() == "Failed 0 0 | a rollback hook asked for it");
}

TEST_CASE("a new revision restarts the run", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20, threshold: 5}"));
    lab.ticks(3);
    lab.answers[Question::analysis] = fails();
    CHECK(lab.tick() == "Progressing 40 1 | halted: latency 180.00 > 150.00");
    lab.answers.clear();
    lab.seen.revision = "r3";
    CHECK(lab.tick() == "Progressing 0 0 | revision changed to r3: the analysis starts again");
    CHECK(lab.tick() == "Progressing 20 0 | canary weight 20");
    CHECK(lab.asked_names() == "rollback pre-rollout confirm-traffic-increase");
    CHECK(lab.state.run == 2);
}

TEST_CASE("a new revision is not swallowed by a primary that is not ready", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.state.phase = Phase::failed;
    lab.seen.primary = {true, false, false, "1 of 2 Pods are available"};
    CHECK(lab.ticks(2) == "Failed 0 0 | waiting for the primary: 1 of 2 Pods are available\n"
                          "Failed 0 0 | waiting for the primary: 1 of 2 Pods are available\n");
    lab.seen.primary.ready = true;
    CHECK(lab.tick() == "Progressing 0 0 | new revision r2 detected");
}

TEST_CASE("a target that is put back withdraws the run", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.seen.revision = "r1";
    CHECK(lab.ticks(2) == "Failed 0 0 | withdrawn: the target was put back to what is promoted\n"
                          "Failed 0 0 | withdrawn: the target was put back to what is promoted\n");
    lab.seen.revision = "r2";
    CHECK(lab.tick() == "Progressing 0 0 | new revision r2 detected");
}

TEST_CASE("Flagger goes on when the target is put back", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"), Compat::flagger);
    lab.ticks(2);
    lab.seen.revision = "r1";
    CHECK(lab.tick() == "Progressing 100 0 | canary weight 100");
}

TEST_CASE("a list that does not rise", "[rollout][step]") {
    Lab fixed(flagger("{stepWeights: [20, 10, 50]}"));
    CHECK(fixed.race() == "20 50 0 Succeeded in 6");
    Lab kept(flagger("{stepWeights: [20, 10, 50]}"), Compat::flagger);
    CHECK(kept.race() == "20 Progressing for ever: no step leads on from weight 20");
    CHECK(kept.entries.size() == 3);
}

TEST_CASE("the route is the truth", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 20}"));
    lab.ticks(3);
    lab.state.split.canary = 0;  // somebody's edit put it back
    CHECK(lab.tick() == "Progressing 20 0 | canary weight 20");
    CHECK(lab.asked_names() == "rollback confirm-traffic-increase");
    lab.state.split.canary = 70;
    CHECK(lab.tick() == "Progressing 90 0 | canary weight 90");
}

TEST_CASE("no data and no answer count as failures without a budget", "[rollout][step]") {
    for (const auto verdict : {Verdict::no_data, Verdict::unreachable}) {
        Lab lab(flagger("{stepWeight: 50, threshold: 2}"));
        lab.answers[Question::analysis] = says(verdict, "no series matches");
        CHECK(lab.ticks(4) == "Progressing 0 0 | new revision r2 detected\n"
                              "Progressing 50 0 | canary weight 50\n"
                              "Progressing 50 1 | halted: latency no series matches\n"
                              "Failed 0 2 | 2 failed checks reach the threshold: latency no series matches\n");
    }
}

TEST_CASE("an analysis that fails without a reason is a failure", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}"));
    lab.ticks(2);
    lab.answers[Question::analysis].passed = false;
    CHECK(lab.tick() == "Failed 0 1 | 1 failed check reaches the threshold: a check did not pass");
}

TEST_CASE("no data and no answer have a budget of their own", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 10, budget: {noData: 2, unreachable: 1}}"));
    lab.ticks(2);
    lab.answers[Question::analysis] = says(Verdict::no_data, "no series matches");
    CHECK(lab.ticks(2) == "Progressing 10 0 | held, 1 of 2 checks without data: latency no series matches\n"
                          "Progressing 10 0 | held, 2 of 2 checks without data: latency no series matches\n");
    SECTION("in a row") {
        CHECK(lab.tick() == "Failed 0 0 | 3 checks in a row without data: latency no series matches");
    }
    SECTION("which a value ends") {
        lab.answers[Question::analysis] = passes();
        CHECK(lab.tick() == "Progressing 20 0 | canary weight 20");
        lab.answers[Question::analysis] = says(Verdict::no_data, "no series matches");
        CHECK(lab.tick() == "Progressing 20 0 | held, 1 of 2 checks without data: latency no series matches");
    }
    SECTION("which the other trouble ends, too") {
        lab.answers[Question::analysis] = says(Verdict::unreachable, "timed out");
        CHECK(lab.tick() == "Progressing 10 0 | held, 1 of 1 checks without an answer of the metrics server: latency timed out");
        lab.answers[Question::analysis] = says(Verdict::no_data, "no series matches");
        CHECK(lab.tick() == "Progressing 10 0 | held, 1 of 2 checks without data: latency no series matches");
        lab.answers[Question::analysis] = says(Verdict::unreachable, "timed out");
        CHECK(lab.ticks(2) == "Progressing 10 0 | held, 1 of 1 checks without an answer of the metrics server: latency timed out\n"
                              "Failed 0 0 | 2 checks in a row without an answer of the metrics server: latency timed out\n");
    }
    SECTION("and a bad value beside it is a failure") {
        auto answer = says(Verdict::no_data, "no series matches");
        answer.checks.push_back({"errors", Verdict::fail, 5.0, {}, {}, "5.00 > 1.00"});
        lab.answers[Question::analysis] = answer;
        CHECK(lab.tick() == "Failed 0 1 | 1 failed check reaches the threshold: latency no series matches; errors 5.00 > 1.00");
    }
}

TEST_CASE("sequential evidence", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50, threshold: 5, method: sequential}"));
    lab.ticks(2);
    auto unsure = says(Verdict::inconclusive, "needs about 120 more samples");
    unsure.evidence = doc::Value("60 of 60");
    lab.answers[Question::analysis] = unsure;
    CHECK(lab.ticks(2) == "Progressing 50 0 | not enough evidence yet: latency needs about 120 more samples\n"
                          "Progressing 50 0 | not enough evidence yet: latency needs about 120 more samples\n");
    CHECK(lab.state.evidence == doc::Value("60 of 60"));
    SECTION("against the canary needs no second look") {
        auto condemned = fails("97.1 % < 99 %");
        condemned.condemned = true;
        lab.answers[Question::analysis] = condemned;
        CHECK(lab.tick() == "Failed 0 0 | latency 97.1 % < 99 %");
    }
    SECTION("for the canary lets it go on, and is kept while nothing new is known") {
        lab.answers[Question::analysis] = passes();
        CHECK(lab.tick() == "Progressing 100 0 | canary weight 100");
        CHECK(lab.state.evidence == doc::Value("60 of 60"));
    }
}

TEST_CASE("blue/green: checks without traffic, then all of it", "[rollout][step]") {
    Lab lab(flagger("{iterations: 2, threshold: 2}"));
    CHECK(lab.ticks(7) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 0 0 | iteration 1 of 2\n"
                          "Progressing 0 0 | iteration 2 of 2\n"
                          "Progressing 100 0 | all traffic goes to the canary\n"
                          "Promoting 100 0 | promoting r2: all checks passed\n"
                          "Finalising 0 0 | all traffic goes to the primary, which runs the new revision\n"
                          "Succeeded 0 0 | promoted r2\n");
}

TEST_CASE("blue/green asks for the promotion before the switch and after it", "[rollout][step]") {
    Lab lab(flagger("{iterations: 1}"));
    lab.ticks(2);
    lab.answers[Question::confirm_promotion] = closed();
    CHECK(lab.ticks(2) == "WaitingPromotion 0 0 | held by confirm-promotion: gate not yet\n"
                          "WaitingPromotion 0 0 | held by confirm-promotion: gate not yet\n");
    lab.answers.clear();
    CHECK(lab.tick() == "Progressing 100 0 | all traffic goes to the canary");
    CHECK(lab.asked_names() == "rollback analysis confirm-promotion");
    lab.tick();
    CHECK(lab.asked_names() == "rollback analysis confirm-promotion");
}

TEST_CASE("the other strategies", "[rollout][step]") {
    CHECK(Lab(flagger("{iterations: 2, mirror: true}")).race() == "0m 100 0 Succeeded in 7");
    CHECK(Lab(flagger("{iterations: 2}", "  provider: kubernetes\n")).race() == "Succeeded in 7");
    CHECK(Lab(flagger("{iterations: 3, " + k_match + "}")).race() == "100x 0 Succeeded in 7");
    CHECK(Lab(flagger("{stepWeight: 50, mirror: true}")).race() == "0m 50 100 0 Succeeded in 7");
    CHECK(Lab(flagger("{stepWeight: 50, mirror: true}", "  provider: nginx\n")).race() == "50 100 0 Succeeded in 6");
    CHECK(Lab(flagger("{iterations: 2, stepWeightPromotion: 50}")).race() == "100 50 0 Succeeded in 8");
    CHECK(Lab(flagger("{iterations: 2, stepWeightPromotion: 50, " + k_match + "}")).race() == "100x 0 Succeeded in 6");
}

TEST_CASE("A/B testing, tick by tick", "[rollout][step]") {
    Lab lab(flagger("{iterations: 2, " + k_match + "}"));
    CHECK(lab.ticks(4) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 100x 0 | iteration 1 of 2, requests that match go to the canary\n"
                          "Progressing 100x 0 | iteration 2 of 2, requests that match go to the canary\n"
                          "Promoting 100x 0 | promoting r2: all checks passed\n");
}

TEST_CASE("mirrored requests are checked before the first weight, which no gate holds", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50, mirror: true}"));
    lab.answers[Question::confirm_traffic_increase] = closed();
    CHECK(lab.ticks(3) == "Progressing 0 0 | new revision r2 detected\n"
                          "Progressing 0m 0 | mirroring requests to the canary\n"
                          "Progressing 50 0 | canary weight 50\n");
    CHECK(lab.asked_names() == "rollback analysis");
}

TEST_CASE("the primary gets its traffic back in steps", "[rollout][step]") {
    CHECK(Lab(flagger("{stepWeight: 50, stepWeightPromotion: 40}")).race() == "50 100 60 20 0 Succeeded in 8");
    CHECK(Lab(flagger("{stepWeight: 50, stepWeightPromotion: 100}")).race() == "50 100 0 Succeeded in 6");
    CHECK(Lab(stages("{stages: [50, 100], stepWeightPromotion: 40}")).race() == "50 100 60 20 0 Succeeded in 8");
}

TEST_CASE("without analysis a revision is promoted as soon as it is ready", "[rollout][step]") {
    Lab lab(flagger("{stepWeight: 50}", "  skipAnalysis: true\n"));
    lab.seen.primary = {true, false, false, "it crashes"};  // what is promoted may repair it
    CHECK(lab.tick() == "Progressing 0 0 | new revision r2 detected");
    lab.seen.target.ready = false;
    CHECK(lab.tick() == "Progressing 0 0 | waiting for the target: ");
    lab.seen.target.ready = true;
    CHECK(lab.ticks(2) == "Promoting 0 0 | promoting r2: analysis is skipped\n"
                          "Promoting 0 0 | waiting for the primary to take over the new revision: it crashes\n");
    lab.seen.primary.ready = true;
    CHECK(lab.ticks(2) == "Finalising 0 0 | all traffic goes to the primary, which runs the new revision\n"
                          "Succeeded 0 0 | promoted r2\n");
}
