// Writing metadata.managedFields: how one manager's fields become another's.
#include <catch2/catch.hpp>

#include "core/kube/takeover.hpp"
#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;

namespace {

/// Sets metadata.managedFields; `version` "" for any.
doc::Value set_owners(Scene& scene, const doc::Value& live, const doc::Value& owners, std::string version = {}) {
    const auto operation = doc::Value::map({{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", owners}});
    kube::Patch patch{kube::ref_of(live), kube::PatchKind::json, doc::Value::list({operation}), "", std::move(version)};
    return scene.cluster().write({patch, "contract", kube::DryRun::no});
}

/// Two keys, as `kubectl apply` leaves them.
doc::Value apply_on_client(Scene& scene) {
    doc::Value config = scene.yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NS}, data: {color: blue, size: big}}");
    return scene.cluster().write({kube::Create{config}, std::string(kube::k_client_side_manager), kube::DryRun::no});
}

}  // namespace

CONTRACT_CASE("what a client-side apply set leaves with the next apply once its fields are adopted") {
    doc::Value live = apply_on_client(scene);
    CHECK(owner(live, "data.size") == kube::k_client_side_manager);
    auto adopted = kube::adopt_fields(live, kube::client_side_appliers(live), "contract");
    REQUIRE(adopted);
    doc::Value ours = set_owners(scene, live, *adopted, at(live, "metadata.resourceVersion"));
    CHECK(owner(ours, "data.size") == "contract");
    CHECK(at(ours, "data.size") == "big");
    CHECK(at(ours, "metadata.resourceVersion") != at(live, "metadata.resourceVersion"));
    kube::Applied applied = scene.apply(k_config);
    CHECK(applied.conflicts.empty());
    CHECK(at(applied.object, "data.color") == "blue");
    CHECK(at(applied.object, "data.size") == "");
    CHECK(kube::client_side_appliers(applied.object).empty());
}

CONTRACT_CASE("owners are not changed over a newer version of the object") {
    doc::Value live = apply_on_client(scene);
    scene.patch(kube::ref_of(live), kube::PatchKind::merge, "{data: {size: small}}");
    auto adopted = kube::adopt_fields(live, kube::client_side_appliers(live), "contract");
    CHECK(code_of([&] { set_owners(scene, live, *adopted, at(live, "metadata.resourceVersion")); }) == Code::conflict);
    CHECK(owner(*scene.get("v1", "ConfigMap", "settings"), "data.size") == "patcher");
}

// What an empty list does depends on the server: 1.20 takes the owners away, newer ones keep them.
CONTRACT_CASE("a list of one empty entry takes the owners away") {
    doc::Value live = apply_on_client(scene);
    doc::Value bare = set_owners(scene, live, doc::Value::list({doc::Value::map()}));
    CHECK(bare.path("metadata", "managedFields") == nullptr);
    CHECK(at(bare, "data.color") == "blue");
}
