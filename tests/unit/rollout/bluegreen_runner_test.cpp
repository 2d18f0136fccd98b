// Whole switches on the embedded cluster: what is decided, what is written, and what the cluster looks like then.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "tests/unit/rollout/bluegreen_lab.hpp"

using namespace gitops;
using test::BlueGreenLab;
using test::Killed;
using Lines = std::vector<std::string>;
using rollout::Begun;

namespace {

const std::string k_spec = R"(  smoke:
    - {name: answers, cmd: "curl -sf http://yield-preview/healthz"}
  monitor:
    duration: 1m
    interval: 20s
    maxFailures: 1
    metrics: [{name: accuracy, thresholdRange: {min: 99}}]
)";
const char* const k_script = "metrics:\n  accuracy:\n    - {image: \"*:3.0\", value: 97.2}\n    - 99.5\n";

rollout::BlueGreenPlan with(const std::string& image) { return {image, false, false, false}; }

}  // namespace

TEST_CASE("a good version gets the traffic with one write, and the old side stays", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    CHECK(lab.begin(with("wafer/yield:2.9")) == Begun::new_run);
    CHECK(lab.run() == Lines{"Preparing 0 phase green is prepared with wafer/yield:2.9; blue has the traffic",
                             "Preparing 0 note waiting for green: 0 of 3 Pods are available",
                             "Smoking 0 phase green is ready: wafer/yield:2.9",
                             "Switching 0 promote switching from blue to green: smoke tests passed",
                             "Monitoring 100 advance all traffic goes to green, watched for 1m",
                             "Monitoring 100 advance green is well after 20s of 1m",
                             "Monitoring 100 advance green is well after 40s of 1m",
                             "Succeeded 100 phase green was watched for 1m: 0 checks failed, 1 tolerated"});
    CHECK(lab.watched->service_writes == Lines{"yield app=yield,version=green"});
    CHECK(lab.watched->unserved == 0);
    CHECK(lab.workload("yield-green") == "3/3 wafer/yield:2.9");
    CHECK(lab.workload("yield-blue") == "3/3 wafer/yield:2.8");
    CHECK(lab.hooks.calls == Lines{"answers"});
    const auto& run = lab.runner->record().runs.back();
    CHECK(run.from_image == "wafer/yield:2.8");
    CHECK(run.to_image == "wafer/yield:2.9");
    CHECK(run.outcome == "Succeeded");

    SECTION("and the same run again has nothing to do") {
        CHECK(lab.begin() == Begun::nothing);
        CHECK(lab.runner->nothing_new() == "blue runs what green has replaced; `gitopsctl bluegreen switch yield` goes back to it");
        CHECK(lab.begin(with("wafer/yield:2.9")) == Begun::nothing);
        CHECK(lab.runner->nothing_new() == "green runs wafer/yield:2.9 already");
    }
    SECTION("and the next version goes to the other side") {
        CHECK(lab.begin(with("predictor=wafer/yield:2.10")) == Begun::new_run);
        CHECK(lab.run().back() == "Succeeded 100 phase blue was watched for 1m: 0 checks failed, 1 tolerated");
        CHECK(lab.routed() == "app=yield,version=blue");
        CHECK(lab.workload("yield-blue") == "3/3 wafer/yield:2.10");
    }
}

TEST_CASE("a failed smoke test leaves the traffic alone", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    lab.hooks.refusals["answers"] = "exit 7: connection refused";
    lab.begin(with("wafer/yield:2.9"));
    CHECK(lab.run().back() == "Failed 0 halt smoke test failed: answers exit 7: connection refused; blue kept the traffic");
    CHECK(lab.watched->service_writes.empty());
    CHECK(lab.routed() == "app=yield,version=blue");
}

TEST_CASE("a version that turns out bad is taken back with one write", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    lab.begin(with("wafer/yield:3.0"));
    const auto lines = lab.run();
    CHECK(Lines(lines.end() - 4, lines.end()) == Lines{"Monitoring 100 advance all traffic goes to green, watched for 1m",
                                                       "Monitoring 100 halt 1 failed check, 1 tolerated: accuracy 97.20 < 99.00",
                                                       "Returning 100 rollback back to blue: 2 failed checks, 1 tolerated: accuracy 97.20 < 99.00",
                                                       "RolledBack 0 phase blue has all traffic again: 2 failed checks, 1 tolerated: accuracy 97.20 < 99.00"});
    CHECK(lab.watched->service_writes == Lines{"yield app=yield,version=green", "yield app=yield,version=blue"});
    CHECK(lab.watched->unserved == 0);
    CHECK(lab.begin() == Begun::new_run);  // trying again is allowed
}

TEST_CASE("the preview Service always selects the idle side", "[bluegreen]") {
    BlueGreenLab lab("  previewService: yield-preview\n" + k_spec, k_script);
    CHECK(lab.routed("yield-preview") == "none");
    lab.begin(with("wafer/yield:2.9"));
    lab.tick();
    CHECK(lab.routed("yield-preview") == "app=yield,version=green");
    lab.run();
    CHECK(lab.watched->service_writes == Lines{"yield-preview app=yield,version=green", "yield app=yield,version=green",
                                               "yield-preview app=yield,version=blue"});
}

TEST_CASE("the old side is scaled down after its delay, and not before", "[bluegreen]") {
    BlueGreenLab lab("  scaleDownDelay: 30s\n");
    lab.begin();
    while (lab.state().phase != rollout::BlueGreenPhase::finalising) lab.tick();
    lab.tick();
    CHECK(lab.workload("yield-blue") == "3/3 wafer/yield:2.8");
    CHECK(lab.run().back() == "Succeeded 100 phase green has all traffic, blue is scaled down");
    CHECK(lab.workload("yield-blue") == "0/0 wafer/yield:2.8");
    CHECK(lab.watched->unserved == 0);
    SECTION("after that there is nothing to roll back to") {
        lab.runner->command(rollout::Command::abort);
        CHECK(lab.tick().entries.front().message == "the roll-back that anna@test asked for is refused: blue has no ready Pods");
        CHECK(lab.routed() == "app=yield,version=green");
    }
}

TEST_CASE("a command from another terminal is served at once", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    lab.begin(with("wafer/yield:2.9"));
    auto ask = [&](rollout::Command command) { rollout::BlueGreenStore::ask(*lab.cluster, "wafer", "yield", command, "bob@ci"); };
    SECTION("while it is prepared") {
        ask(rollout::Command::abort);
        CHECK(lab.run().back() == "Failed 0 command stopped by bob@ci; blue kept the traffic");
        CHECK(lab.watched->service_writes.empty());
    }
    SECTION("while it is watched") {
        while (lab.state().phase != rollout::BlueGreenPhase::monitoring) lab.tick();
        ask(rollout::Command::abort);
        CHECK(lab.run().back() == "RolledBack 0 phase blue has all traffic again: rolled back by bob@ci");
        CHECK(lab.watched->service_writes == Lines{"yield app=yield,version=green", "yield app=yield,version=blue"});
    }
    SECTION("and passes over the smoke tests") {
        lab.hooks.refusals["answers"] = "exit 1";
        ask(rollout::Command::promote);
        CHECK(lab.run().back() == "Succeeded 100 phase green was watched for 1m: 0 checks failed, 1 tolerated");
    }
}

TEST_CASE("what somebody else does to the Service is seen", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    lab.begin(with("wafer/yield:2.9"));
    while (lab.state().phase != rollout::BlueGreenPhase::monitoring) lab.tick();
    auto patch = doc::Value::map();
    patch.at("spec").at("selector").set("version", "blue");
    lab.cluster->write({kube::Patch{{{"", "v1", "Service"}, "wafer", "yield"}, kube::PatchKind::merge, patch, "", ""}, "carla", kube::DryRun::no});
    CHECK(lab.run().back() == "RolledBack 0 rollback somebody else gave the traffic back to blue");
    CHECK(lab.watched->service_writes == Lines{"yield app=yield,version=green"});
}

TEST_CASE("a side without ready Pods gets no traffic, in neither direction", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    lab.begin(with("wafer/yield:3.0"));
    while (lab.state().phase != rollout::BlueGreenPhase::monitoring) lab.tick();
    lab.scale("yield-blue", 0);
    const auto lines = lab.run();
    CHECK(lines.back() == "RolledBack 0 phase blue has all traffic again: 2 failed checks, 1 tolerated: accuracy 97.20 < 99.00");
    CHECK(lab.workload("yield-blue") == "3/3 wafer/yield:2.8");
    CHECK(lab.watched->unserved == 0);
}

TEST_CASE("a commit that says the switch is made before the Service is written", "[bluegreen]") {
    BlueGreenLab lab(k_spec, k_script);
    Lines routed;
    lab.commit = [&](const rollout::BlueGreenState&) {
        routed.push_back(lab.routed());
        return std::string("c0ffee");
    };
    lab.restart();
    lab.begin(with("wafer/yield:2.9"));
    lab.run();
    CHECK(routed == Lines{"app=yield,version=blue"});
    CHECK(lab.state().git_commit == "c0ffee");
    CHECK(lab.routed() == "app=yield,version=green");
}

namespace {

struct End {
    std::string blue, green, routed, phase;
    bool operator==(const End&) const = default;
};

End end_of(BlueGreenLab& lab) {
    return {lab.workload("yield-blue"), lab.workload("yield-green"), lab.routed(), std::string(rollout::phase_name(lab.state().phase))};
}

/// A run of `image` whose runner dies once; what the cluster looks like when the next one has ended it.
End run_with_death(const std::string& image, int before, int after, int& writes, int& unserved) {
    BlueGreenLab lab("  previewService: yield-preview\n  scaleDownDelay: 10s\n" + k_spec, k_script);
    lab.watched->writes = 0;
    lab.watched->dies_before = before;
    lab.watched->dies_after = after;
    bool begun = false;
    for (int i = 0; i < 400; ++i) {
        try {
            if (!begun) lab.begin(with(image));
            begun = true;
            if (lab.tick().settled) break;
        } catch (const Killed&) {
            lab.watched->dies_before = lab.watched->dies_after = 0;
            lab.restart();
            begun = false;  // whoever comes next runs the same command
        }
    }
    writes = lab.watched->writes;
    unserved = lab.watched->unserved;
    return end_of(lab);
}

}  // namespace

TEST_CASE("a switch that is killed at any write is ended by the next run, and users are always served", "[bluegreen][kill]") {
    for (const std::string image : {"wafer/yield:2.9", "wafer/yield:3.0"}) {
        int writes = 0, unserved = 0;
        const auto whole = run_with_death(image, 0, 0, writes, unserved);
        CAPTURE(image, writes);
        CHECK(unserved == 0);
        CHECK(whole.phase == (image.ends_with("2.9") ? "Succeeded" : "RolledBack"));
        const int all = writes;
        REQUIRE(all > 15);
        for (int at = 1; at <= all; ++at) {
            for (const bool before : {true, false}) {
                CAPTURE(at, before);
                const auto end = run_with_death(image, before ? at : 0, before ? 0 : at, writes, unserved);
                CHECK(unserved == 0);
                CHECK(end.blue == whole.blue);
                CHECK(end.green == whole.green);
                CHECK(end.routed == whole.routed);
                CHECK(end.phase == whole.phase);
            }
        }
    }
}
