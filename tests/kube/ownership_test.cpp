// Fields that others own, and objects that others made.
#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"
#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

const std::string k_client_side =
    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"NS"},"data":{"color":"blue","old":"yes"}})";

/// What `kubectl apply` on the client's side leaves: an annotation, and its manager as one that updates.
void create_as_kubectl(Stage& stage) {
    auto object = doc::read_yaml_one(stage.filled(k_client_side));
    auto annotations = doc::Value::map();
    annotations.set("kubectl.kubernetes.io/last-applied-configuration", stage.filled(k_client_side) + "\n");
    object.at("metadata").set("annotations", annotations);
    stage.cluster().write({kube::Create{object}, "kubectl-client-side-apply", kube::DryRun::no});
}

std::vector<std::string> managers_of(const doc::Value& object) {
    std::vector<std::string> managers;
    if (const auto* fields = object.path("metadata", "managedFields"))
        for (const auto& entry : fields->items()) managers.emplace_back(entry.text_at("manager"));
    return managers;
}

}  // namespace

REAL_CASE("what kubectl applied on the client's side becomes ours, and what Git does not say of it goes", "[kube]") {
    stage.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
    create_as_kubectl(stage);
    stage.commit({{"a.yaml", config_map("a", "green")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    CHECK(stage.config("a") == "green");
    CHECK(stage.config("a", "data.old").empty());
    const auto managers = managers_of(*stage.get("v1", "ConfigMap", "a"));
    CHECK(std::count(managers.begin(), managers.end(), "kubectl-client-side-apply") == 0);
}

REAL_CASE("the real kubectl's client-side apply is taken over the same way", "[kube]") {
    stage.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
    const auto file = stage.dir.write("a.json", stage.filled(k_client_side));
    const auto kubectl = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"kubectl", "--kubeconfig", Stage::kubeconfig()});
        const char* path = std::getenv("PATH");
        return Process(words, {{"PATH", path == nullptr ? "" : path}, {"HOME", stage.dir.path()}}, stage.dir.path(),
                       stage.dir / "kubectl").wait();
    };
    if (kubectl({"apply", "-f", file}).status == 127) {
        std::puts("skipped: no kubectl on PATH");
        return;
    }
    stage.commit({{"a.yaml", config_map("a", "green")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    CHECK(stage.config("a") == "green");
    CHECK(stage.config("a", "data.old").empty());
    stage.must({"drift", "diff", "web"});
}

REAL_CASE("fields of another controller are named with their owner when a sync takes them", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: NS}, data: {color: red}}", "painter");
    stage.commit({{"a.yaml", config_map("a", "green")}});
    const auto result = stage.run({"app", "sync", "web"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(result.err.find("painter") != std::string::npos);
    CHECK(result.err.find("data.color") != std::string::npos);
    CHECK(stage.config("a") == "green");
}

REAL_CASE("drift names who changed the field", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: NS}, data: {color: red}}", "painter");
    const auto result = stage.run({"drift", "diff", "web", "-o", "json"});
    CHECK(result.status == 1);
    const auto report = doc::read_yaml_one(result.out);
    const auto& field = report.find("items")->items()[0].find("resources")->items()[0].find("fields")->items()[0];
    CHECK(field.text_at("path") == "data.color");
    CHECK(field.text_at("desired") == "blue");
    CHECK(field.text_at("live") == "red");
    CHECK(field.text_at("manager") == "painter");
}

REAL_CASE("init containers come in Git's order, which an apply alone does not change", "[kube]") {
    const auto web = [](const std::string& init) {
        return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n"
               "    metadata: {labels: {app: web}}\n    spec: {initContainers: [" + init + "], containers: [{name: web, image: web}]}\n";
    };
    stage.commit({{"web.yaml", web("{name: one, image: i}, {name: two, image: i}")}});
    stage.create_app();
    stage.must({"app", "sync", "web", "--no-wait"});
    stage.commit({{"web.yaml", web("{name: two, image: i}, {name: one, image: i}")}});
    stage.must({"app", "sync", "web", "--no-wait"});
    CHECK(stage.get("apps/v1", "Deployment", "web")->path("spec", "template", "spec", "initContainers")->items()[0].text_at("name") == "two");
    CHECK(stage.run({"app", "diff", "web"}).status == 0);
}

REAL_CASE("an object that belongs to another application is not taken", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.repo.write("other/a.yaml", config_map("a", "red"));
    stage.repo.commit();
    stage.must({"app", "create", "other", "--repo", stage.repo.path(), "--path", "other", "--dest-cluster", "real",
                "--dest-namespace", stage.ns(), "--sync-option", "FailOnSharedResource=true"});
    const auto result = stage.run({"app", "sync", "other"});
    CHECK(result.status != 0);
    CHECK(result.out.find("is part of application \"web\"") != std::string::npos);
    CHECK(stage.config("a") == "blue");
}
