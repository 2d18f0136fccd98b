#include "core/deliver/diff.hpp"

#include <catch2/catch.hpp>

#include <functional>

#include "core/deliver/applicable.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/resource.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

const base::Time k_noon = *base::parse_rfc3339("2026-03-01T12:00:00Z");

doc::Value read(const std::string& yaml) { return doc::read_yaml_one(yaml); }

doc::Value apply(const doc::Value& live, const std::string& yaml) {
    return kube::server_side_apply(live, read(yaml), k_manager, kube::OnConflict::take_over, k_noon).object;
}

/// What somebody at a terminal makes of it.
doc::Value edit(const doc::Value& live, const std::function<void(doc::Value&)>& change,
                const std::string& subresource = "") {
    auto updated = live;
    change(updated);
    return kube::track_update(live, updated, "kubectl", subresource, k_noon + std::chrono::hours(1));
}

std::string text_of(const std::optional<doc::Value>& value) { return value ? doc::write_json(*value) : "-"; }

/// "spec.replicas: 8 -> 2 by kubectl 2026-03-01T13:00:00Z", one line per field.
std::string told(const std::string& desired, const doc::Value& live) {
    std::string text;
    for (const auto& change : field_changes(read(desired), live)) {
        text += change.path + ": " + text_of(change.live) + " -> " + text_of(change.desired);
        if (change.manager) text += " by " + *change.manager + " " + base::to_rfc3339(*change.changed_at);
        text += "\n";
    }
    CHECK(diff_object(read(desired), live).modified == !text.empty());
    return text;
}

std::string deployment(const std::string& spec, const std::string& container = "image: web:1") {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: prod}\nspec:\n  " + spec +
           "\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
           "      containers:\n      - name: web\n        " + container + "\n";
}

std::string config(const std::string& rest) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: prod}\n" + rest;
}

}  // namespace

TEST_CASE("after an apply there is no difference", "[diff]") {
    const auto text = deployment("replicas: 2");
    auto live = apply({}, text);
    CHECK(told(text, live) == "");
    live.set("status", read("{replicas: 2}"));
    live.at("metadata").set("uid", "u");
    live.at("metadata").set("creationTimestamp", "2026-03-01T12:00:00Z");
    CHECK(told(text, live) == "");
    const auto diff = diff_object(read(text), live);
    CHECK(diff.live.same_node(diff.predicted));
    CHECK_FALSE(diff.live.has("status"));
    CHECK_FALSE(diff.live.find("metadata")->has("managedFields"));
    CHECK_FALSE(diff.live.find("metadata")->has("uid"));
}

TEST_CASE("a field changed by hand is told with who and when", "[diff]") {
    const auto text = deployment("replicas: 2");
    const auto live = apply({}, text);
    CHECK(told(text, edit(live, [](doc::Value& o) { o.at("spec").set("replicas", 8); })) ==
          "spec.replicas: 8 -> 2 by kubectl 2026-03-01T13:00:00Z\n");
    CHECK(told(text, edit(live, [](doc::Value& o) { o.at("spec").set("replicas", 8); }, "scale")) ==
          "spec.replicas: 8 -> 2 by kubectl 2026-03-01T13:00:00Z\n");
    const auto bad_image = edit(live, [](doc::Value& o) {
        o.at("spec").at("template").at("spec").at("containers").item(0).set("image", "web:bad");
    });
    CHECK(told(text, bad_image) ==
          "spec.template.spec.containers[name=web].image: \"web:bad\" -> \"web:1\" by kubectl 2026-03-01T13:00:00Z\n");
}

TEST_CASE("a field that Git does not mention is nobody's drift", "[diff]") {
    const auto text = deployment("paused: false");
    const auto live = apply({}, text);
    CHECK(told(text, edit(live, [](doc::Value& o) {
        o.at("spec").set("replicas", 8);
        o.at("metadata").set("labels", read("{team: blue}"));
        o.at("spec").at("template").at("spec").at("containers").push_back(read("{name: sidecar, image: proxy:1}"));
    })) == "");
}

TEST_CASE("a field that left Git is a difference while we own it", "[diff]") {
    const auto live = apply({}, config("data: {a: '1', b: '2'}"));
    CHECK(told(config("data: {a: '1'}"), live) == "data.b: \"2\" -> - by gitopsctl 2026-03-01T12:00:00Z\n");
    // Restored to the default, not to nothing.
    CHECK(told(deployment("paused: false"), apply({}, deployment("replicas: 3"))) ==
          "spec.replicas: 3 -> 1 by gitopsctl 2026-03-01T12:00:00Z\n");
    const auto taken = edit(live, [](doc::Value& o) { o.at("data").set("b", "9"); });
    CHECK(told(config("data: {a: '1'}"), taken) == "");  // somebody else's by now
}

TEST_CASE("new and missing fields", "[diff]") {
    const auto live = apply({}, deployment("replicas: 1"));
    CHECK(told(deployment("replicas: 1", "image: web:1\n        env: [{name: A, value: x}]"), live) ==
          "spec.template.spec.containers[name=web].env: - -> [{\"name\":\"A\",\"value\":\"x\"}]\n");
    CHECK(told(config("data: {a: '1'}"),
               edit(apply({}, config("data: {a: '1'}")), [](doc::Value& o) { o.erase("data"); })) ==
          "data: - -> {\"a\":\"1\"}\n");
}

TEST_CASE("defaults and other spellings are no difference", "[diff]") {
    const auto written = deployment("replicas: 1", "image: web:1\n        resources: {limits: {cpu: 1000m, memory: 1024Ki}}\n"
                                                   "        ports: [{containerPort: 80}]");
    const auto live = apply({}, deployment("replicas: 1", "image: web:1\n        resources: {limits: {cpu: '1', memory: 1Mi}}\n"
                                                          "        ports: [{containerPort: 80, protocol: TCP}]"));
    CHECK(told(written, live) == "");
    CHECK(told(deployment("replicas: 1", "image: web:1\n        resources: {limits: {cpu: 2}}"), live) ==
          "spec.template.spec.containers[name=web].resources.limits.cpu: \"1\" -> \"2\" by gitopsctl 2026-03-01T12:00:00Z\n"
          "spec.template.spec.containers[name=web].resources.limits.memory: \"1Mi\" -> - by gitopsctl 2026-03-01T12:00:00Z\n"
          "spec.template.spec.containers[name=web].ports: [{\"containerPort\":80,\"protocol\":\"TCP\"}] -> - by gitopsctl "
          "2026-03-01T12:00:00Z\n");
}

TEST_CASE("empty maps, empty lists and nulls equal absent ones where the schema has them so", "[diff]") {
    const auto live = apply({}, deployment("replicas: 1"));
    CHECK(told(deployment("replicas: 1", "image: web:1\n        env: []\n        args: null"), live) == "");
    CHECK(told(config("data: {}"), apply({}, config(""))) == "");
    const std::string volumes = "image: web:1\n      volumes: [{name: v, emptyDir: {}}]";
    CHECK(told(deployment("replicas: 1", volumes), apply({}, deployment("replicas: 1", volumes))) == "");
}

TEST_CASE("what an export of the live object carries along is not compared", "[diff]") {
    const auto live = apply({}, config("data: {a: '1'}"));
    CHECK(told("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, creationTimestamp: null, uid: old, resourceVersion: "
               "'1', generation: 4}\ndata: {a: '1'}\nstatus: {x: y}\n", live) == "");
}

TEST_CASE("kubectl's own annotation is not compared", "[diff]") {
    auto live = apply({}, config("data: {a: '1'}"));
    kube::set_annotation(live, "kubectl.kubernetes.io/last-applied-configuration", "{}");
    CHECK(told(config("data: {a: '1'}"), live) == "");
    CHECK_FALSE(diff_object(read(config("data: {a: '1'}")), live).live.find("metadata")->has("annotations"));
}

TEST_CASE("secrets: stringData is data, and values are masked", "[diff]") {
    const std::string head = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: prod}\n";
    const auto live = apply({}, head + "data: {password: czNjcmV0}");
    CHECK(told(head + "stringData: {password: s3cret}", live) == "");
    CHECK(told(head + "data: {password: \"czNj\\ncmV0\"}", live) == "");
    const auto changes = field_changes(read(head + "stringData: {password: hunter2}"), live);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == "data.password");
    CHECK(text_of(changes[0].live).find_first_not_of("+\"") == std::string::npos);
    CHECK(text_of(changes[0].desired).find_first_not_of("+\"") == std::string::npos);
    CHECK(text_of(changes[0].live) != text_of(changes[0].desired));
}

TEST_CASE("atomic lists are told item by item where they line up, else whole", "[diff]") {
    const auto ingress = [](const std::string& rules) {
        return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: prod}\nspec: {rules: [" + rules + "]}\n";
    };
    const auto live = apply({}, ingress("{host: a.example}, {host: b.example}"));
    CHECK(told(ingress("{host: a.example}, {host: c.example}"), live) ==
          "spec.rules[1].host: \"b.example\" -> \"c.example\" by gitopsctl 2026-03-01T12:00:00Z\n");
    CHECK(told(ingress("{host: a.example}"), live) ==
          "spec.rules: [{\"host\":\"a.example\"},{\"host\":\"b.example\"}] -> [{\"host\":\"a.example\"}] by gitopsctl "
          "2026-03-01T12:00:00Z\n");
    const auto args = [](const std::string& list) { return deployment("replicas: 1", "image: web:1\n        args: " + list); };
    CHECK(told(args("[a, c]"), apply({}, args("[a, b]"))) ==
          "spec.template.spec.containers[name=web].args: [\"a\",\"b\"] -> [\"a\",\"c\"] by gitopsctl 2026-03-01T12:00:00Z\n");
}

TEST_CASE("another order shows, alone and beside a change", "[diff]") {
    const auto env = [](const std::string& list, int replicas) {
        return deployment("replicas: " + std::to_string(replicas), "image: web:1\n        env: " + list);
    };
    const auto live = apply({}, env("[{name: A, value: '1'}, {name: B, value: $(A)}]", 1));
    const std::string turned = "[{name: B, value: $(A)}, {name: A, value: '1'}]";
    const std::string told_turned =
        "spec.template.spec.containers[name=web].env: [{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"$(A)\"}] -> "
        "[{\"name\":\"B\",\"value\":\"$(A)\"},{\"name\":\"A\",\"value\":\"1\"}] by gitopsctl 2026-03-01T12:00:00Z\n";
    CHECK(told(env(turned, 1), live) == told_turned);
    CHECK(told(env(turned, 2), live) == "spec.replicas: 1 -> 2 by gitopsctl 2026-03-01T12:00:00Z\n" + told_turned);
}

TEST_CASE("rules of an aggregated role are the cluster's", "[diff]") {
    const std::string role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n"
                             "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: []\n";
    const auto live = edit(apply({}, role), [](doc::Value& o) { o.set("rules", read("[{verbs: [get]}]")); });
    CHECK(told(role, live) == "");
}

TEST_CASE("custom resources are compared as they are", "[diff]") {
    const auto kafka = [](const std::string& spec) {
        return "apiVersion: x.io/v1\nkind: Kafka\nmetadata: {name: k, namespace: prod}\nspec: " + spec + "\n";
    };
    auto live = apply({}, kafka("{size: 3, users: [{name: a}]}"));
    CHECK(told(kafka("{size: 3, users: [{name: a}]}"), live) == "");
    live.at("spec").set("defaulted", true);
    CHECK(told(kafka("{size: 3.0, users: [{name: a}]}"), live) == "");
    CHECK(told(kafka("{size: 4, users: [{name: a, admin: true}]}"), live) ==
          "spec.size: 3 -> 4 by gitopsctl 2026-03-01T12:00:00Z\nspec.users[0].admin: - -> true\n");
}

TEST_CASE("list keys are sent written out, and one who applied them left out sees no difference") {
    const auto bare = doc::read_yaml_one("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {ports: [{port: 80}]}}");
    CHECK(*applicable(bare).path("spec", "ports") == doc::read_yaml_one("[{port: 80, protocol: TCP}]"));
    const auto live = kube::server_side_apply({}, bare, k_manager, kube::OnConflict::fail, {}).object;
    CHECK_FALSE(diff_object(bare, live).modified);
}

TEST_CASE("what kubectl apply set and Git does not have is a difference", "[diff]") {
    const auto live = kube::track_update({}, read(config("data: {a: '1', b: '2'}")), "kubectl-client-side-apply", "", k_noon);
    const auto desired = read(config("data: {a: '1'}"));
    CHECK(differing_paths(desired, live).counted == std::vector<std::string>{"data.b"});
    CHECK(differing_paths(desired, live, {.fields = ClientSideFields::leave}).counted.empty());
    CHECK(field_changes(desired, live).at(0).manager == "kubectl-client-side-apply");
}

TEST_CASE("the cluster's own prediction is compared as ours would be", "[diff]") {
    const auto live = apply({}, config("data: {a: '1'}"));
    const auto desired = read(config("data: {a: '2'}"));
    auto answer = kube::server_side_apply(live, desired, k_manager, kube::OnConflict::take_over, k_noon).object;
    answer.at("metadata").set("generation", 2);
    answer.at("metadata").set("labels", read("{injected: by-webhook}"));  // Git does not ask for it: as good as a default
    CHECK(differing_paths_with(answer, desired, live).counted == std::vector<std::string>{"data.a"});
    CHECK(diff_with(answer, desired, live).modified);
    CHECK(field_changes_with(answer, desired, live).size() == 1);
    answer.at("data").set("a", "two");  // a webhook's last word
    CHECK(field_changes_with(answer, desired, live).at(0).desired == doc::Value("two"));
    CHECK_FALSE(diff_with(live, desired, live).modified);
    const auto by_kubectl = kube::track_update({}, read(config("data: {a: '2', b: '2'}")), "kubectl-client-side-apply", "", k_noon);
    CHECK(differing_paths_with(by_kubectl, desired, by_kubectl).counted == std::vector<std::string>{"data.b"});
}
