// What Git says reaches a real cluster, and what Git no longer says leaves it.
#include <catch2/catch.hpp>

#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

std::string text_at(const doc::Value& object, std::initializer_list<const char*> path) {
    const doc::Value* node = &object;
    for (const char* name : path)
        if (node != nullptr) node = node->find(name);
    return node == nullptr ? "" : std::string(node->text());
}

int replica_sets(Stage& stage) {
    return static_cast<int>(stage.cluster().list({{"apps", "v1", "ReplicaSet"}, stage.ns(), ""}).size());
}

std::string crd(std::string_view group) {
    return "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: wafers." +
           std::string(group) + "}\nspec:\n  group: " + std::string(group) +
           "\n  scope: Namespaced\n  names: {kind: Wafer, plural: wafers, singular: wafer}\n  versions:\n"
           "  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n"
           "        properties: {spec: {type: object, properties: {size: {type: integer}}}}\n";
}

}  // namespace

REAL_CASE("a sync creates, changes and prunes, and leaves alone what is not ours", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}, {"b.yaml", config_map("b", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    CHECK(stage.configs() == std::vector<std::string>{"a", "b"});
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: foreign, namespace: NS}, data: {color: red}}");
    stage.commit({{"a.yaml", config_map("a", "green")}, {"b.yaml", ""}});
    CHECK(stage.run({"app", "sync", "web"}).status == 1);  // what is no longer in Git stays, and is said
    CHECK(stage.configs() == std::vector<std::string>{"a", "b", "foreign"});
    stage.must({"app", "sync", "web", "--prune"});
    CHECK(stage.configs() == std::vector<std::string>{"a", "foreign"});
    CHECK(stage.config("a") == "green");
}

REAL_CASE("a home that knows nothing prunes, shows the history and rolls back", "[kube]") {
    const auto first = stage.commit({{"a.yaml", config_map("a", "blue")}, {"b.yaml", config_map("b", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    const auto second = stage.commit({{"a.yaml", config_map("a", "green")}, {"b.yaml", ""}});
    stage.make_home("runner", Stage::kubeconfig());
    stage.create_app({}, "runner");
    stage.must({"app", "sync", "web", "--prune"}, "runner");
    CHECK(stage.configs() == std::vector<std::string>{"a"});
    stage.make_home("third", Stage::kubeconfig());
    stage.create_app({}, "third");
    const auto history = stage.must({"app", "history", "web"}, "third");
    CHECK(history.find(first.substr(0, 7)) != std::string::npos);
    CHECK(history.find(second.substr(0, 7)) != std::string::npos);
    stage.must({"app", "rollback", "web", "--strategy", "pin"}, "third");
    CHECK(stage.configs() == std::vector<std::string>{"a", "b"});
    CHECK(stage.config("a") == "blue");
}

REAL_CASE("a definition and an object of the kind it defines come in one sync", "[kube]") {
    const auto group = stage.ns() + ".example.com";
    stage.commit({{"wafer.yaml", "apiVersion: " + group + "/v1\nkind: Wafer\nmetadata: {name: w1}\nspec: {size: 300}\n"},
                  {"z-crd.yaml", crd(group)}});
    stage.create_app();
    stage.must({"app", "sync", "web", "--timeout", "60s"});
    const auto wafer = stage.get(group + "/v1", "Wafer", "w1");
    REQUIRE(wafer);
    CHECK(text_at(*wafer, {"spec", "size"}) == "300");
    CHECK(stage.must({"app", "diff", "web"}).empty());
    // Definitions stay, as in Argo CD: with one go all objects of its kind, whoever made them.
    const kube::ObjectRef definition{{"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}, "", "wafers." + group};
    stage.must({"app", "delete", "web", "--cascade", "-y"});
    CHECK(eventually([&] { return !stage.get(group + "/v1", "Wafer", "w1"); }));
    CHECK(stage.cluster().get(definition).has_value());
    stage.cluster().remove(definition, {});
}

REAL_CASE("a release that runs is waited for, and a second sync of it changes nothing", "[kube]") {
    stage.commit({{"web.yaml", deployment("web", "web:1", 3)}});
    stage.create_app();
    stage.must({"app", "sync", "web", "--timeout", "60s"});
    const auto live = *stage.get("apps/v1", "Deployment", "web");
    CHECK(text_at(live, {"status", "availableReplicas"}) == "3");
    const auto out = stage.must({"app", "sync", "web"});
    CHECK(stage.get("apps/v1", "Deployment", "web")->find("metadata")->text_at("resourceVersion") ==
          live.find("metadata")->text_at("resourceVersion"));
    stage.must({"drift", "diff", "web"});
    CHECK(stage.must({"app", "diff", "web"}).empty());
}

REAL_CASE("a release that crashes or finds no image is reported with its Pod's reason", "[kube]") {
    const std::string bad = GENERATE(as<std::string>{}, "crash:1", "missing:1");
    stage.commit({{"web.yaml", deployment("web", "web:1")}});
    stage.create_app();
    stage.must({"app", "sync", "web", "--timeout", "60s"});
    stage.commit({{"web.yaml", deployment("web", bad)}});
    const auto result = stage.run({"app", "sync", "web", "--timeout", "5s"});
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    const auto said = result.out + result.err;
    CHECK(said.find(bad == "crash:1" ? "CrashLoopBackOff" : "ImagePullBackOff") != std::string::npos);
}

REAL_CASE("Replace=true replaces the object, foreign fields included", "[kube]") {
    const auto replaced = [](std::string_view color) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations: "
               "{argocd.argoproj.io/sync-options: Replace=true}\ndata: {color: " + std::string(color) + "}\n";
    };
    stage.commit({{"a.yaml", replaced("blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: NS}, data: {extra: yes}}");
    stage.commit({{"a.yaml", replaced("green")}});
    stage.must({"app", "sync", "web"});
    CHECK(stage.config("a") == "green");
    CHECK(stage.config("a", "data.extra").empty());
}

REAL_CASE("pruning follows the propagation that is asked for", "[kube]") {
    const std::string policy = GENERATE(as<std::string>{}, "foreground", "background", "orphan");
    INFO(policy);
    stage.commit({{"web.yaml", deployment("web", "web:1")}, {"a.yaml", config_map("a", "blue")}});
    stage.create_app({"--sync-option", "PrunePropagationPolicy=" + policy});
    stage.must({"app", "sync", "web", "--timeout", "60s"});
    REQUIRE(replica_sets(stage) == 1);
    stage.commit({{"web.yaml", ""}});
    stage.must({"app", "sync", "web", "--prune"});
    CHECK(eventually([&] { return !stage.get("apps/v1", "Deployment", "web"); }));
    if (policy == "orphan") CHECK(replica_sets(stage) == 1);
    else CHECK(eventually([&] { return replica_sets(stage) == 0; }));
}

REAL_CASE("five thousand objects", "[kube][slow]") {
    std::string all;
    for (int i = 0; i < 5000; ++i) all += config_map("cm-" + std::to_string(i), "blue") + "---\n";
    stage.commit({{"all.yaml", all}});
    stage.create_app();
    stage.must({"app", "sync", "web", "--timeout", "300s"});
    CHECK(stage.configs().size() == 5000);
    stage.must({"drift", "diff", "web"});
    stage.commit({{"all.yaml", config_map("cm-0", "blue")}});
    stage.must({"app", "sync", "web", "--prune", "--timeout", "300s"});
    CHECK(stage.configs() == std::vector<std::string>{"cm-0"});
}
