#include "core/rollout/autoscaling.hpp"

#include <catch2/catch.hpp>

#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

CanarySpec with(const std::string& autoscaler) { return canary("istio", "", "", "  autoscalerRef: " + autoscaler + "\n"); }

const auto k_hpa = document(R"({apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: scaler, namespace: shop,
  resourceVersion: "3", labels: {a: b}}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2,
  maxReplicas: 6, metrics: [{type: Resource}], behavior: {}}, status: {currentReplicas: 2}})");

const auto k_scaled_object = document(R"y({apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: scaler, namespace: shop,
  annotations: {autoscaling.keda.sh/paused-replicas: "0", scaledobject.keda.sh/transfer-hpa-ownership: "true"}}, spec: {
  scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 4, advanced: {horizontalPodAutoscalerConfig: {name: web-hpa}},
  triggers: [{type: prometheus, name: load, metadata: {query: "sum(x{a='web'} + y{a='web-canary'} + z{a='web-primary'})", threshold: "5"}}]}})y");

}  // namespace

TEST_CASE("the primary's HorizontalPodAutoscaler", "[autoscaling]") {
    const auto spec = with("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: scaler}");
    const auto copy = primary_autoscaler(spec, k_hpa, nullptr, AutoscalerMoment::creation, {});
    REQUIRE(copy);
    CHECK(yaml(*copy) == R"(apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  annotations:
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
  labels:
    a: b
    gitopsctl.io/canary: web
  name: scaler-primary
  namespace: shop
spec:
  behavior: {}
  maxReplicas: 6
  metrics:
  - type: Resource
  minReplicas: 2
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web-primary
)");
    const auto live = living(*copy);
    auto changed = k_hpa;
    changed.at("spec").set("maxReplicas", 9);
    CHECK_FALSE(primary_autoscaler(spec, changed, &live, AutoscalerMoment::creation, {}));
    CHECK_FALSE(primary_autoscaler(spec, k_hpa, &live, AutoscalerMoment::promotion, {}));
    const auto next = primary_autoscaler(spec, changed, &live, AutoscalerMoment::promotion, {});
    REQUIRE(next);
    CHECK(next->path("spec", "maxReplicas")->text() == "9");
    CHECK(kube::resource_version_of(*next) == "7");
    CHECK(least_replicas(k_hpa) == 2);
    CHECK(primary_autoscaler_ref(spec)->name == "scaler-primary");
}

TEST_CASE("the primary may have bounds of its own", "[autoscaling]") {
    const auto spec = with("{kind: HorizontalPodAutoscaler, name: scaler, primaryScalerReplicas: {minReplicas: 3, maxReplicas: 8}}");
    const auto copy = primary_autoscaler(spec, k_hpa, nullptr, AutoscalerMoment::creation, {});
    CHECK(copy->path("spec", "minReplicas")->text() == "3");
    CHECK(copy->path("spec", "maxReplicas")->text() == "8");
}

TEST_CASE("the primary's ScaledObject asks for the primary", "[autoscaling]") {
    const auto spec = with("{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: scaler}");
    const auto copy = primary_autoscaler(spec, k_scaled_object, nullptr, AutoscalerMoment::creation, {});
    REQUIRE(copy);
    CHECK(yaml(*copy) == R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  annotations:
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
    scaledobject.keda.sh/transfer-hpa-ownership: "true"
  labels:
    gitopsctl.io/canary: web
  name: scaler-primary
  namespace: shop
spec:
  advanced:
    horizontalPodAutoscalerConfig:
      name: web-hpa-primary
  maxReplicaCount: 4
  minReplicaCount: 1
  scaleTargetRef:
    name: web-primary
  triggers:
  - metadata:
      query: sum(x{a='web-primary'} + y{a='web-primary'} + z{a='web-primary'})
      threshold: "5"
    name: load
    type: prometheus
)");
    const auto given = with("{kind: ScaledObject, name: scaler, primaryScalerQueries: {load: up}}");
    const auto own = primary_autoscaler(given, k_scaled_object, nullptr, AutoscalerMoment::creation, {});
    CHECK(own->path("spec", "triggers")->items()[0].path("metadata", "query")->text() == "up");
}

TEST_CASE("a ScaledObject is paused and resumed", "[autoscaling]") {
    CHECK_FALSE(paused(k_scaled_object));
    const auto resumes = resumed(k_scaled_object);
    REQUIRE(resumes);
    CHECK_FALSE(resumed(*resumes));
    CHECK(paused(*resumes) == k_scaled_object);
    CHECK_FALSE(paused(k_hpa));
    CHECK_FALSE(resumed(k_hpa));
}

TEST_CASE("other autoscalers are refused", "[autoscaling]") {
    CHECK(refusal([] { autoscaler_ref(with("{kind: VerticalPodAutoscaler, name: x}")); }) ==
          "spec.autoscalerRef: a VerticalPodAutoscaler is no autoscaler of a canary\nit is a HorizontalPodAutoscaler or a ScaledObject");
    CHECK_FALSE(autoscaler_ref(canary("istio")));
}
