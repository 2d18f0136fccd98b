// Creating, reading, replacing, naming and selecting.
#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;

CONTRACT_CASE("a created object has the server's metadata") {
    doc::Value made = scene.create(k_config);
    CHECK(at(made, "metadata.uid").size() == 36);
    CHECK_FALSE(at(made, "metadata.resourceVersion").empty());
    CHECK(base::parse_rfc3339(at(made, "metadata.creationTimestamp")).has_value());
    CHECK(owner(made, "data.color") == "contract");
    CHECK(scene.get("v1", "ConfigMap", "settings") == made);
}

CONTRACT_CASE("creating what exists is a conflict and changes nothing") {
    doc::Value made = scene.create(k_config);
    CHECK(code_of([&] { scene.create(k_config); }) == Code::conflict);
    CHECK(scene.get("v1", "ConfigMap", "settings") == made);
}

CONTRACT_CASE("nothing is created in a namespace that does not exist") {
    std::string text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: nowhere-at-all}}";
    CHECK(code_of([&] { scene.create(text); }) == Code::not_found);
    CHECK(code_of([&] { scene.apply(text); }) == Code::not_found);
}

CONTRACT_CASE("generateName makes a new name each time") {
    std::string text = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: run-, namespace: NS}}";
    std::string one = at(scene.create(text), "metadata.name"), other = at(scene.create(text), "metadata.name");
    CHECK(one.starts_with("run-"));
    CHECK(one.size() == 9);
    CHECK(one != other);
}

CONTRACT_CASE("illegal names are refused") {
    for (std::string_view name : {"Upper", "under_score", "-dash", "dot.", "a/b", "''"}) {
        INFO(name);
        std::string text =
            "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: NS, name: " + std::string(name) + "}}";
        CHECK(code_of([&] { scene.create(text); }) == Code::invalid);
    }
}

CONTRACT_CASE("an absent object is no error to read, and none to delete") {
    CHECK(scene.get("v1", "ConfigMap", "absent") == std::nullopt);
    CHECK_FALSE(scene.remove(scene.ref("v1", "ConfigMap", "absent")));
}

CONTRACT_CASE("a list is ordered and can be narrowed by namespace and labels") {
    for (std::string_view name : {"b", "c", "a"})
        scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {namespace: NS, name: " + std::string(name) +
                     ", labels: {pick: '" + (name == "c" ? "no" : "yes") + "'}}}");
    std::string names;
    for (const doc::Value& object : scene.cluster().list({{"", "v1", "ConfigMap"}, scene.ns(), "pick=yes"}))
        names += at(object, "metadata.name");
    CHECK(names == "ab");
    CHECK(scene.cluster().list({{"", "v1", "ConfigMap"}, "nowhere-at-all", ""}).empty());
    CHECK(scene.cluster().list({{"nobody.example", "v1", "Unheard"}, std::nullopt, ""}).empty());
}

CONTRACT_CASE("a replace with a stale resourceVersion is a conflict") {
    doc::Value first = scene.create(k_config);
    doc::Value second = first;
    second.at("data").set("color", "green");
    doc::Value stored = scene.replace(second);
    CHECK(at(stored, "data.color") == "green");
    CHECK(at(stored, "metadata.uid") == at(first, "metadata.uid"));
    CHECK(at(stored, "metadata.resourceVersion") != at(first, "metadata.resourceVersion"));
    CHECK(code_of([&] { scene.replace(second); }) == Code::conflict);
}

CONTRACT_CASE("a replace that changes nothing keeps the resourceVersion") {
    doc::Value made = scene.create(k_config);
    CHECK(at(scene.replace(made), "metadata.resourceVersion") == at(made, "metadata.resourceVersion"));
}

CONTRACT_CASE("replacing what does not exist is not_found") {
    CHECK(code_of([&] { scene.replace(scene.yaml(k_config)); }) == Code::not_found);
}

CONTRACT_CASE("generation counts changes of the wish, not of labels or status") {
    doc::Value web = scene.create(k_deployment);
    kube::ObjectRef ref = scene.ref("apps/v1", "Deployment", "web");
    CHECK(at(web, "metadata.generation") == "1");
    CHECK(at(scene.patch(ref, kube::PatchKind::merge, "{metadata: {labels: {a: b}}}"), "metadata.generation") == "1");
    CHECK(at(scene.patch(ref, kube::PatchKind::merge, "{spec: {replicas: 3}}"), "metadata.generation") == "2");
    CHECK(at(scene.patch(ref, kube::PatchKind::merge, "{status: {observedGeneration: 1}}", "status"),
             "metadata.generation") == "2");
}

CONTRACT_CASE("a dry run tells the result and stores nothing") {
    kube::Write create{kube::Create{scene.yaml(k_config)}, "contract", kube::DryRun::yes};
    CHECK(at(scene.cluster().write(create), "data.color") == "blue");
    CHECK(scene.get("v1", "ConfigMap", "settings") == std::nullopt);
    kube::Applied applied =
        scene.cluster().apply(scene.yaml(k_config), {"contract", kube::OnConflict::fail, kube::DryRun::yes});
    CHECK(at(applied.object, "data.color") == "blue");
    CHECK(scene.get("v1", "ConfigMap", "settings") == std::nullopt);
    doc::Value made = scene.create(k_config);
    kube::RemoveOptions options;
    options.dry_run = kube::DryRun::yes;
    CHECK(scene.cluster().remove(scene.ref("v1", "ConfigMap", "settings"), options));
    CHECK(scene.get("v1", "ConfigMap", "settings") == made);
}

CONTRACT_CASE("texts given as stringData are kept as data") {
    doc::Value secret = scene.create(
        "{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: NS}, stringData: {password: hunter2}}");
    CHECK(at(secret, "data.password") == "aHVudGVyMg==");
    CHECK(at(secret, "type") == "Opaque");
}

CONTRACT_CASE("a Service gets an address that stays") {
    std::string text = R"(
apiVersion: v1
kind: Service
metadata: {name: web, namespace: NS}
spec: {selector: {app: web}, ports: [{port: 80}]}
)";
    std::string ip = at(scene.apply(text).object, "spec.clusterIP");
    CHECK_FALSE(ip.empty());
    CHECK(at(scene.apply(text).object, "spec.clusterIP") == ip);
    doc::Value other = scene.yaml(text);
    other.at("metadata").set("name", "other");
    doc::Value made = scene.cluster().write({kube::Create{other}, "contract", kube::DryRun::no});
    CHECK(at(made, "spec.clusterIP") != ip);
    CHECK(code_of([&] {
              scene.patch(scene.ref("v1", "Service", "web"), kube::PatchKind::merge, "{spec: {clusterIP: 10.0.0.77}}");
          }) == Code::invalid);
}
