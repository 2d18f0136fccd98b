#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/kube/apply.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::doc::Value;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

gitops::base::Time at(int seconds) { return gitops::base::Time(std::chrono::seconds(seconds)); }

const std::string k_head = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: ";

Value config_map(const std::string& data) { return yaml(k_head + data + "}"); }

Value applied(const Value& live, const Value& config, std::string_view manager, int seconds = 0) {
    return server_side_apply(live, config, manager, OnConflict::take_over, at(seconds)).object;
}

/// "manager operation: path path", one line each.
std::string owners(const Value& object) {
    std::string out;
    for (const auto& manager : managers_of(object)) {
        out += manager.name + (manager.operation == Operation::apply ? " applies" : " updates");
        for (const auto& path : manager.fields.paths()) out += " " + path;
        out += "\n";
    }
    return out;
}

std::string data(const Value& object) { return object.has("data") ? json(*object.find("data")) : "none"; }

std::string refusal(std::string_view config) {
    try {
        server_side_apply({}, yaml(config), "git", OnConflict::fail, at(0));
        return "applied";
    } catch (const gitops::base::Error& error) {
        return error.message();
    }
}

Value pod_with(const std::string& containers) {
    return yaml("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: " + containers + "}}");
}

std::string container_names(const Value& pod) {
    std::string out;
    for (const auto& container : pod.path("spec", "containers")->items()) out += std::string(container.text_at("name")) + " ";
    return out;
}

}  // namespace

TEST_CASE("the first apply makes the object and owns what it says") {
    const auto result = server_side_apply({}, config_map("{a: '1'}"), "git", OnConflict::fail, at(7));
    CHECK(result.changed);
    CHECK(json(result.object) ==
          R"({"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"managedFields":[{"apiVersion":"v1","fieldsType":"FieldsV1",)"
          R"("fieldsV1":{"f:data":{"f:a":{}}},"manager":"git","operation":"Apply","time":"1970-01-01T00:00:07Z"}],"name":"c"}})");
}

TEST_CASE("applying the same again changes nothing, not even a time") {
    const auto live = applied({}, config_map("{a: '1'}"), "git", 1);
    const auto again = server_side_apply(live, config_map("{a: '1'}"), "git", OnConflict::fail, at(99));
    CHECK_FALSE(again.changed);
    CHECK(again.object == live);
}

TEST_CASE("a field that is no longer applied goes, unless somebody else owns it") {
    auto live = applied({}, config_map("{a: '1', b: '2'}"), "git");
    live = applied(live, config_map("{b: '2'}"), "other");
    live = applied(live, config_map("{c: '3'}"), "git");
    CHECK(data(live) == R"({"b":"2","c":"3"})");
    CHECK(owners(live) == "git applies data.c\nother applies data.b\n");
}

TEST_CASE("a field that nobody owns stays") {
    auto live = applied({}, config_map("{a: '1'}"), "git");
    live.at("data").set("unowned", "x");
    CHECK(data(applied(live, config_map("{b: '2'}"), "git")) == R"({"b":"2","unowned":"x"})");
}

TEST_CASE("another value for another manager's field is a conflict and changes nothing") {
    const auto live = applied({}, config_map("{a: '1', b: '2'}"), "git");
    const auto result = server_side_apply(live, config_map("{a: '9', b: '2'}"), "other", OnConflict::fail, at(5));
    REQUIRE(result.conflicts.size() == 1);
    CHECK(result.conflicts[0].manager + " " + result.conflicts[0].path == "git .data.a");
    CHECK_FALSE(result.changed);
    CHECK(result.object == live);
    const auto taken = applied(live, config_map("{a: '9', b: '2'}"), "other");
    CHECK(owners(taken) == "git applies data.b\nother applies data.a data.b\n");
}

TEST_CASE("conflicts name list elements as kubectl does") {
    const auto live = applied({}, pod_with("[{name: web, image: 'x:1', ports: [{containerPort: 80}]}]"), "git");
    const auto result = server_side_apply(live, pod_with("[{name: web, image: 'x:2', ports: [{containerPort: 80, name: h}]}]"), "other",
                                          OnConflict::fail, at(0));
    REQUIRE(result.conflicts.size() == 1);
    CHECK(result.conflicts[0].path == R"(.spec.containers[name="web"].image)");
}

TEST_CASE("a manual update is tracked, conflicts, and is taken back") {
    const auto live = applied({}, config_map("{a: '1'}"), "git");
    auto edited = live;
    edited.at("data").set("a", "8");
    edited.at("data").set("m", "manual");
    edited = track_update(live, edited, "kubectl-edit", "", at(3));
    CHECK(owners(edited) == "kubectl-edit updates data.a data.m\n");
    CHECK(server_side_apply(edited, config_map("{a: '1'}"), "git", OnConflict::fail, at(4)).conflicts.size() == 1);
    const auto healed = applied(edited, config_map("{a: '1'}"), "git");
    CHECK(data(healed) == R"({"a":"1","m":"manual"})");
    CHECK(owners(healed) == "git applies data.a\nkubectl-edit updates data.m\n");
}

TEST_CASE("an update of status owns status only, and a removal leaves its owners") {
    const auto deployment = yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 2}}");
    const auto live = applied({}, deployment, "git");
    auto updated = live;
    updated.at("status") = yaml("{replicas: 2}");
    updated = track_update(live, updated, "controller", "status", at(1));
    CHECK(owners(updated) == "git applies spec.replicas\ncontroller updates status status.replicas\n");
    auto removed = updated;
    removed.at("spec").erase("replicas");
    removed = track_update(updated, removed, "kubectl", "", at(2));
    CHECK(owners(removed) == "controller updates status status.replicas\n");
}

TEST_CASE("an object without owners belongs to before-first-apply") {
    const auto live = config_map("{a: '1', b: '2'}");
    CHECK(owners(applied(live, config_map("{a: '9'}"), "git")) == "git applies data.a\nbefore-first-apply updates data data.b\n");
}

TEST_CASE("list elements merge by key, absent keys count with their defaults") {
    auto live = applied({}, pod_with("[{name: web, ports: [{containerPort: 80, protocol: TCP}]}]"), "git");
    live = applied(live, pod_with("[{name: web, ports: [{containerPort: 80, name: http}, {containerPort: 80, protocol: UDP}]}]"), "other");
    CHECK(json(*live.path("spec", "containers")->items()[0].find("ports")) ==
          R"([{"containerPort":80,"name":"http","protocol":"TCP"},{"containerPort":80,"protocol":"UDP"}])");
}

TEST_CASE("the order of merged lists follows structured-merge-diff") {
    auto named = [](std::initializer_list<const char*> names) {
        std::string out = "[";
        for (const char* name : names) out += std::string("{name: ") + name + ", image: x}, ";
        return pod_with(out + "]");
    };
    const auto live = applied({}, named({"a", "b", "c"}), "git");
    CHECK(container_names(applied(live, named({"b", "x"}), "other")) == "a b c x ");
    CHECK(container_names(applied(live, named({"x", "c", "a"}), "other")) == "b x c a ");
    CHECK(container_names(applied(live, named({"a", "c"}), "git")) == "a c ");
    CHECK_FALSE(server_side_apply(live, named({"c", "b", "a"}), "git", OnConflict::fail, at(0)).changed);
}

TEST_CASE("another order of the items is a change that an apply alone does not make") {
    const auto pod = [](const std::string& env, const std::string& names) {
        std::string containers;
        for (const char name : names) containers += std::string("{name: ") + name + ", image: i, env: " + env + "}, ";
        return yaml("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [" + containers + "]}}");
    };
    const std::string env = "[{name: X, value: '1'}, {name: Y, value: '2'}]", other_env = "[{name: Y, value: '2'}, {name: X, value: '1'}]";
    const Value live = applied({}, pod(env, "abc"), "git");
    CHECK_FALSE(apply_would_change(live, pod(env, "abc"), "git"));
    CHECK(in_order_of(live, pod(env, "ac")).same_node(live));
    CHECK(apply_would_change(live, pod(env, "cba"), "git"));
    CHECK(apply_would_change(live, pod(other_env, "abc"), "git"));
    CHECK(container_names(in_order_of(live, pod(env, "ca"))) == "c b a ");
    CHECK(json(*in_order_of(live, pod(other_env, "cab")).path("spec", "containers")->items()[0].find("env")) ==
          R"([{"name":"Y","value":"2"},{"name":"X","value":"1"}])");
}

TEST_CASE("sets of texts") {
    auto with = [](const std::string& finalizers) {
        return yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, finalizers: " + finalizers + "}}");
    };
    auto live = applied(applied({}, with("[a, b]"), "git"), with("[b, c]"), "other");
    CHECK(json(*live.path("metadata", "finalizers")) == R"(["a","b","c"])");
    live = applied(live, with("[]"), "git");
    CHECK(json(*live.path("metadata", "finalizers")) == R"(["b","c"])");
}

TEST_CASE("what the server alone writes is not applied") {
    const auto live = applied({}, yaml(R"({apiVersion: apps/v1, kind: Deployment, metadata: {name: d, uid: u, resourceVersion: '3',
        creationTimestamp: null, managedFields: [{manager: x, operation: Apply}], labels: {a: b}}, status: {replicas: 9}})"),
                              "git");
    CHECK(owners(live) == "git applies metadata.labels.a\n");
    CHECK_FALSE(live.has("status"));
    CHECK_FALSE(live.find("metadata")->has("uid"));
}

TEST_CASE("values written differently are no change and no conflict") {
    auto with = [](const std::string& container) { return pod_with("[{name: a, image: x, " + container + "}]"); };
    const auto live = applied({}, with("resources: {limits: {cpu: '1', memory: 1Mi}}, env: [{name: E}]"), "git");
    const auto same = with("resources: {limits: {cpu: 1000m, memory: 1024Ki}}, env: [{name: E, value: ''}], command: [], stdin: false");
    CHECK(server_side_apply(live, same, "other", OnConflict::fail, at(0)).conflicts.empty());
    CHECK(*applied(live, same, "other").find("spec") == *live.find("spec"));
}

TEST_CASE("a defaulted atomic value is no change") {
    const auto config = pod_with("[{name: a, image: x, env: [{name: N, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]");
    const auto live = applied({}, config, "git");
    CHECK_FALSE(server_side_apply(live, config, "git", OnConflict::fail, at(9)).changed);
    CHECK_FALSE(apply_would_change(live, config, "git"));
}

TEST_CASE("stringData is owned as the data it becomes") {
    auto secret = [](const std::string& content) { return yaml("{apiVersion: v1, kind: Secret, metadata: {name: s}, " + content + "}"); };
    auto live = applied({}, secret("stringData: {a: x, b: y}"), "git");
    CHECK(data(live) == R"({"a":"eA==","b":"eQ=="})");
    CHECK_FALSE(live.has("stringData"));
    live = applied(live, secret("stringData: {b: y}"), "git");
    CHECK(data(live) == R"({"b":"eQ=="})");
}

TEST_CASE("what the cluster refuses") {
    CHECK(refusal("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replica: 2}}") == "unknown field .spec.replica");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: 1}}") ==
          "the field .data.a has the wrong type: expected a string, found a number");
    CHECK(refusal("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: two}}") ==
          "the field .spec.replicas has the wrong type: expected a number, found a string");
    CHECK(refusal("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {paused: 1}}") ==
          "the field .spec.paused has the wrong type: expected a boolean, found a number");
    CHECK(refusal("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: [a]}") == "the field .data must be a map, not a list");
    CHECK(refusal("{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {containers: {a: b}}}") ==
          "the field .spec.containers must be a list, not a map");
    CHECK(refusal("{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {containers: [{name: a}, {name: a}]}}") ==
          "the field .spec.containers has two elements [name=a]");
    CHECK(refusal("{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {containers: [{image: a}]}}") ==
          "list element 1 has none of the keys that tell it from the others");
    CHECK(refusal("{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {containers: [{name: a, resources: {limits: {cpu: lots}}}]}}") ==
          "the field .spec.containers.resources.limits.cpu is no quantity: \"lots\"");
    CHECK(refusal("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: {b: c}}}") ==
          "the field .stringData.a has the wrong type: expected a string, found a map");
    CHECK(refusal("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: 123}}") ==
          "the field .stringData.a has the wrong type: expected a string, found a number");
    CHECK(refusal("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: null}}") == "applied");
    CHECK(refusal("{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {any: [thing]}}") == "applied");
}

TEST_CASE("updaters past the tenth are put together") {
    Value live = config_map("{}");
    for (int i = 0; i < 13; ++i) {
        Value next = live;
        next.at("data").set("k" + std::to_string(i), "v");
        live = track_update(live, next, "m" + std::to_string(i), "", at(i));
    }
    const auto managers = managers_of(live);
    CHECK(managers.size() == 10);
    CHECK(managers.front().name == "ancient-changes");
    CHECK(managers.front().fields.paths() == std::vector<std::string>{"data.k0", "data.k1", "data.k2", "data.k3"});
}
