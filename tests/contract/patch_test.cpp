// Patches, subresources, and fields that cannot change.
#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;
using kube::PatchKind;

CONTRACT_CASE("a merge patch replaces lists and null removes") {
    scene.apply(k_deployment);
    kube::ObjectRef ref = scene.ref("apps/v1", "Deployment", "web");
    doc::Value patched = scene.patch(ref, PatchKind::merge, R"(
metadata: {labels: {tier: front}}
spec: {template: {spec: {containers: [{name: api, image: "api:1"}]}}}
)");
    CHECK(kube::label_of(patched, "tier") == "front");
    CHECK(patched.path("spec", "template", "spec", "containers")->size() == 1);
    CHECK(kube::label_of(scene.patch(ref, PatchKind::merge, "{metadata: {labels: {tier: null}}}"), "tier") == "");
}

CONTRACT_CASE("a strategic patch merges containers by name") {
    scene.apply(k_deployment);
    doc::Value patched = scene.patch(scene.ref("apps/v1", "Deployment", "web"), PatchKind::strategic, R"(
spec: {template: {spec: {containers: [{name: log, image: "log:1"}]}}}
)");
    CHECK(patched.path("spec", "template", "spec", "containers")->size() == 2);
}

CONTRACT_CASE("a JSON patch applies all of its operations or none") {
    scene.create(k_config);
    kube::ObjectRef ref = scene.ref("v1", "ConfigMap", "settings");
    CHECK(at(scene.patch(ref, PatchKind::json, "[{op: replace, path: /data/color, value: red}]"), "data.color") == "red");
    CHECK(code_of([&] {
              scene.patch(ref, PatchKind::json,
                          "[{op: replace, path: /data/color, value: black}, {op: test, path: /data/color, value: white}]");
          }) == Code::invalid);
    CHECK(at(*scene.get("v1", "ConfigMap", "settings"), "data.color") == "red");
}

CONTRACT_CASE("a patch of an absent object is not_found") {
    CHECK(code_of([&] { scene.patch(scene.ref("v1", "ConfigMap", "absent"), PatchKind::merge, "{data: {a: b}}"); }) ==
          Code::not_found);
}

CONTRACT_CASE("a patch can demand a resourceVersion") {
    doc::Value made = scene.create(k_config);
    kube::Patch patch{scene.ref("v1", "ConfigMap", "settings"), PatchKind::merge, scene.yaml("{data: {color: red}}"), "",
                      at(made, "metadata.resourceVersion")};
    CHECK(at(scene.cluster().write({patch, "contract", kube::DryRun::no}), "data.color") == "red");
    CHECK(code_of([&] { scene.cluster().write({patch, "contract", kube::DryRun::no}); }) == Code::conflict);
}

CONTRACT_CASE("a patch cannot make another object") {
    scene.create(k_config);
    CHECK(code_of([&] {
              scene.patch(scene.ref("v1", "ConfigMap", "settings"), PatchKind::merge, "{metadata: {name: other}}");
          }) == Code::invalid);
}

CONTRACT_CASE("the scale subresource sets the replicas") {
    scene.apply(k_deployment);
    kube::ObjectRef ref = scene.ref("apps/v1", "Deployment", "web");
    scene.patch(ref, PatchKind::merge, "{spec: {replicas: 5}}", "scale");
    CHECK(at(*scene.cluster().get(ref), "spec.replicas") == "5");
    CHECK(code_of([&] { scene.patch(ref, PatchKind::merge, "{spec: {replicas: -1}}", "scale"); }) == Code::invalid);
}

CONTRACT_CASE("status is written through its subresource, and nothing else is") {
    scene.create("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: door, namespace: NS}, "
                 "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}");
    kube::ObjectRef ref = scene.ref("networking.k8s.io/v1", "Ingress", "door");
    auto address = [](const doc::Value& object) {
        const doc::Value* given = object.path("status", "loadBalancer", "ingress");
        return given == nullptr || given->empty() ? std::string() : std::string(given->items()[0].text_at("ip"));
    };
    doc::Value patched = scene.patch(
        ref, PatchKind::merge, "{spec: {ingressClassName: a}, status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}}", "status");
    CHECK(address(patched) == "203.0.113.9");
    CHECK(at(patched, "spec.ingressClassName") == "");
    doc::Value plain = scene.patch(
        ref, PatchKind::merge, "{spec: {ingressClassName: b}, status: {loadBalancer: {ingress: [{ip: 203.0.113.8}]}}}");
    CHECK(address(plain) == "203.0.113.9");
    CHECK(at(plain, "spec.ingressClassName") == "b");
}

CONTRACT_CASE("values of the wrong type and negative counts are refused however they are written") {
    scene.apply(k_deployment);
    kube::ObjectRef web = scene.ref("apps/v1", "Deployment", "web");
    for (std::string_view spec : {"{replicas: x}", "{replicas: -3}", "{paused: 'no'}",
                                  "{template: {spec: {containers: [{name: c, image: 7}]}}}"}) {
        INFO(spec);
        CHECK(code_of([&] { scene.patch(web, PatchKind::merge, "{spec: " + std::string(spec) + "}"); }) == Code::invalid);
    }
    CHECK(code_of([&] { scene.patch(web, PatchKind::merge, "{spec: {replicas: -1}}", "scale"); }) == Code::invalid);
    doc::Value wrong = *scene.cluster().get(web);
    wrong.at("spec").set("replicas", "x");
    CHECK(code_of([&] { scene.replace(wrong); }) == Code::invalid);
    std::string negative(k_deployment);
    negative.replace(negative.find("replicas: 2"), 11, "replicas: -2");
    CHECK(code_of([&] { scene.apply(negative); }) == Code::invalid);
    CHECK(at(*scene.cluster().get(web), "spec.replicas") == "2");
    CHECK(code_of([&] {
              scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: NS}, immutable: 'yes'}");
          }) == Code::invalid);
    CHECK(code_of([&] {
              scene.create("{apiVersion: batch/v1, kind: Job, metadata: {name: j, namespace: NS}, spec: {parallelism: -1, "
                           "template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'job:1'}]}}}}");
          }) == Code::invalid);
}

CONTRACT_CASE("immutable fields are refused and stay as they are") {
    scene.apply(k_deployment);
    kube::ObjectRef web = scene.ref("apps/v1", "Deployment", "web");
    CHECK(code_of([&] {
              scene.patch(web, PatchKind::merge,
                          "{spec: {selector: {matchLabels: {app: web, v: '2'}}, "
                          "template: {metadata: {labels: {app: web, v: '2'}}}}}");
          }) == Code::invalid);
    CHECK(at(*scene.cluster().get(web), "metadata.generation") == "1");
    scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: frozen, namespace: NS}, immutable: true, data: {a: b}}");
    CHECK(code_of([&] {
              scene.patch(scene.ref("v1", "ConfigMap", "frozen"), PatchKind::merge, "{data: {a: c}}");
          }) == Code::invalid);
    scene.create("{apiVersion: batch/v1, kind: Job, metadata: {name: once, namespace: NS}, spec: {template: {spec: "
                 "{restartPolicy: Never, containers: [{name: c, image: 'job:1'}]}}}}");
    CHECK(code_of([&] {
              scene.patch(scene.ref("batch/v1", "Job", "once"), PatchKind::strategic,
                          "{spec: {template: {spec: {containers: [{name: c, image: 'job:2'}]}}}}");
          }) == Code::invalid);
}
