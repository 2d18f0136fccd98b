// Routes that somebody else changes or deletes while a run is under way, and Pods that do not start.
#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"
#include "core/rollout/pod_reason.hpp"
#include "core/rollout/readiness.hpp"
#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;
using test::RolloutLab;

namespace {

std::string canary(const std::string& provider) {
    return R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  provider: )" + provider + R"(
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis: {interval: 10s, stages: [50, 100], successes: 20, maxFailures: 1, metrics: [{name: accuracy, thresholdRange: {min: 99}}]}
)";
}

const kube::ObjectRef k_route{{"networking.istio.io", "v1", "VirtualService"}, "wafer", "yield-predictor"};
const kube::ObjectRef k_apex{{"", "v1", "Service"}, "wafer", "yield-predictor"};

void begin(RolloutLab& lab) {
    lab.run();
    lab.set_image("wafer/yield-predictor:2.9");
    for (int i = 0; i < 20 && lab.runner->record().state.split.canary < 50; ++i) lab.tick();
    for (int i = 0; i < 5; ++i) lab.tick();
    REQUIRE(lab.runner->record().state.split.canary == 50);
}

std::string weights(RolloutLab& lab) {
    const auto route = lab.cluster->get(k_route);
    std::string text;
    if (!route) return "none";
    for (const auto& side : route->path("spec", "http")->items().front().find("route")->items())
        text += std::string(side.path("destination", "host")->text()) + " " + std::string(side.find("weight")->text()) + " ";
    return text;
}

const std::string k_halves = "yield-predictor-primary 50 yield-predictor-canary 50 ";

rollout::Readiness seen(const std::string& status, int percent = 100) {
    const auto deployment = doc::read_yaml_one("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, generation: 2}, spec: {replicas: 4}, "
                                               "status: " + status + "}");
    return rollout::readiness(deployment, percent, {}, rollout::Compat::none);
}

std::string reason(const std::string& status) { return rollout::pod_reason({doc::read_yaml_one("{status: " + status + "}")}); }

}  // namespace

TEST_CASE("a route that leads elsewhere during a run is put right", "[runner][stray]") {
    RolloutLab lab(canary("istio"), "metrics: {accuracy: 99.5}");
    begin(lab);
    lab.apply("{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: yield-predictor, namespace: wafer}, "
              "spec: {http: [{route: [{destination: {host: elsewhere}, weight: 100}]}]}}");
    REQUIRE(weights(lab) == "elsewhere 100 ");
    lab.tick();
    CHECK(weights(lab) == k_halves);
}

TEST_CASE("a route or an apex that is deleted during a run is made again", "[runner][stray]") {
    const auto [provider, ref] = GENERATE(table<std::string, kube::ObjectRef>({{"istio", k_route}, {"replicas", k_apex}}));
    CAPTURE(provider);
    RolloutLab lab(canary(provider), "metrics: {accuracy: 99.5}");
    begin(lab);
    REQUIRE(lab.cluster->remove(ref, {}));
    for (int i = 0; i < 3; ++i) lab.tick();
    CHECK(lab.runner->record().state.phase == rollout::Phase::progressing);
    CHECK(lab.runner->record().state.split.canary == 50);
    if (provider == "istio") CHECK(weights(lab) == k_halves);
    else CHECK(lab.routed() != "app=yield-predictor-primary");  // both sides
}

TEST_CASE("what serves need not be settled", "[readiness][stray]") {
    const auto scaled = seen("{observedGeneration: 1, replicas: 5, updatedReplicas: 5, availableReplicas: 5}");
    CHECK_FALSE(scaled.is_ready);
    CHECK(scaled.serves);
    const auto updating = seen("{observedGeneration: 2, replicas: 5, updatedReplicas: 1, availableReplicas: 4}");
    CHECK_FALSE(updating.is_ready);
    CHECK(updating.serves);
    const std::string broken = "{observedGeneration: 2, replicas: 4, updatedReplicas: 4, availableReplicas: 3}";
    CHECK_FALSE(seen(broken).serves);
    CHECK(seen(broken, 75).serves);
    CHECK_FALSE(seen("{observedGeneration: 2}", 0).serves);
}

TEST_CASE("why a Pod does not start is told, and that it is starting is no reason", "[pod_reason][stray]") {
    CHECK(reason("{containerStatuses: [{state: {running: {}}}, {state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s}}}]}") ==
          "CrashLoopBackOff: back-off 40s");
    CHECK(reason("{initContainerStatuses: [{state: {waiting: {reason: ErrImagePull}}}], containerStatuses: [{state: {waiting: {reason: "
                 "PodInitializing}}}]}") == "ErrImagePull");
    CHECK(reason("{containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]}").empty());
    CHECK(reason("{containerStatuses: no list}").empty());
    CHECK(reason("{containerStatuses: [{state: {waiting: {reason: A, message: " + std::string(5000, 'x') + "}}}]}").size() < 250);
}
