// Canaries whose traffic goes where routes of Istio and of the Gateway API say, in the objects of a real API server.
#include <catch2/catch.hpp>

#include "tests/kube/real_canary.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

const std::string k_stages = "interval: 100ms, stages: [5, 10, 25, 50, 100], successes: 1, maxFailures: 0";

struct Route {
    std::string provider, crds, api_version, kind, service;
};

const Route k_istio{"istio", "istio-virtualservices-crd.json", "networking.istio.io/v1", "VirtualService",
                    "  service: {port: 80, targetPort: http, hosts: [yield.example.com]}\n"};
const Route k_gateway{"gatewayapi:v1", "gateway-httproutes-crd.json", "gateway.networking.k8s.io/v1", "HTTPRoute",
                      "  service: {port: 80, targetPort: http, gatewayRefs: [{name: gate, namespace: NS}]}\n"};

/// A good version, and one that is bad from the start: each way of the weights.
void tell_both(Stage& stage, const Route& route) {
    CanaryStage canary(stage, canary_of(route.provider, k_stages, route.service));
    const auto ref = canary.ref(route.api_version, route.kind);
    Recorder good(ref.gvk, stage.ns());
    const auto promoted = canary.roll_out("v2.9");
    INFO(promoted.out << promoted.err);
    CHECK(promoted.status == 0);
    CHECK(weights_over_time(good.until_now(ref), ref.name) == std::vector<int>{5, 10, 25, 50, 100, 0});
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");

    Recorder bad(ref.gvk, stage.ns());
    const auto rolled_back = canary.roll_out("v3.0");
    INFO(rolled_back.out << rolled_back.err);
    CHECK(rolled_back.status == 1);
    const auto seen = bad.until_now(ref);
    CHECK(weights_over_time(seen, ref.name) == std::vector<int>{5, 0});
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");
    CHECK(eventually([&] { return canary.workload("yield-predictor") == "0/0 wafer/yield-predictor:v3.0"; }));
    const auto measured = canary.record().runs.back().entries.back().at;
    std::printf("%s: %lld ms from the failed measurement to all traffic on the stable version\n", route.provider.c_str(),
                static_cast<long long>((seen.back().at - measured).count()));
    CHECK(seen.back().at - measured < base::Duration(2'000));
}

}  // namespace

REAL_CASE("the weights of an Istio VirtualService over a promotion and a roll-back", "[kube][canary]") {
    if (!define_kinds(stage, k_istio.crds) || !define_kinds(stage, "istio-destinationrules-crd.json")) return;
    tell_both(stage, k_istio);
    const auto rule = stage.get("networking.istio.io/v1", "DestinationRule", "yield-predictor-canary");
    REQUIRE(rule);
    CHECK(rule->path("spec", "host")->text() == "yield-predictor-canary");
    REQUIRE(stage.get("networking.istio.io/v1", "DestinationRule", "yield-predictor-primary"));
}

REAL_CASE("the weights of an HTTPRoute over a promotion and a roll-back", "[kube][canary]") {
    if (!define_kinds(stage, k_gateway.crds)) return;
    tell_both(stage, k_gateway);
}

REAL_CASE("a route that somebody turns elsewhere during a run is put right", "[kube][canary]") {
    if (!define_kinds(stage, k_istio.crds) || !define_kinds(stage, "istio-destinationrules-crd.json")) return;
    CanaryStage canary(stage, canary_of("istio", "interval: 100ms, stages: [25, 100], successes: 600, maxFailures: 0", k_istio.service));
    auto running = canary.start("v2.9", "running");
    REQUIRE(canary.reaches(25));
    const auto ref = canary.ref(k_istio.api_version, k_istio.kind);
    REQUIRE(eventually([&] { return canary_weight(*stage.cluster().get(ref)) == 25; }));
    stage.apply("{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: yield-predictor, namespace: NS}, "
                "spec: {http: [{route: [{destination: {host: elsewhere}}]}]}}");
    CHECK(eventually([&] { return canary_weight(*stage.cluster().get(ref)) >= 0; }));
    CHECK(canary.ask("promote").status == 0);
    const auto result = running->wait();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(canary_weight(*stage.cluster().get(ref)) == 0);
}
