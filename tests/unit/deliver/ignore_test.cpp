// ignoreDifferences: what is left out of a comparison, and what a sync makes of it.
#include <catch2/catch.hpp>

#include <functional>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/compare_options.hpp"
#include "core/deliver/ignore_places.hpp"
#include "core/deliver/ignore_rule.hpp"
#include "core/deliver/ignore_snippet.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/kube/apply.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

const base::Time k_noon = *base::parse_rfc3339("2026-03-01T12:00:00Z");

const char* const k_web = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1", env: [{name: LEVEL, value: info}]}
      - {name: proxy, image: "proxy:1"}
)";

IgnoreRules rules(const std::string& yaml, std::vector<std::string>* told = nullptr) {
    static std::vector<doc::Value> kept;
    kept.push_back(doc::Value::map({{"rules", doc::read_yaml_one(yaml)}}));
    std::vector<std::string> warnings;
    doc::FieldsReader reader(&kept.back(), "spec", "app.yaml");
    auto read = read_ignore_rules(reader.children("rules"), "spec.ignoreDifferences", told != nullptr ? *told : warnings);
    return read;
}

doc::Value applied(const doc::Value& desired) {
    return kube::server_side_apply({}, desired, k_manager, kube::OnConflict::take_over, k_noon).object;
}

doc::Value changed_by(const doc::Value& live, const std::string& manager, const std::function<void(doc::Value&)>& change) {
    auto updated = live;
    change(updated);
    return kube::track_update(live, updated, manager, "", k_noon + std::chrono::hours(1));
}

doc::Value& container(doc::Value& object, std::size_t i) {
    return object.at("spec").at("template").at("spec").at("containers").item(i);
}

/// The Deployment as applied; then an autoscaler, an injector and a hand have been there.
struct Lab {
    doc::Value desired = doc::read_yaml_one(k_web);
    doc::Value live = [this] {
        auto object = applied(desired);
        object = changed_by(object, "autoscaler", [](doc::Value& o) { o.at("spec").set("replicas", 9); });
        object = changed_by(object, "injector", [](doc::Value& o) { container(o, 1).set("image", "proxy:2"); });
        return changed_by(object, "kubectl-edit", [](doc::Value& o) { container(o, 0).at("env").item(0).set("value", "debug"); });
    }();

    Plan plan(const std::string& rules_yaml, const std::vector<std::string>& options = {}) const {
        PlanInput input;
        input.app = "shop";
        input.destination_namespace = "prod";
        auto tracked = desired;
        kube::set_annotation(tracked, k_tracking_annotation, tracking_id("shop", kube::key_of(desired), "prod"));
        auto there = live;
        kube::set_annotation(there, k_tracking_annotation, tracking_id("shop", kube::key_of(desired), "prod"));
        input.desired.push_back({tracked, "web.yaml"});
        input.live.push_back(there);
        input.ignore = rules(rules_yaml);
        std::vector<std::string> warnings;
        input.options = read_sync_options({}, options, warnings);
        return make_plan(input);
    }

    /// "update: differs in ...", with "(in sync)" when a status says Synced.
    std::string told(const std::string& rules_yaml, const std::vector<std::string>& options = {}) const {
        const auto made = plan(rules_yaml, options);
        const auto& step = made.steps.at(0);
        std::string text(action_name(step.action));
        if (is_in_sync(step)) text += " (in sync)";
        if (!step.reason.empty()) text += ": " + step.reason;
        for (const auto& warning : made.warnings)
            if (warning.find("if that is to decide") == std::string::npos) text += " | " + warning;
        return text;
    }
};

const std::string k_env = "spec.template.spec.containers[name=web].env[name=LEVEL].value";
const std::string k_proxy = "spec.template.spec.containers[name=proxy].image";
const std::string k_all =
    "[{group: apps, kind: Deployment, jsonPointers: [/spec/replicas], jqPathExpressions: "
    "['.spec.template.spec.containers[] | select(.name == \"web\") | .env[] | select(.name | test(\"^LE\")) | .value'], "
    "managedFieldsManagers: [injector]}]";

}  // namespace

TEST_CASE("what a rule names does not count", "[ignore]") {
    const Lab lab;
    CHECK(lab.told("[]") == "update: differs in spec.replicas, " + k_env + ", " + k_proxy);
    CHECK(lab.told("[{group: apps, kind: Deployment, jsonPointers: [/spec/replicas, /spec/nothing]}]") ==
          "update: differs in " + k_env + ", " + k_proxy);
    CHECK(lab.told("[{group: '*', kind: Dep*, jqPathExpressions: ['.spec.template.spec.containers[].env']}]") ==
          "update: differs in spec.replicas, " + k_proxy);
    CHECK(lab.told("[{group: apps, kind: Deployment, managedFieldsManagers: [autoscaler, injector]}]") == "update: differs in " + k_env);
    CHECK(lab.told("[{group: apps, kind: Deployment, name: other, jsonPointers: [/spec]}]") ==
          "update: differs in spec.replicas, " + k_env + ", " + k_proxy);
    CHECK(lab.told("[{group: apps, kind: Deployment, name: web, namespace: prod, jsonPointers: [/spec]}]") ==
          "update (in sync): in sync; overwrites what ignoreDifferences names, as it differs in spec.replicas, " + k_env + ", " + k_proxy);
    CHECK(lab.told("[{kind: Deployment, jsonPointers: [/spec]}]").starts_with("update: "));  // the core group
    CHECK(lab.told("[{group: apps, kind: Deployment, jqPathExpressions: ['.spec.nothing[].x', '.spec.replicas']}]") ==
          "update: differs in " + k_env + ", " + k_proxy);  // what does not fit names nothing
}

TEST_CASE("ignoreDifferences is about the comparison, RespectIgnoreDifferences about the sync", "[ignore]") {
    const Lab lab;
    CHECK(lab.told(k_all) == "update (in sync): in sync; overwrites what ignoreDifferences names, as it differs in spec.replicas, " +
                                 k_env + ", " + k_proxy);
    CHECK(lab.told(k_all, {"ApplyOutOfSyncOnly=true"}) == "unchanged (in sync)");
    CHECK(lab.told(k_all, {"RespectIgnoreDifferences=true"}) == "unchanged (in sync)");
    const auto made = lab.plan("[{group: apps, kind: Deployment, jsonPointers: [/spec/replicas, /status, /metadata/name]}]",
                               {"RespectIgnoreDifferences=true"});
    const auto& step = made.steps.at(0);
    CHECK(step.reason == "differs in " + k_env + ", " + k_proxy);
    CHECK(step.desired.path("spec", "replicas")->text() == "9");  // what is applied along with the rest
    CHECK(step.desired.path("metadata", "name")->text() == "web");
    CHECK_FALSE(step.desired.has("status"));
    CHECK(diff_of(step).predicted.path("spec", "replicas") == nullptr);  // nor is it shown
    CHECK(changes_of(step).size() == 2);
}

TEST_CASE("after an apply nothing differs, with any rules", "[ignore][property]") {
    const Lab lab;
    for (const std::string& some : {std::string("[]"), k_all, std::string("[{group: '*', kind: '*', jqPathExpressions: ['..']}]"),
                                    std::string("[{group: apps, kind: Deployment, jqPathExpressions: ['.spec.template.spec.containers[0]']}]")}) {
        for (const std::vector<std::string>& options : {std::vector<std::string>{}, std::vector<std::string>{"RespectIgnoreDifferences=true"}}) {
            CAPTURE(some, options.size());
            auto before = lab.plan(some, options);
            Lab after = lab;
            after.live = kube::server_side_apply(before.steps[0].live, before.steps[0].desired, k_manager, kube::OnConflict::take_over, k_noon).object;
            const auto again = after.plan(some, options);
            CHECK(again.steps[0].action == Action::unchanged);
            CHECK(again.steps[0].reason.empty());
        }
    }
}

TEST_CASE("live values are put where their items stand in Git", "[ignore]") {
    const Lab lab;
    auto live = lab.live;
    const auto first = container(live, 0);
    container(live, 0) = container(live, 1);
    container(live, 1) = first;
    container(live, 1).set("image", "web:live");
    const auto kept = with_live_values(lab.desired, live, rules("[{group: apps, kind: Deployment, jqPathExpressions: ['.spec.template.spec.containers[1].image', '.metadata.labels']}]"));
    const auto& containers = *kept.path("spec", "template", "spec", "containers");
    CHECK(containers.items()[0].text_at("image") == "web:live");
    CHECK_FALSE(kept.find("metadata")->has("labels"));
    auto labelled = lab.desired;
    labelled.at("metadata").set("labels", doc::read_yaml_one("{team: blue}"));
    const auto without = with_live_values(labelled, live, rules("[{group: apps, kind: Deployment, jsonPointers: [/metadata/labels]}]"));
    CHECK_FALSE(without.find("metadata")->has("labels"));  // the live object has none
}

TEST_CASE("an expression that cannot name anything is told", "[ignore]") {
    const Lab lab;
    CHECK(lab.told("[{group: apps, kind: Deployment, jqPathExpressions: ['.spec | length', 'recurse(.)']}]") ==
          "update: differs in spec.replicas, " + k_env + ", " + k_proxy +
              " | apps/Deployment prod/web: spec.ignoreDifferences[0], .spec | length: the expression yields values of its own, not "
              "places in the document | apps/Deployment prod/web: spec.ignoreDifferences[0], recurse(.): the expression takes more than "
              "1000000 steps or nests too deeply");
}

TEST_CASE("rules are read with a place for what is wrong", "[ignore]") {
    const auto refusal = [](const std::string& yaml) {
        try {
            (void)rules(yaml);
        } catch (const base::Error& error) {
            return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message() +
                   (error.notes().empty() ? "" : " | " + error.notes().front());
        }
        return std::string("nothing");
    };
    CHECK(refusal("[{kind: A, jqPathExpressions: ['.a | $x']}]") ==
          "app.yaml:1: spec.rules[0].jqPathExpressions: jq path expression, column 6: variables are not supported | in\n.a | $x\n     ^");
    CHECK(refusal("- kind: A\n  jsonPointers: [a]") == "app.yaml:2: spec.rules[0].jsonPointers: JSON pointer \"a\" must start with \"/\"");
    CHECK(refusal("[{kind: A, jqPathExpressions: ['test(\"(\")']}]").starts_with("app.yaml:1: spec.rules[0].jqPathExpressions: jq path expression, column 6: the pattern cannot be read: "));
    std::vector<std::string> warnings;
    (void)rules("[{kind: A}, {jsonPointer: [/a], jsonPointers: [/b]}]", &warnings);
    CHECK(warnings == std::vector<std::string>{"spec.ignoreDifferences[0] names no field and has no effect",
                                               "spec.ignoreDifferences[1] names no kind and has no effect",
                                               "unknown field spec.rules[1].jsonPointer (did you mean jsonPointers?) has no effect"});
}

TEST_CASE("test() has Go's regular expressions", "[ignore]") {
    const auto matches = ignore_matcher();
    CHECK(matches("^a.c$", "", "abc"));
    CHECK_FALSE(matches("^a.c$", "", "ABC"));
    CHECK(matches("^A(?<letter>.)c$", "gi", "abC"));
    CHECK_THROWS_WITH(matches("a", "x", "a"), "test takes the flags g and i, not \"x\"");
    CHECK_THROWS_WITH(matches(std::string(2000, 'a'), "", "a"), "a pattern of more than 1000 bytes");
    CHECK_FALSE(matches("(a*)*b", "", std::string(100'000, 'a')));
}

TEST_CASE("every difference has a rule, and a snippet that ignores it", "[ignore]") {
    Lab lab;
    lab.live = changed_by(lab.live, "kubectl-edit", [](doc::Value& o) { o.at("spec").set("paused", true); });
    const auto made = lab.plan("[]");
    const auto changes = changes_of(made.steps[0]);
    std::vector<std::string> rules_told;
    for (const auto& change : changes) rules_told.push_back(change.path + ": " + std::string(difference_rule(made.steps[0], change)));
    CHECK(rules_told == std::vector<std::string>{"spec.replicas: Git sets it, and the live value differs",
                                                 k_env + ": Git sets it, and the live value differs",
                                                 k_proxy + ": Git sets it, and the live value differs"});
    const auto entry = ignore_entry(made.steps[0].key, changes);
    CHECK(doc::write_yaml(entry) == "group: apps\njqPathExpressions:\n"
                                    "- .spec.template.spec.containers[] | select(.name == \"web\") | .env[] | select(.name\n"
                                    "  == \"LEVEL\") | .value\n"
                                    "- .spec.template.spec.containers[] | select(.name == \"proxy\") | .image\n"
                                    "jsonPointers:\n- /spec/replicas\nkind: Deployment\nname: web\nnamespace: prod\n");
    CHECK(lab.told(doc::write_json(doc::Value::list({entry}))).starts_with("update (in sync)"));
}

TEST_CASE("compare options", "[ignore]") {
    const auto options = read_compare_options("IgnoreExtraneous, ServerSideDiff=true ,IncludeMutationWebhook=true");
    CHECK(options.ignore_extraneous);
    CHECK(options.server_side == true);
    CHECK(options.include_mutation_webhook);
    const auto none = read_compare_options("ignoreExtraneous,ServerSideDiff,ServerSideDiff=True");
    CHECK_FALSE(none.ignore_extraneous);
    CHECK_FALSE(none.server_side);
    CHECK(read_compare_options("ServerSideDiff=false").server_side == false);
}

TEST_CASE("the order of endpoints and the protocol of their ports do not count", "[ignore]") {
    const auto git = doc::read_yaml_one("{apiVersion: v1, kind: Endpoints, metadata: {name: e, namespace: prod}, subsets: "
                                        "[{addresses: [{ip: 10.0.0.2}, {ip: 10.0.0.1}], ports: [{port: 80}]}, {addresses: [{ip: 10.0.0.9}], ports: [{port: 81}]}]}");
    auto live = applied(doc::read_yaml_one("{apiVersion: v1, kind: Endpoints, metadata: {name: e, namespace: prod}, subsets: "
                                           "[{addresses: [{ip: 10.0.0.9}], ports: [{port: 81, protocol: TCP}]}, {addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{port: 80, protocol: TCP}]}]}"));
    CHECK(differing_paths(git, live).counted.empty());
    live.at("subsets").item(0).at("addresses").item(0).set("ip", "10.0.0.8");
    CHECK(differing_paths(git, live).counted == std::vector<std::string>{"subsets[1].addresses[0].ip"});
}

TEST_CASE("a role that gathers its rules", "[ignore]") {
    const std::string role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n"
                             "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n";
    const auto live = changed_by(applied(doc::read_yaml_one(role)), "clusterrole-aggregation-controller", [](doc::Value& o) {
        o.set("rules", doc::read_yaml_one("[{apiGroups: [''], resources: [pods], verbs: [get]}]"));
    });
    CHECK(differing_paths(doc::read_yaml_one(role + "rules: []"), live).counted.empty());
    const auto own = doc::read_yaml_one(role + "rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]");
    CHECK(differing_paths(own, live).counted == std::vector<std::string>{"rules[0].resources"});
}

TEST_CASE("Secrets written in other ways are the same", "[ignore]") {
    const auto live = applied(doc::read_yaml_one("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: prod}, data: {a: eA==, b: ''}}"));
    CHECK(differing_paths(doc::read_yaml_one("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: prod}, stringData: {a: x}, data: {b: null}}"), live).counted.empty());
}

TEST_CASE("claims of a StatefulSet with the server's defaults", "[ignore]") {
    const std::string head = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: prod}\nspec:\n  serviceName: db\n"
                             "  selector: {matchLabels: {app: db}}\n  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}\n";
    const auto git = doc::read_yaml_one(head + "  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]\n");
    auto live = applied(git);
    live.at("spec").at("volumeClaimTemplates").item(0) =
        doc::read_yaml_one("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, creationTimestamp: null}, spec: {accessModes: [ReadWriteOnce], "
                           "resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}, status: {phase: Pending}}");
    CHECK(differing_paths(git, live).counted.empty());
}

TEST_CASE("fields of custom resources with types that are known", "[ignore]") {
    const auto rollout = [](const std::string& cpu, const std::string& rest) {
        return doc::read_yaml_one("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r, namespace: prod}, spec: {template: {spec: {containers: "
                                  "[{name: a, resources: {limits: {cpu: " + cpu + "}}}, {name: b}]" + rest + "}}}}");
    };
    const auto live = applied(rollout("'1'", ""));
    const kube::ResourceKey key{"argoproj.io", "Rollout", "prod", "r"};
    DiffTerms terms;
    CHECK(differing_paths(rollout("1000m", ", tolerations: []"), live, terms).counted.size() == 2);
    terms.typed = typed_fields_of(key, {});
    CHECK(differing_paths(rollout("1000m", ", tolerations: []"), live, terms).counted.empty());
    CHECK(differing_paths(rollout("2000m", ""), live, terms).counted ==
          std::vector<std::string>{"spec.template.spec.containers[name=a].resources.limits.cpu"});
    CHECK(typed_fields_of({"x.io", "Thing", "", "t"}, {}) == nullptr);
    CHECK(typed_fields_of({"x.io", "Thing", "", "t"}, {{"x.*", "Thing", "spec.size", "core/Quantity"}, {"x.io", "Thing", "spec.a", "no/Such"}})->size() == 1);
    for (const auto* name : {"core/v1/PodTemplateSpec", "core/v1/EnvVar", "core/v1/Volume", "core/v1/ServicePort"})
        CHECK(known_type(name)->shape() == kube::Shape::object);
    CHECK(known_type("core/Quantity")->is_quantity());
}
