// What a server refuses, and how a sync says so and loses nothing.
#include <catch2/catch.hpp>

#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

bool says(const ProcessResult& result, std::string_view words) {
    return (result.out + result.err).find(words) != std::string::npos;
}

std::string service(std::string_view cluster_ip) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: " + std::string(cluster_ip) +
           ", ports: [{port: 80}]}\n";
}

std::string job(std::string_view image) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  template:\n    spec:\n"
           "      restartPolicy: Never\n      containers: [{name: main, image: '" + std::string(image) + "'}]\n";
}

const char* const k_finalized =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: NS, finalizers: [test.example/hold]}}";

void let_go(Stage& stage) {
    kube::Patch patch{{{"", "v1", "ConfigMap"}, stage.ns(), "held"}, kube::PatchKind::merge, {}, "", ""};
    patch.patch.at("metadata").set("finalizers", doc::Value::list());
    stage.cluster().write({patch, "test", kube::DryRun::no});
}

}  // namespace

REAL_CASE("who may not delete cannot prune: it says so, and loses nothing", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}, {"b.yaml", config_map("b", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.make_home("viewer", Stage::viewer_kubeconfig());
    stage.create_app({}, "viewer");
    stage.commit({{"a.yaml", config_map("a", "green")}, {"b.yaml", ""}});
    const auto result = stage.run({"app", "sync", "web", "--prune"}, "viewer");
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(says(result, "cannot delete resource"));
    // Pruning comes first, as in Argo CD; what was not reached is said.
    CHECK(says(result, "not reached   ConfigMap " + stage.ns() + "/a"));
    CHECK(stage.config("a") == "blue");
    CHECK(stage.configs() == std::vector<std::string>{"a", "b"});
    // Nothing was forgotten: without pruning the rest is done, and who may delete finishes it.
    CHECK(stage.run({"app", "sync", "web"}, "viewer").status == 1);
    CHECK(stage.config("a") == "green");
    stage.must({"app", "sync", "web", "--prune"});
    CHECK(stage.configs() == std::vector<std::string>{"a"});
}

REAL_CASE("a namespace that is being deleted refuses new objects, and a later sync finds it gone", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.apply(k_finalized);
    stage.cluster().remove({{"", "v1", "Namespace"}, "", stage.ns()}, {});
    REQUIRE(eventually([&] { return stage.config("a").empty(); }));
    const auto result = stage.run({"app", "sync", "web"});
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(says(result, "the namespace is being deleted"));
    let_go(stage);
    REQUIRE(eventually([&] { return !stage.get("v1", "Namespace", stage.ns()); }));
    stage.must({"app", "sync", "web"});
    CHECK(stage.config("a") == "blue");
}

REAL_CASE("an immutable field is changed only by force, which makes the object anew", "[kube]") {
    stage.commit({{"job.yaml", job("one:1")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    const auto uid = std::string(stage.get("batch/v1", "Job", "once")->find("metadata")->text_at("uid"));
    stage.commit({{"job.yaml", job("one:2")}});
    const auto refused = stage.run({"app", "sync", "web"});
    INFO(refused.out << refused.err);
    CHECK(refused.status == 1);
    CHECK(says(refused, "immutable"));
    CHECK(says(refused, "--force"));
    CHECK(stage.get("batch/v1", "Job", "once")->find("metadata")->text_at("uid") == uid);
    stage.must({"app", "sync", "web", "--force"});
    CHECK(stage.get("batch/v1", "Job", "once")->find("metadata")->text_at("uid") != uid);
}

REAL_CASE("what the server finds wrong with an object is said with its field, and the others are applied", "[kube]") {
    stage.commit({{"svc.yaml", service("10.99.0.1")}, {"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    const auto result = stage.run({"app", "sync", "web"});
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(says(result, "clusterIP"));
    CHECK(stage.config("a") == "blue");
}
