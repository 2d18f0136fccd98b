#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/kube/secrets.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

std::string refusal(std::string_view manifest) {
    try {
        require_identity(yaml(manifest), "app.yaml");
        return "legal";
    } catch (const gitops::base::Error& error) {
        return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
    }
}

}  // namespace

TEST_CASE("two manifests are the same object when group, kind, namespace and name agree") {
    const auto web = yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: prod}}");
    const auto old_web = yaml("{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web, namespace: prod}}");
    CHECK(key_of(web) == key_of(old_web));
    CHECK(ResourceKeyHash()(key_of(web)) == ResourceKeyHash()(key_of(old_web)));
    CHECK(key_of(web).text() == "apps/Deployment prod/web");
    CHECK(key_of(yaml("{apiVersion: v1, kind: Namespace, metadata: {name: prod, namespace: wrong}}")).text() == "Namespace prod");
    CHECK(gvk_of(web).api_version() == "apps/v1");
    CHECK(gvk_of(yaml("text")) == Gvk{});
}

TEST_CASE("names and labels are read and written") {
    auto object = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: u, resourceVersion: '7', labels: {x: '1'}}}");
    CHECK(name_of(object) == "a");
    CHECK(uid_of(object) == "u");
    CHECK(resource_version_of(object) == "7");
    CHECK(label_of(object, "x") == "1");
    CHECK(annotation_of(object, "x").empty());
    set_annotation(object, "note", "n");
    set_label(object, "y", "2");
    set_namespace(object, "prod");
    CHECK(json(*object.find("metadata")) ==
          R"({"annotations":{"note":"n"},"labels":{"x":"1","y":"2"},"name":"a","namespace":"prod","resourceVersion":"7","uid":"u"})");
}

TEST_CASE("a manifest without an identity is refused with its place") {
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}") == "legal");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}") == "legal");
    CHECK(refusal("[1]") == "app.yaml:1: a manifest must be a map, not a list");
    CHECK(refusal("{kind: ConfigMap}") == "app.yaml:1: the object has no apiVersion");
    CHECK(refusal("apiVersion: v1\nkind: 7") == "app.yaml:2: kind must be text, not a number");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap}") == "app.yaml:1: the object has no metadata.name");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: x}") == "app.yaml:1: metadata must be a map, not a string");
    CHECK(refusal("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 1.0") == "app.yaml:4: metadata.name must be text, not a number");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {name: ''}}") == "app.yaml:1: metadata.name is empty");
}

TEST_CASE("names must be legal for their kind") {
    auto named = [](std::string_view kind, const std::string& name) {
        return refusal("{apiVersion: v1, kind: " + std::string(kind) + ", metadata: {name: '" + name + "'}}");
    };
    CHECK(named("ConfigMap", "a.b-c.9") == "legal");
    CHECK(named("ConfigMap", std::string(253, 'a')) == "legal");
    CHECK(named("ConfigMap", "A_b") == "app.yaml:1: \"A_b\" is not a legal name for a ConfigMap");
    CHECK(named("ConfigMap", "a..b") != "legal");
    CHECK(named("ConfigMap", "-a") != "legal");
    CHECK(named("ConfigMap", "../etc") != "legal");
    CHECK(named("ConfigMap", std::string(254, 'a')) != "legal");
    CHECK(named("Namespace", "a.b") != "legal");
    CHECK(named("Namespace", std::string(64, 'a')) != "legal");
    CHECK(named("ClusterRole", "system:Node_1") == "legal");
    CHECK(named("ClusterRole", "a/b") != "legal");
    CHECK(named("ClusterRole", "..") != "legal");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: Prod}}") == "app.yaml:1: \"Prod\" is not a legal namespace");
}

TEST_CASE("masked secrets still show which values are equal") {
    const auto git = yaml("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {user: admin, pass: new}}");
    const auto live = yaml(
        "{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: "
        "{kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"pass\":\"b2xk\"}}'}}, data: {user: YWRtaW4=, pass: b2xk}}");
    const auto masked = mask_secrets({git, live});
    CHECK(json(masked[0]) ==
          R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"pass":"++++++++","user":"++++++++"}})");
    CHECK(json(masked[1]) == R"({"apiVersion":"v1","data":{"pass":"++++++++++++","user":"++++++++"},"kind":"Secret","metadata":{"annotations":)"
                             R"({"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"pass\":\"++++++++++++\"}}"},"name":"s"}})");
}

TEST_CASE("annotations that are named are masked in Secrets, also in what was applied last") {
    const AnnotationKeys keys = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"token"});
    const auto masked = mask_secrets({yaml("{apiVersion: v1, kind: Secret, metadata: {annotations: {token: a, note: b}}}"),
                                      yaml("{apiVersion: v1, kind: Secret, metadata: {annotations: {token: c, kubectl.kubernetes.io/last-applied-configuration: "
                                           "'{\"metadata\":{\"annotations\":{\"token\":\"a\"}}}'}}}"),
                                      yaml("{apiVersion: v1, kind: ConfigMap, metadata: {annotations: {token: a}}}")}, keys);
    CHECK(json(masked[0]) == R"({"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"note":"b","token":"++++++++"}}})");
    CHECK(json(masked[1]) == R"({"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":)"
                             R"("{\"metadata\":{\"annotations\":{\"token\":\"++++++++\"}}}","token":"++++++++++++"}}})");
    CHECK(json(masked[2]) == R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{"token":"a"}}})");
}

TEST_CASE("a malformed secret shows nothing either") {
    const auto masked = mask_secrets({yaml("{apiVersion: v1, kind: Secret, data: hunter2, stringData: {a: [hunter2], b: null}}"),
                                      yaml("{apiVersion: v1, kind: ConfigMap, data: {a: open}}")});
    CHECK(json(masked[0]) == R"({"apiVersion":"v1","data":"++++++++","kind":"Secret","stringData":{"a":"++++++++","b":"++++++++"}})");
    CHECK(json(masked[1]) == R"({"apiVersion":"v1","data":{"a":"open"},"kind":"ConfigMap"})");
}
