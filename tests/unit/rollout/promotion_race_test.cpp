// A pipeline that is faster than a rollout, on the embedded cluster.
#include <catch2/catch.hpp>

#include "core/rollout/canary_store.hpp"
#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;
using rollout::Phase;
using test::RolloutLab;

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
    stages: [50]
    metrics: [{name: success-rate, thresholdRange: {min: 99}}]
)";

const char* const k_script = R"(
metrics:
  success-rate:
    - {image: "*:3.0", value: 97.2}
    - 99.6
)";

}  // namespace

TEST_CASE("a revision that comes while another one is promoted reaches nobody unchecked", "[runner]") {
    for (int later = 0; later < 6; ++later) {
        CAPTURE(later);
        RolloutLab lab(k_canary, k_script);
        lab.run();
        lab.set_image("wafer/yield-predictor:2.9");
        for (int i = 0; i < 100 && lab.runner->record().state.phase != Phase::promoting; ++i) lab.tick();
        for (int i = 0; i < later; ++i) lab.tick();
        lab.set_image("wafer/yield-predictor:3.0");
        for (int i = 0; i < 200; ++i) {
            lab.tick();
            REQUIRE(lab.workload("yield-predictor-primary").find("3.0") == std::string::npos);
        }
        CHECK(rollout::phase_name(lab.runner->record().state.phase) == "Failed");
        CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:2.9");
        CHECK(lab.workload("yield-predictor") == "0/0 wafer/yield-predictor:3.0");
    }
}

TEST_CASE("a command that has to wait for Pods is served when they are there", "[runner]") {
    RolloutLab lab(k_canary, k_script);
    lab.run();
    lab.set_image("wafer/yield-predictor:3.0");
    lab.runner->tick({});
    rollout::CanaryStore::ask(*lab.cluster, "wafer", "yield-predictor", rollout::Command::promote, "bob@ci");
    for (int i = 0; i < 3; ++i) lab.runner->tick({});  // the clock stands still, so no Pod starts
    CHECK(lab.runner->record().state.message == "waiting for the target: 0 of 1 Pod is available");
    CHECK(lab.runner->record().state.command == rollout::Command::promote);
    CHECK(lab.run().front() == "Progressing 0 command promotion asked for by bob@ci");
    CHECK(lab.workload("yield-predictor-primary") == "3/3 wafer/yield-predictor:3.0");
}
