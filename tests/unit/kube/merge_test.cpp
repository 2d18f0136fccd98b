#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/kube/merge.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

const Type k_pod = Schema::kubernetes().root({"", "v1", "Pod"});

std::string merged(std::string_view target, std::string_view patch, const Type& type = k_pod) {
    return json(strategic_merge(yaml(target), yaml(patch), type));
}

std::string refusal(std::string_view target, std::string_view patch) {
    try {
        strategic_merge(yaml(target), yaml(patch), k_pod);
        return "merged";
    } catch (const gitops::base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("lists of objects merge by their key, others are replaced") {
    CHECK(merged("{spec: {containers: [{name: a, image: x, args: [p, q]}, {name: b}]}}",
                 "{spec: {containers: [{name: a, args: [r]}, {name: c, image: y}]}}") ==
          R"({"spec":{"containers":[{"args":["r"],"image":"x","name":"a"},{"name":"b"},{"image":"y","name":"c"}]}})");
}

TEST_CASE("lists of texts with strategy merge are united") {
    CHECK(merged("{metadata: {finalizers: [a, b]}}", "{metadata: {finalizers: [b, c]}}") == R"({"metadata":{"finalizers":["a","b","c"]}})");
    CHECK(merged("{metadata: {finalizers: [a, b, c]}}", "{metadata: {$deleteFromPrimitiveList/finalizers: [b]}}") ==
          R"({"metadata":{"finalizers":["a","c"]}})");
    CHECK(merged("{metadata: {finalizers: [a, b]}}", "{metadata: {$setElementOrder/finalizers: [c, a, b], finalizers: [c]}}") ==
          R"({"metadata":{"finalizers":["c","a","b"]}})");
}

TEST_CASE("null removes a field, and says nothing where none was") {
    CHECK(merged("{spec: {hostname: a, nodeName: b}}", "{spec: {hostname: null, subdomain: null}}") == R"({"spec":{"nodeName":"b"}})");
    CHECK(merged("{}", "{spec: {hostname: null, nodeName: b}}") == R"({"spec":{"nodeName":"b"}})");
}

TEST_CASE("$patch deletes and replaces") {
    CHECK(merged("{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{name: a, $patch: delete}, {name: z, $patch: delete}]}}") ==
          R"({"spec":{"containers":[{"name":"b"}]}})");
    CHECK(merged("{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{$patch: replace}, {name: c}]}}") ==
          R"({"spec":{"containers":[{"name":"c"}]}})");
    CHECK(merged("{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: a, $patch: replace, command: [y]}]}}") ==
          R"({"spec":{"containers":[{"command":["y"],"name":"a"}]}})");
    CHECK(merged("{spec: {securityContext: {runAsUser: 1}}}", "{spec: {securityContext: {$patch: replace, fsGroup: 2}}}") ==
          R"({"spec":{"securityContext":{"fsGroup":2}}})");
    CHECK(merged("{spec: {securityContext: {runAsUser: 1}}}", "{spec: {securityContext: {$patch: delete}}}") ==
          R"({"spec":{"securityContext":{}}})");
}

TEST_CASE("$retainKeys drops the other keys") {
    CHECK(merged("{spec: {volumes: [{name: v, emptyDir: {}}]}}",
                 "{spec: {volumes: [{name: v, configMap: {name: c}, $retainKeys: [name, configMap]}]}}") ==
          R"({"spec":{"volumes":[{"configMap":{"name":"c"},"name":"v"}]}})");
    CHECK(refusal("{spec: {volumes: [{name: v}]}}", "{spec: {volumes: [{name: v, emptyDir: {}, $retainKeys: [name]}]}}") ==
          "$retainKeys does not name \"emptyDir\", which the patch sets");
}

TEST_CASE("$setElementOrder sorts what the patch knows and keeps the rest in place") {
    CHECK(merged("{spec: {containers: [{name: a}, {name: server}, {name: b}]}}",
                 "{spec: {$setElementOrder/containers: [{name: b}, {name: c}, {name: a}], containers: [{name: c}]}}") ==
          R"({"spec":{"containers":[{"name":"server"},{"name":"b"},{"name":"c"},{"name":"a"}]}})");
}

TEST_CASE("what no strategic merge patch may say") {
    CHECK(refusal("{spec: {hostname: a}}", "{spec: {$patch: explode}}") == "unknown patch directive \"$patch: explode\"");
    CHECK(refusal("{spec: {containers: [{name: a}]}}", "{spec: {containers: [{image: x}]}}") ==
          "a patch's list element has no merge key \"name\": {\"image\":\"x\"}");
    CHECK(refusal("{spec: {containers: [{name: a}]}}", "{spec: {$setElementOrder/containers: text}}") ==
          "$setElementOrder/containers must be a list");
}

TEST_CASE("content without a schema merges as RFC 7386") {
    const Type widget = Schema::kubernetes().root({"example.com", "v1", "Widget"});
    CHECK(merged("{spec: {list: [{name: a}], map: {x: 1, y: 2}}}", "{spec: {list: [{name: b}], map: {x: null}}}", widget) ==
          R"({"spec":{"list":[{"name":"b"}],"map":{"y":2}}})");
}
