// The record of a rollout as the lock of who runs it.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/rollout/canary_store.hpp"
#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;

namespace {

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis: {interval: 10s, stages: [50], metrics: [{name: success-rate, thresholdRange: {min: 99}}]}
)";

/// What is said to the one who claims a record that `change` has changed since it was read.
template <class Change>
std::string refusal(Change change) {
    test::RolloutLab lab(k_canary, "metrics: {success-rate: [99.6]}");
    lab.runner.reset();
    rollout::CanaryStore mine(*lab.cluster, *lab.clock, "wafer", "yield-predictor", "anna@test");
    auto read_before = *mine.load();
    auto stored = read_before;
    change(stored, lab.clock->now());
    lab.cluster->write({kube::Replace{rollout::to_config_map(stored)}, "test", kube::DryRun::no});
    try {
        mine.claim(read_before);
    } catch (const base::Error& error) {
        return error.message();
    }
    return "claimed";
}

}  // namespace

TEST_CASE("of two who claim a record at once, the second is told who was first", "[runner]") {
    CHECK(refusal([](auto& record, base::Time now) {
              record.runner = rollout::Runner{"bob@ci", {"elsewhere", "", 7, 0}, 1};
              record.state.checked_at = now;
          }) == "canary yield-predictor is run by bob@ci (pid 7 on elsewhere)");
    CHECK(refusal([](auto& record, base::Time) { record.command = rollout::Command::promote; }) ==
          "canary yield-predictor was changed by somebody else while this run began");
}
