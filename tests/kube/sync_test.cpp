// What Git says reaches a real cluster, and what Git no longer says leaves it.
#include <catch2/catch.hpp>

#include "tests/kube/real_stage.hpp"

using namespace gitops::test;

REAL_CASE("a sync creates, changes and prunes, and leaves alone what is not ours", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}, {"b.yaml", config_map("b", "blue")}});
    stage.create_app();
    stage.must({"app", "sync", "web"});
    CHECK(stage.configs() == std::vector<std::string>{"a", "b"});
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: foreign, namespace: NS}, data: {color: red}}");
    stage.commit({{"a.yaml", config_map("a", "green")}, {"b.yaml", ""}});
    stage.must({"app", "sync", "web", "--prune"});
    CHECK(stage.configs() == std::vector<std::string>{"a", "foreign"});
    CHECK(stage.config("a") == "green");
}
