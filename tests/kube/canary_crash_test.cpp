// Canaries on a real API server, killed with SIGKILL at random points of a run.
#include <catch2/catch.hpp>

#include <chrono>
#include <random>

#include "tests/kube/real_canary.hpp"
#include "tests/support/served.hpp"

using namespace gitops;
using namespace gitops::test;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int k_kills = 15;
const std::string k_stages = "interval: 100ms, stages: [50, 100], successes: 1, maxFailures: 0";

std::string image_of(const std::string& version) { return " wafer/yield-predictor:" + version; }

Clock::duration time_of(const CanaryStage& canary, const std::string& version) {
    const auto began = Clock::now();
    canary.roll_out(version);
    return Clock::now() - began;
}

/// Versions take turns: promoted, promoted, rolled back.
void kill_often(Stage& stage, const CanaryStage& canary, const kube::ObjectRef& route) {
    std::mt19937 random(20261128 + Catch::rngSeed());  // --rng-seed N: other points
    const auto good = time_of(canary, "v4.0"), bad = time_of(canary, "first-bad");
    std::string serving = "v4.0";
    Callers callers(connect(Stage::kubeconfig()), route);
    int cut_short = 0;
    for (int kill = 1; kill <= k_kills; ++kill) {
        const bool is_good = kill % 3 != 0;
        const auto version = is_good ? "v4." + std::to_string(kill) : "try-" + std::to_string(kill) + "-bad";
        CAPTURE(kill, version);
        const auto full = is_good ? good : bad;
        auto process = canary.start(version);
        std::this_thread::sleep_for(
            std::chrono::duration_cast<std::chrono::microseconds>(full * std::uniform_real_distribution<double>(0.02, 1.05)(random)));
        process->kill_hard();
        cut_short += process->wait().status == 128 + 9 ? 1 : 0;
        REQUIRE(unserved(stage.cluster(), route) == "");

        const bool has_begun = canary.workload("yield-predictor").ends_with(image_of(version));
        const auto next = has_begun ? canary.ask("run", {"--resume"}) : canary.roll_out(version);
        INFO(next.out << next.err);
        REQUIRE(next.status == (is_good ? 0 : 1));
        if (is_good) serving = version;
        REQUIRE(unserved(stage.cluster(), route) == "");
        REQUIRE(canary.workload("yield-predictor-primary") == "4/4" + image_of(serving));
        REQUIRE(eventually([&] { return canary.workload("yield-predictor") == "0/0" + image_of(version); }));
        const auto record = canary.record();
        REQUIRE(record.state.phase == (is_good ? rollout::Phase::succeeded : rollout::Phase::failed));
        REQUIRE(record.runs.back().to_image == "wafer/yield-predictor:" + version);
        REQUIRE_FALSE(record.runner);
        if (route.gvk.kind == "VirtualService") REQUIRE(canary_weight(*stage.cluster().get(route)) == 0);
    }
    CHECK(callers.hang_up() == std::vector<std::string>{});
    CHECK(cut_short > k_kills / 2);
}

}  // namespace

REAL_CASE("a canary by the number of Pods, killed at any point, serves and goes on to its end", "[kube][canary][slow]") {
    CanaryStage canary(stage, canary_of("replicas", k_stages));
    kill_often(stage, canary, canary.ref("v1", "Service"));
}

REAL_CASE("a canary by Istio's weights, killed at any point, serves and goes on to its end", "[kube][canary][slow]") {
    if (!define_kinds(stage, "istio-virtualservices-crd.json") || !define_kinds(stage, "istio-destinationrules-crd.json")) return;
    CanaryStage canary(stage, canary_of("istio", k_stages));
    kill_often(stage, canary, canary.ref("networking.istio.io/v1", "VirtualService"));
}
