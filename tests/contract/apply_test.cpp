// Server-side apply: who owns what.
#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;

CONTRACT_CASE("applying twice changes nothing the second time") {
    kube::Applied first = scene.apply(k_deployment);
    CHECK(first.changed);
    kube::Applied second = scene.apply(k_deployment);
    CHECK_FALSE(second.changed);
    CHECK(at(second.object, "metadata.generation") == "1");
}

CONTRACT_CASE("fields nobody named get the server's defaults") {
    doc::Value web = scene.apply(k_deployment).object;
    CHECK(at(web, "spec.strategy.type") == "RollingUpdate");
    CHECK(at(web, "spec.revisionHistoryLimit") == "10");
    CHECK(at(web, "spec.template.spec.restartPolicy") == "Always");
    CHECK(owner(web, "spec.strategy.type").empty());
}

CONTRACT_CASE("another manager's field is a conflict that names it") {
    scene.apply(k_deployment);
    std::string other(k_deployment);
    other.replace(other.find("web:1.0"), 7, "web:2.0");
    kube::Applied refused = scene.apply(other, "other");
    REQUIRE(refused.conflicts.size() == 1);
    CHECK(refused.conflicts[0].manager == "contract");
    CHECK(refused.conflicts[0].path.find("image") != std::string::npos);
    // Not by resourceVersion: a controller may write the status meanwhile.
    for (const doc::Value& live : {refused.object, *scene.get("apps/v1", "Deployment", "web")}) {
        CHECK(at(live, "metadata.generation") == "1");
        CHECK(owner(live, "spec.template.spec.containers[name=web].image") == "contract");
    }
    kube::Applied taken = scene.apply(other, "other", kube::OnConflict::take_over);
    CHECK(taken.conflicts.empty());
    CHECK(owner(taken.object, "spec.template.spec.containers[name=web].image") == "other");
}

CONTRACT_CASE("fields that the kind does not have are refused, or dropped where that is asked for") {
    std::string typos(k_deployment);
    typos.replace(typos.find("replicas:"), 9, "replica: 7\n  replicas:");
    CHECK(code_of([&] { scene.apply(typos); }) == Code::invalid);
    kube::ApplyOptions lenient{"contract", kube::OnConflict::fail, kube::DryRun::no, kube::UnknownFields::drop};
    const doc::Value web = scene.cluster().apply(scene.yaml(typos), lenient).object;
    CHECK(at(web, "spec.replicas") == "2");
    CHECK(at(web, "spec.replica") == "");
    // The rest keeps its types.
    std::string wrong(k_deployment);
    wrong.replace(wrong.find("replicas: 2"), 11, "replicas: two");
    CHECK(code_of([&] { scene.cluster().apply(scene.yaml(wrong), lenient); }) == Code::invalid);
    doc::Value config = scene.yaml(k_config);
    config.set("dat", "x");
    const kube::Write create{kube::Create{config}, "contract", kube::DryRun::no, kube::UnknownFields::drop};
    CHECK(at(scene.cluster().write(create), "data.color") == "blue");
    const kube::Write replace{kube::Replace{config}, "contract", kube::DryRun::no, kube::UnknownFields::drop};
    CHECK(at(scene.cluster().write(replace), "dat") == "");
}

CONTRACT_CASE("two managers that wish the same share a field") {
    scene.apply(k_config, "one");
    CHECK(scene.apply(k_config, "two").conflicts.empty());
    // One leaves it out: the other still holds it.
    kube::Applied left = scene.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NS}}", "one");
    CHECK(at(left.object, "data.color") == "blue");
    kube::Applied gone = scene.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NS}}", "two");
    CHECK(at(gone.object, "data.color") == "");
}

CONTRACT_CASE("a field left out of the next apply goes away") {
    scene.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NS}, data: {a: x, b: y}}");
    kube::Applied applied =
        scene.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NS}, data: {a: x}}");
    CHECK(at(applied.object, "data.a") == "x");
    CHECK(at(applied.object, "data.b") == "");
}

CONTRACT_CASE("a hand's change of a field Git does not name stays") {
    scene.apply(k_deployment);
    kube::ObjectRef ref = scene.ref("apps/v1", "Deployment", "web");
    scene.patch(ref, kube::PatchKind::merge, "{metadata: {annotations: {note: mine}}}");
    kube::Applied applied = scene.apply(k_deployment);
    CHECK_FALSE(applied.changed);
    CHECK(kube::annotation_of(applied.object, "note") == "mine");
}

CONTRACT_CASE("a hand that changes an applied field owns it") {
    scene.apply(k_deployment);
    doc::Value scaled =
        scene.patch(scene.ref("apps/v1", "Deployment", "web"), kube::PatchKind::merge, "{spec: {replicas: 8}}");
    CHECK(owner(scaled, "spec.replicas") == "patcher");
    kube::Applied refused = scene.apply(k_deployment);
    REQUIRE(refused.conflicts.size() == 1);
    CHECK(refused.conflicts[0].manager == "patcher");
    CHECK(refused.conflicts[0].path == ".spec.replicas");
}

CONTRACT_CASE("containers merge by name") {
    scene.apply(k_deployment);
    kube::Applied both = scene.apply(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NS}
spec:
  template:
    spec:
      containers:
      - {name: helper, image: "helper:1"}
)",
                                     "sidecars");
    CHECK(both.conflicts.empty());
    CHECK(both.object.path("spec", "template", "spec", "containers")->size() == 2);
}

CONTRACT_CASE("a status in an applied document is not taken") {
    std::string text = std::string(k_deployment) + "status: {replicas: 77}\n";
    CHECK(at(scene.apply(text).object, "status.replicas") == "");
}

CONTRACT_CASE("unknown fields and wrong shapes of built-in kinds are refused") {
    CHECK(code_of([&] {
              scene.apply("{apiVersion: v1, kind: Service, metadata: {name: a, namespace: NS}, "
                          "spec: {prots: [{port: 80, protocol: TCP}]}}");
          }) == Code::invalid);
    CHECK(code_of([&] {
              scene.apply("{apiVersion: v1, kind: Service, metadata: {name: a, namespace: NS}, spec: {ports: 80}}");
          }) == Code::invalid);
    CHECK(scene.get("v1", "Service", "a") == std::nullopt);
}

CONTRACT_CASE("workloads that cannot work are refused") {
    std::string text(k_deployment);
    text.replace(text.find("{app: web}"), 10, "{app: api}");
    CHECK(code_of([&] { scene.apply(text); }) == Code::invalid);
}
