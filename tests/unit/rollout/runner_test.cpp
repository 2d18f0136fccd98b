// Whole runs on the embedded cluster: what is decided, and what the cluster looks like then.
#include <catch2/catch.hpp>

#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;
using test::RolloutLab;
using Lines = std::vector<std::string>;

namespace {

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis:
    interval: 10s
    stages: [10, 50, 100]
    successes: 2
    maxFailures: 1
    metrics:
      - name: success-rate
        thresholdRange: {min: 99}
      - name: accuracy
        thresholdRange: {min: 99}
)";

const char* const k_script = R"(
metrics:
  success-rate:
    - {image: "*:3.0", value: 97.2}
    - 99.6
  accuracy:
    - {image: "*:3.0", value: 98.1}
    - {image: "*:3.1", weight: ">=50", value: 96.0}
    - 99.5
)";

const Lines k_begun{"Initializing 0 note waiting for the primary: 0 of 3 Pods are available",
                    "Initialized 0 phase initialised: the primary serves, the target is scaled to zero"};

/// Without revisions, which are hashes.
Lines told(RolloutLab& lab) {
    auto lines = lab.run();
    const auto revision = lab.runner->record().state.applied_revision;
    for (auto& line : lines)
        for (auto at = line.find(revision); at != std::string::npos; at = line.find(revision)) line.replace(at, revision.size(), "R");
    return lines;
}

}  // namespace

TEST_CASE("a good version is promoted, stage by stage", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    CHECK(lab.run() == k_begun);
    CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:2.8");
    CHECK(lab.workload("yield-predictor") == "0/0 wafer/yield-predictor:2.8");
    CHECK(lab.routed() == "app=yield-predictor-primary");

    lab.set_image("wafer/yield-predictor:2.9");
    CHECK(told(lab) == Lines{"Progressing 0 phase new revision R detected",
                             "Progressing 10 advance canary weight 10",
                             "Progressing 10 advance passed, 1 of 2 at 10 %",
                             "Progressing 50 advance canary weight 50",
                             "Progressing 50 advance passed, 1 of 2 at 50 %",
                             "Progressing 100 advance canary weight 100",
                             "Progressing 100 advance passed, 1 of 2 at 100 %",
                             "Promoting 100 promote promoting R: all checks passed",
                             "Promoting 100 note waiting for the primary to take over the new revision: 1 of 3 Pods is updated",
                             "Finalising 0 phase all traffic goes to the primary, which runs the new revision",
                             "Succeeded 0 phase promoted R"});
    CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:2.9");
    CHECK(lab.workload("yield-predictor") == "0/0 wafer/yield-predictor:2.9");
    CHECK(lab.routed() == "app=yield-predictor-primary");
    const auto& run = lab.runner->record().runs.back();
    CHECK(run.from_image == "wafer/yield-predictor:2.8");
    CHECK(run.to_image == "wafer/yield-predictor:2.9");
    CHECK(run.outcome == "Succeeded");
}

TEST_CASE("a bad version is taken back at the first stage", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:3.0");
    CHECK(told(lab) == Lines{"Progressing 0 phase new revision R detected",
                             "Progressing 10 advance canary weight 10",
                             "Progressing 10 halt halted: success-rate 97.20 < 99.00; accuracy 98.10 < 99.00",
                             "Failed 0 rollback 2 failed checks, 1 tolerated: success-rate 97.20 < 99.00; accuracy 98.10 < 99.00"});
    CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:2.8");
    CHECK(lab.workload("yield-predictor") == "0/0 wafer/yield-predictor:3.0");
    CHECK(lab.routed() == "app=yield-predictor-primary");
}

TEST_CASE("what only shows under load is caught there", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:3.1");
    const auto lines = told(lab);
    CHECK(lines.back() == "Failed 0 rollback 2 failed checks, 1 tolerated: accuracy 96.00 < 99.00");
    CHECK(lines[lines.size() - 2] == "Progressing 50 halt halted: accuracy 96.00 < 99.00");
    CHECK(lab.routed() == "app=yield-predictor-primary");
}

TEST_CASE("a run that is left alone goes on where it was, with another runner", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:2.9");
    while (lab.runner->record().state.split.canary < 50) lab.tick();
    lab.restart();
    const auto lines = told(lab);
    CHECK(lines.front() == "Progressing 50 advance passed, 1 of 2 at 50 %");
    CHECK(lines.back() == "Succeeded 0 phase promoted R");
}

TEST_CASE("a primary that somebody deletes under way comes back with what users had", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:3.0");
    while (lab.runner->record().state.split.canary == 0) lab.tick();
    lab.cluster->remove({{"apps", "v1", "Deployment"}, "wafer", "yield-predictor-primary"}, {});
    lab.clock->advance(std::chrono::seconds(5));
    lab.restart();
    for (int i = 0; i < 5 && lab.workload("yield-predictor-primary") == "none"; ++i) lab.tick();
    CHECK(lab.workload("yield-predictor-primary").ends_with(" wafer/yield-predictor:2.8"));
    lab.run();
    CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:2.8");
    CHECK(lab.routed() == "app=yield-predictor-primary");
}

TEST_CASE("commands from another terminal are served by the next tick", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:2.9");
    while (lab.runner->record().state.split.canary < 50) lab.tick();
    auto ask = [&](rollout::Command command) {
        rollout::CanaryStore::ask(*lab.cluster, "wafer", "yield-predictor", command, "bob@ci");
        lab.tick();
        return lab.tick().entries;
    };
    CHECK(ask(rollout::Command::pause).size() >= 1);
    CHECK(lab.runner->record().state.paused);
    const auto held = lab.runner->record().state.split;
    for (int i = 0; i < 5; ++i) lab.tick();
    CHECK(lab.runner->record().state.split == held);
    ask(rollout::Command::abort);
    lab.run();
    CHECK(lab.runner->record().state.phase == rollout::Phase::failed);
    CHECK(lab.runner->record().state.message == "aborted by bob@ci");
    CHECK(lab.routed() == "app=yield-predictor-primary");
}

TEST_CASE("a tick of a canary without news costs few requests", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    const auto before = kube::resource_version_of(*lab.get("ConfigMap", "gitopsctl-canary.yield-predictor"));
    const std::string version(before);
    lab.tick();
    CHECK(kube::resource_version_of(*lab.get("ConfigMap", "gitopsctl-canary.yield-predictor")) == version);
}
