#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/kube/yielding.hpp"

using namespace gitops;

namespace {

doc::Value yaml(std::string_view text) { return doc::read_yaml(text).front(); }

const auto k_live = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  managedFields:
    - manager: gitopsctl
      operation: Apply
      fieldsV1: {"f:spec": {"f:template": {}}}
    - manager: gitopsctl-canary
      operation: Update
      fieldsV1: {"f:spec": {"f:replicas": {}, "f:selector": {}, "f:paused": {}, "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {"f:image": {}}}}}}}
    - manager: gitopsctl-canary
      operation: Update
      subresource: status
      fieldsV1: {"f:spec": {"f:minReadySeconds": {}}}
spec:
  replicas: 0
  minReadySeconds: 9
  selector: {app: web-primary}
  template: {spec: {containers: [{name: a, image: live}]}}
)";

}  // namespace

TEST_CASE("fields that a rollout owns keep their live values; the Pod template, other managers and what Git does not name stay") {
    auto desired = yaml(
        "spec:\n  replicas: 3\n  minReadySeconds: 1\n  paused: true\n  selector: {app: web}\n"
        "  template: {spec: {containers: [{name: a, image: git}]}}\n");
    const auto paths = kube::yield_fields(desired, yaml(k_live), "gitopsctl-canary");
    CHECK(doc::write_yaml(desired) ==
          "spec:\n"
          "  minReadySeconds: 1\n"
          "  replicas: 0\n"
          "  selector:\n"
          "    app: web-primary\n"
          "  template:\n"
          "    spec:\n"
          "      containers:\n"
          "      - image: git\n"
          "        name: a\n");
    CHECK(paths == std::vector<std::string>{"spec.paused", "spec.replicas", "spec.selector"});
}

TEST_CASE("nothing is yielded to who owns nothing") {
    auto desired = yaml("spec: {replicas: 3}\n");
    CHECK(kube::yield_fields(desired, yaml(k_live), "somebody").empty());
    CHECK(kube::yield_fields(desired, yaml("spec: {replicas: 0}\n"), "gitopsctl-canary").empty());
    CHECK(desired == yaml("spec: {replicas: 3}\n"));
}
