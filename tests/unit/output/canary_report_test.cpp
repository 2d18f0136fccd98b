#include "cli/output/canary_report.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"

using namespace gitops;
using namespace gitops::cli;
using namespace gitops::rollout;

namespace {

base::Time after(int seconds) { return *base::parse_rfc3339("2026-11-28T10:00:00Z") + base::Duration(std::int64_t{seconds} * 1000); }

const ReportStyle k_plain{.glyphs = Glyphs::ascii, .paint = Paint::no, .width = 120};

RunRecord run() {
    RunRecord run;
    run.number = 3;
    run.from_revision = "5d9f7c6b8";
    run.to_revision = "7b8d9cf4d";
    run.from_image = "registry.example/farm/predictor:v1";
    run.to_image = "registry.example/farm/predictor:v2";
    run.started_at = after(0);
    run.entries = {{after(0), 0, "Progressing", 0, EntryKind::phase, "new revision 7b8d9cf4d detected", {}},
                   {after(20), 1, "Progressing", 10, EntryKind::advance, "canary weight 10",
                    {{"success-rate", Verdict::pass, 99.6, {99.0, {}}, "rate", ""}, {"latency-p99", Verdict::pass, 125.0, {{}, 150.0}, "p99", ""}}},
                   {after(80), 4, "Progressing", 10, EntryKind::halt, "halted: latency-p99 180.00 > 150.00",
                    {{"load-test", Verdict::pass, {}, {}, "", ""},
                     {"success-rate", Verdict::pass, 99.61, {99.0, {}}, "rate", ""},
                     {"latency-p99", Verdict::fail, 180.0, {{}, 150.0}, "p99", "180.00 > 150.00"}}}};
    return run;
}

CanaryView stages_view() {
    CanaryView view;
    view.name = view.spec.name = "predictor";
    view.ns = view.spec.ns = "farm";
    view.spec.dialect = Dialect::stages;
    view.spec.provider = "istio";
    view.spec.target = {"apps/v1", "Deployment", "predictor"};
    view.spec.service.name = "predictor";
    view.spec.analysis.stages = {5, 10, 25, 50, 100};
    view.spec.analysis.successes = 3;
    view.spec.analysis.max_failures = 2;
    view.spec.analysis.metrics = {{"success-rate", "", {99.0, {}}}, {"latency-p99", "", {{}, 150.0}}};
    view.spec.analysis.webhooks = {{"load-test", HookType::rollout}, {"ask-ops", HookType::confirm_promotion}};
    view.state.phase = Phase::progressing;
    view.state.split.canary = 10;
    view.state.stage = 1;
    view.state.streak = 2;
    view.state.failed_checks = 1;
    view.state.run = 3;
    view.state.tick = 4;
    view.state.promoted_revision = "5d9f7c6b8";
    view.state.applied_revision = "7b8d9cf4d";
    view.state.started_at = view.state.phase_at = after(0);
    view.state.message = "halted: latency-p99 180.00 > 150.00";
    view.primary = WorkloadCounts{"Deployment", "predictor-primary", 3, 3, "registry.example/farm/predictor:v1", ""};
    view.target = WorkloadCounts{"Deployment", "predictor", 2, 1, "registry.example/farm/predictor:v2", "1 of 2 Pods are available"};
    view.route = "VirtualService predictor";
    view.routed = Split{10};
    view.run = run();
    view.now = after(92);
    return view;
}

CanaryView flagger_view() {
    CanaryView view;
    view.name = view.spec.name = "podinfo";
    view.ns = "test";
    view.spec.provider = "kubernetes";
    view.spec.target = {"apps/v1", "Deployment", "podinfo"};
    view.spec.analysis.strategy = Strategy::blue_green;
    view.spec.analysis.iterations = 10;
    view.spec.analysis.threshold = 5;
    view.state.phase = Phase::initialized;
    view.state.promoted_revision = view.state.applied_revision = "1a2b";
    view.now = after(0);
    return view;
}

std::string json(const doc::Value& value) { return doc::write_json(value); }

}  // namespace

TEST_CASE("the state of a canary on one screen") {
    CHECK(canary_tree(stages_view(), k_plain) == R"(Name:        predictor
Namespace:   farm
Strategy:    canary, stages dialect, istio
Phase:       > Progressing, for 1m32s
Message:     halted: latency-p99 180.00 > 150.00
Weight:      ##.................. 10 %
Steps:       5 [10] 25 50 100
Checks:      2/3 passed, 1/2 failed
Revision:    5d9f7c6b8 -> 7b8d9cf4d
Image:       registry.example/farm/predictor:v1 -> registry.example/farm/predictor:v2
Run:         3, tick 4, started 1m32s ago

NAME                                STATUS            INFO
Canary predictor                    > Progressing
|- Deployment predictor-primary     + 3/3 ready       primary, predictor:v1
|- Deployment predictor             . 1/2 ready       canary: 1 of 2 Pods are available, predictor:v2
|- Service predictor                                  apex
|- Service predictor-primary                          primary
|- Service predictor-canary                           canary
|- VirtualService predictor         10 % canary       90 % primary
|- Checks                           1 passed, 1 not   12s ago
|  |- + success-rate                99.61  (>= 99)
|  `- x latency-p99                 180  (<= 150)     180.00 > 150.00
`- Hooks                            1 passed          12s ago
   |- + rollout load-test           passed
   `- . confirm-promotion ask-ops   not asked yet
)");
}

TEST_CASE("the screen with all signs") {
    CHECK(canary_tree(stages_view(), {.glyphs = Glyphs::unicode, .paint = Paint::no, .width = 80}) == R"(Name:        predictor
Namespace:   farm
Strategy:    canary, stages dialect, istio
Phase:       ⟳ Progressing, for 1m32s
Message:     halted: latency-p99 180.00 > 150.00
Weight:      ██░░░░░░░░░░░░░░░░░░ 10 %
Steps:       5 [10] 25 50 100
Checks:      2/3 passed, 1/2 failed
Revision:    5d9f7c6b8 → 7b8d9cf4d
Image:       registry.example/farm/predictor:v1 → registry.example/farm/predi...
Run:         3, tick 4, started 1m32s ago

NAME                                STATUS            INFO
Canary predictor                    ⟳ Progressing
├─ Deployment predictor-primary     ✔ 3/3 ready       primary, predictor:v1
├─ Deployment predictor             ◌ 1/2 ready       canary: 1 of 2 Pods are...
├─ Service predictor                                  apex
├─ Service predictor-primary                          primary
├─ Service predictor-canary                           canary
├─ VirtualService predictor         10 % canary       90 % primary
├─ Checks                           1 passed, 1 not   12s ago
│  ├─ ✔ success-rate                99.61  (≥ 99)
│  └─ ✖ latency-p99                 180  (≤ 150)      180.00 > 150.00
└─ Hooks                            1 passed          12s ago
   ├─ ✔ rollout load-test           passed
   └─ ◌ confirm-promotion ask-ops   not asked yet
)");
}

TEST_CASE("a canary of which little is known yet") {
    CHECK(canary_tree(flagger_view(), k_plain) == R"(Name:        podinfo
Namespace:   test
Strategy:    blue-green, flagger dialect, kubernetes
Phase:       + Initialized
Weight:      .................... 0 %
Revision:    1a2b

NAME                            STATUS          INFO
Canary podinfo                  + Initialized
|- Deployment podinfo-primary   unknown         primary
`- Deployment podinfo           unknown         canary
)");
}

TEST_CASE("a canary that is held says so") {
    auto view = stages_view();
    view.state.paused = true;
    view.state.command = Command::promote;
    view.state.command_by = "ada";
    view.routed = Split{25};
    const auto text = canary_tree(view, k_plain);
    CHECK(text.find("Phase:       = Progressing, paused, for 1m32s\n") != std::string::npos);
    CHECK(text.find("Weight:      ##.................. 10 %, but 25 % are routed\n") != std::string::npos);
    CHECK(text.find("Asked for:   promote by ada\n") != std::string::npos);
}

TEST_CASE("color is added to the screen and changes no column") {
    auto painted_text = canary_tree(stages_view(), {.glyphs = Glyphs::ascii, .paint = Paint::yes, .width = 120});
    CHECK(painted_text.find("\x1b[31m180  (<= 150)\x1b[0m") != std::string::npos);
    std::string stripped;
    for (std::size_t i = 0; i < painted_text.size(); ++i) {
        if (painted_text[i] == '\x1b') i = painted_text.find('m', i);
        else stripped += painted_text[i];
    }
    CHECK(stripped == canary_tree(stages_view(), k_plain));
}

TEST_CASE("canaries in a list") {
    auto failed = flagger_view();
    failed.state.phase = Phase::failed;
    failed.state.run = 1;
    failed.state.iterations = 4;
    failed.state.failed_checks = 5;
    failed.state.applied_revision = "3c4d";
    failed.state.started_at = after(-90'000);
    CHECK(canary_table(std::vector{stages_view(), flagger_view(), failed}).text() == R"(NAME        NAMESPACE   PHASE         WEIGHT   CHECKS                    REVISION                 AGE
predictor   farm        Progressing   10 %     2/3 passed, 1/2 failed    5d9f7c6b8 -> 7b8d9cf4d   1m32s
podinfo     test        Initialized   0 %                                1a2b
podinfo     test        Failed        0 %      4/10 passed, 5/5 failed   1a2b -> 3c4d             1d1h
)");
    CHECK(canary_table({}).text() == "NAME   NAMESPACE   PHASE   WEIGHT   CHECKS   REVISION   AGE\n");
}

TEST_CASE("a canary as JSON") {
    CHECK(json(canary_value(stages_view())) ==
          R"({"name":"predictor","namespace":"farm","dialect":"stages","strategy":"canary","provider":"istio","phase":"Progressing",)"
          R"("weight":10,"failedChecks":1,"stage":1,"streak":2,"paused":false,"revision":{"primary":"5d9f7c6b8","canary":"7b8d9cf4d"},)"
          R"("startedAt":"2026-11-28T10:00:00Z","message":"halted: latency-p99 180.00 > 150.00"})");
    CHECK(json(canary_value(flagger_view())) ==
          R"({"name":"podinfo","namespace":"test","dialect":"flagger","strategy":"blue-green","provider":"kubernetes",)"
          R"("phase":"Initialized","weight":0,"failedChecks":0,"stage":null,"streak":null,"paused":false,)"
          R"("revision":{"primary":"1a2b","canary":"1a2b"},"startedAt":null,"message":null})");
}

TEST_CASE("the status as JSON has the checks, the workloads and the run") {
    const auto value = canary_status_value(stages_view());
    CHECK(json(*value.find("checks")) ==
          R"([{"name":"success-rate","hook":null,"verdict":"pass","value":99.61,"min":99,"max":null,"query":"rate","detail":null,"at":"2026-11-28T10:01:20Z"},)"
          R"({"name":"latency-p99","hook":null,"verdict":"fail","value":180,"min":null,"max":150,"query":"p99","detail":"180.00 > 150.00","at":"2026-11-28T10:01:20Z"},)"
          R"({"name":"load-test","hook":"rollout","verdict":"pass","value":null,"min":null,"max":null,"query":null,"detail":null,"at":"2026-11-28T10:01:20Z"},)"
          R"({"name":"ask-ops","hook":"confirm-promotion","verdict":null,"value":null,"min":null,"max":null,"query":null,"detail":null,"at":null}])");
    CHECK(json(*value.find("workloads")) ==
          R"([{"role":"primary","kind":"Deployment","name":"predictor-primary","ready":3,"wanted":3,"image":"registry.example/farm/predictor:v1","reason":null},)"
          R"({"role":"canary","kind":"Deployment","name":"predictor","ready":1,"wanted":2,"image":"registry.example/farm/predictor:v2","reason":"1 of 2 Pods are available"}])");
    CHECK(json(*value.find("run")) == json(to_value(run())));
    CHECK(canary_status_value(flagger_view()).find("run")->is_null());
}

TEST_CASE("runs in a list, and as JSON") {
    auto ended = run();
    ended.number = 2;
    ended.ended_at = after(140);
    ended.outcome = "Failed";
    ended.reason = "3 failed checks, 2 tolerated: latency-p99 180.00 > 150.00";
    ended.from_image = ended.to_image = "";
    const std::vector runs{ended, run()};
    CHECK(history_text(runs, after(200)) == R"(RUN   STARTED               DURATION   FROM           TO             OUTCOME     REASON
2     2026-11-28 10:00:00   2m20s      5d9f7c6b8      7b8d9cf4d      Failed      3 failed checks, 2 tolerated: latency-p99 180.00 > 150.00
3     2026-11-28 10:00:00   3m20s      predictor:v1   predictor:v2   under way
)");
    CHECK(json(history_value(ended)) ==
          R"({"number":2,"fromRevision":"5d9f7c6b8","toRevision":"7b8d9cf4d","fromImage":null,"toImage":null,)"
          R"("startedAt":"2026-11-28T10:00:00.000Z","endedAt":"2026-11-28T10:02:20.000Z","durationSeconds":140,"outcome":"Failed",)"
          R"("reason":"3 failed checks, 2 tolerated: latency-p99 180.00 > 150.00"})");
    CHECK(history_value(run()).find("durationSeconds")->is_null());
}

TEST_CASE("one run with every check") {
    CHECK(journal_text(run(), k_plain) == R"(run 3: predictor:v1 -> predictor:v2, started 2026-11-28 10:00:00, under way

TIME       TICK   PHASE         WEIGHT   DECISION   MESSAGE
00:00:00   0      Progressing     0 %    phase      new revision 7b8d9cf4d detected
00:00:20   1      Progressing    10 %    advance    canary weight 10
                                                      + success-rate 99.60 >= 99
                                                      + latency-p99 125 <= 150
00:01:20   4      Progressing    10 %    halt       halted: latency-p99 180.00 > 150.00
                                                      + load-test: passed
                                                      + success-rate 99.61 >= 99
                                                      x latency-p99 180 > 150
)");
}

TEST_CASE("decisions are told one per line, in columns") {
    std::string lines;
    for (const auto& entry : run().entries) lines += event_line(entry, after(0), k_plain) + "\n";
    CHECK(lines ==
          "00:00:00    0 %  phase     new revision 7b8d9cf4d detected\n"
          "00:00:20   10 %  advance   success-rate 99.60 >= 99, latency-p99 125 <= 150 (canary weight 10)\n"
          "00:01:20   10 %  halt      halted: latency-p99 180.00 > 150.00\n");
    CHECK(event_line({after(140), 7, "Failed", 0, EntryKind::rollback, "bad\n\x1b[2Jmessage", {}}, after(0),
                     {.glyphs = Glyphs::ascii, .paint = Paint::yes, .width = 80}) == "00:02:20    0 %  \x1b[31mrollback\x1b[0m  bad ?[2Jmessage");
}

TEST_CASE("what the terminal can show is in its locale") {
    CHECK(glyphs_for("", "", "en_US.UTF-8") == Glyphs::unicode);
    CHECK(glyphs_for("C", "", "en_US.UTF-8") == Glyphs::ascii);
    CHECK(glyphs_for("", "C.utf8", "") == Glyphs::unicode);
    CHECK(glyphs_for("", "", "") == Glyphs::ascii);
}

TEST_CASE("a plot is painted by the terminal's colors") {
    CHECK_FALSE(plot_painter(Paint::no));
    CHECK(plot_painter(Paint::yes)(Tone::bad, "x") == "\x1b[31mx\x1b[0m");
    CHECK(plot_painter(Paint::yes)(Tone::plain, "x") == "x");
}
