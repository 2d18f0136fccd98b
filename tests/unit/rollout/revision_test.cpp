#include "core/rollout/revision.hpp"

#include <catch2/catch.hpp>

#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

std::string revision(const std::string& pods, const ConfigSums& tracked = {}, const std::string& kind = "Deployment") {
    return template_revision(document("{kind: " + kind + ", spec: {replicas: 3, template: " + pods + "}}"), tracked);
}

doc::Value with_images(const std::string& containers) {
    return document("{kind: Deployment, spec: {template: {spec: {containers: [" + containers + "]}}}}");
}

const std::string k_pods = "{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: a:1}]}}";

}  // namespace

TEST_CASE("a revision is the same for pods that are the same", "[revision]") {
    const auto known = revision(k_pods);
    CHECK(known == "978bc0e499");
    CHECK(revision("{spec: {containers: [{image: a:1, name: web}]}, metadata: {labels: {app: web}}}") == known);
    CHECK(revision("{metadata: {creationTimestamp: null, annotations: {flagger-id: x}, labels: {app: web, gitopsctl.io/traffic: web}}, "
                   "spec: {volumes: [], containers: [{name: web, image: a:1, resources: {}}]}}") == known);
    CHECK(revision("{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: a:1}], nodeSelector: "
                   "{flagger.app/scale-to-zero: \"true\"}}}", {}, "DaemonSet") == known);
}

TEST_CASE("a revision differs for anything that restarts pods", "[revision]") {
    const auto known = revision(k_pods);
    CHECK(revision("{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: a:2}]}}") != known);
    CHECK(revision("{metadata: {labels: {app: web}, annotations: {x: y}}, spec: {containers: [{name: web, image: a:1}]}}") != known);
    CHECK(revision(k_pods, {{"configmap/web", "1"}}) != known);
    CHECK(revision(k_pods, {{"configmap/web", "1"}}) != revision(k_pods, {{"configmap/web", "2"}}));
}

TEST_CASE("the revision of a Service is its spec", "[revision]") {
    const auto of = [](const std::string& spec) { return template_revision(document("{kind: Service, spec: " + spec + "}"), {}); };
    CHECK(of("{selector: {app: a}}") == of("{selector: {app: a}}"));
    CHECK(of("{selector: {app: a}}") != of("{selector: {app: b}}"));
}

TEST_CASE("people are told the images", "[revision]") {
    const auto old = with_images("{name: proxy, image: envoy:1}, {name: web, image: wafer/yield-predictor:2.8}");
    const auto next = with_images("{name: proxy, image: envoy:1}, {name: web, image: wafer/yield-predictor:2.9}");
    CHECK(describe_revision(next, &old) == "wafer/yield-predictor:2.9");
    CHECK(describe_revision(next, nullptr) == "envoy:1");
    CHECK(describe_revision(next, &next) == "envoy:1");
    CHECK(describe_revision(with_images("{name: proxy, image: envoy:2}, {name: web, image: b:1}"), &old) == "envoy:2, b:1");
    CHECK(describe_revision(with_images("{name: web, image: \"a@sha256:" + std::string(64, 'c') + "\"}"), nullptr) == "a@sha256:cccccccccccc");
    CHECK(describe_revision(document("{kind: Service, spec: {}}"), nullptr).empty());
}
