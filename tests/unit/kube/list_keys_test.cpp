#include <catch2/catch.hpp>

#include "core/kube/apply.hpp"
#include "tests/unit/kube/fixture.hpp"

using gitops::kube::with_list_keys;
using gitops::kube_test::text;
using gitops::kube_test::yaml;

TEST_CASE("a Service's ports get the protocol that tells them apart") {
    CHECK(text(with_list_keys(yaml(R"(
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  ports:
  - port: 53
  - {port: 53, protocol: UDP}
  - {name: nameless}
)"))) == R"(apiVersion: v1
kind: Service
metadata:
  name: dns
spec:
  ports:
  - port: 53
    protocol: TCP
  - port: 53
    protocol: UDP
  - name: nameless
)");
}

TEST_CASE("container ports are found wherever the schema has containers") {
    CHECK(text(with_list_keys(yaml(R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          initContainers: [{name: a, ports: [{containerPort: 1}]}]
          containers: [{name: b, ports: [{containerPort: 2}]}]
          ephemeralContainers: [{name: c, ports: [{containerPort: 3}]}]
)"))) == R"(apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: b
            ports:
            - containerPort: 2
              protocol: TCP
          ephemeralContainers:
          - name: c
            ports:
            - containerPort: 3
              protocol: TCP
          initContainers:
          - name: a
            ports:
            - containerPort: 1
              protocol: TCP
)");
}

TEST_CASE("an object that lacks no list key is not copied") {
    for (const auto* object : {"{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}",
                               "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80, protocol: TCP}]}}",
                               "{apiVersion: example.org/v1, kind: Door, metadata: {name: d}, spec: {ports: [{port: 80}]}}",
                               "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {containers: 7}}}}"}) {
        const auto given = yaml(object);
        CHECK(with_list_keys(given).same_node(given));
    }
}
