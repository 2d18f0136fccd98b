// Deletion: finalizers, owners, namespaces.
#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;

namespace {

/// A ConfigMap "child" owned by the ConfigMap "settings".
std::string child_of(const doc::Value& owner) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: child, namespace: NS, ownerReferences: [{apiVersion: v1, "
           "kind: ConfigMap, name: settings, blockOwnerDeletion: true, uid: " + at(owner, "metadata.uid") + "}]}}";
}

}  // namespace

CONTRACT_CASE("a deleted object is gone, and its name is free") {
    doc::Value made = scene.create(k_config);
    CHECK(scene.remove(scene.ref("v1", "ConfigMap", "settings")));
    CHECK(scene.get("v1", "ConfigMap", "settings") == std::nullopt);
    CHECK(at(scene.create(k_config), "metadata.uid") != at(made, "metadata.uid"));
}

CONTRACT_CASE("deleting with another uid is a conflict") {
    scene.create(k_config);
    kube::RemoveOptions options;
    options.uid = "00000000-0000-0000-0000-000000000000";
    CHECK(code_of([&] { scene.cluster().remove(scene.ref("v1", "ConfigMap", "settings"), options); }) == Code::conflict);
    CHECK(scene.get("v1", "ConfigMap", "settings").has_value());
}

CONTRACT_CASE("a finalizer holds an object until it is taken off") {
    scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: NS, finalizers: [example.org/hold]}}");
    kube::ObjectRef ref = scene.ref("v1", "ConfigMap", "held");
    CHECK(scene.remove(ref));
    auto held = scene.cluster().get(ref);
    REQUIRE(held.has_value());
    CHECK_FALSE(at(*held, "metadata.deletionTimestamp").empty());
    scene.patch(ref, kube::PatchKind::merge, "{metadata: {finalizers: null}}");
    CHECK(scene.eventually_gone(ref));
}

CONTRACT_CASE("dependents follow their owner") {
    doc::Value owner = scene.create(k_config);
    scene.create(child_of(owner));
    scene.remove(scene.ref("v1", "ConfigMap", "settings"), kube::Propagation::background);
    CHECK(scene.get("v1", "ConfigMap", "settings") == std::nullopt);
    CHECK(scene.eventually_gone(scene.ref("v1", "ConfigMap", "child")));
}

CONTRACT_CASE("orphaned dependents stay, without their owner") {
    doc::Value owner = scene.create(k_config);
    scene.create(child_of(owner));
    scene.remove(scene.ref("v1", "ConfigMap", "settings"), kube::Propagation::orphan);
    CHECK(scene.eventually_gone(scene.ref("v1", "ConfigMap", "settings")));
    CHECK(scene.eventually([&] {
        auto child = scene.get("v1", "ConfigMap", "child");
        return child && child->path("metadata", "ownerReferences") == nullptr;
    }));
}

CONTRACT_CASE("in the foreground an owner waits for its dependents") {
    doc::Value owner = scene.create(k_config);
    scene.create(child_of(owner));
    kube::ObjectRef child = scene.ref("v1", "ConfigMap", "child");
    scene.patch(child, kube::PatchKind::merge, "{metadata: {finalizers: [example.org/hold]}}");
    scene.remove(scene.ref("v1", "ConfigMap", "settings"), kube::Propagation::foreground);
    CHECK(scene.eventually([&] {
        auto held = scene.cluster().get(child);
        return held && !at(*held, "metadata.deletionTimestamp").empty();
    }));
    auto waiting = scene.get("v1", "ConfigMap", "settings");
    REQUIRE(waiting.has_value());
    CHECK_FALSE(at(*waiting, "metadata.deletionTimestamp").empty());
    scene.patch(child, kube::PatchKind::merge, "{metadata: {finalizers: null}}");
    CHECK(scene.eventually_gone(scene.ref("v1", "ConfigMap", "settings")));
    CHECK(scene.eventually_gone(child));
}

CONTRACT_CASE("an object whose owner is gone is collected") {
    scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: stray, namespace: NS, ownerReferences: [{apiVersion: "
                 "v1, kind: ConfigMap, name: never, uid: 11111111-1111-1111-1111-111111111111}]}}");
    CHECK(scene.eventually_gone(scene.ref("v1", "ConfigMap", "stray")));
}

CONTRACT_CASE("a namespace takes its content along and lets nothing in meanwhile") {
    scene.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS-doomed}}");
    kube::ObjectRef ns{{"", "v1", "Namespace"}, "", scene.ns() + "-doomed"};
    std::string held = "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: NS-doomed, "
                       "finalizers: [example.org/hold]}}";
    scene.create(held);
    scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: plain, namespace: NS-doomed}}");
    CHECK(scene.remove(ns));
    kube::ObjectRef plain{{"", "v1", "ConfigMap"}, ns.name, "plain"}, stuck{{"", "v1", "ConfigMap"}, ns.name, "held"};
    CHECK(scene.eventually_gone(plain));
    CHECK(at(*scene.cluster().get(ns), "status.phase") == "Terminating");
    CHECK(code_of([&] {
              scene.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: late, namespace: NS-doomed}}");
          }) == Code::denied);
    scene.patch(stuck, kube::PatchKind::merge, "{metadata: {finalizers: null}}");
    CHECK(scene.eventually_gone(ns));
}
