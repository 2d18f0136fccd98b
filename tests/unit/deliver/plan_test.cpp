#include "core/deliver/plan.hpp"

#include <catch2/catch.hpp>

#include "core/deliver/dry_run.hpp"
#include <algorithm>
#include <random>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/diff.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/apply.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

PlanInput input_of(const std::string& desired) {
    PlanInput input;
    input.app = "shop";
    input.destination_namespace = "prod";
    for (auto& object : doc::read_yaml(desired)) input.desired.push_back({std::move(object), "app.yaml"});
    return input;
}

/// The object as the cluster would hold it after a sync of `app`.
doc::Value applied(const std::string& yaml, const std::string& app = "shop") {
    auto object = doc::read_yaml_one(yaml);
    kube::set_annotation(object, k_tracking_annotation, tracking_id(app, kube::key_of(object), "prod"));
    return kube::server_side_apply({}, object, k_manager, kube::OnConflict::take_over, base::Time{}).object;
}

/// "create Sync 0 ConfigMap prod/a: does not exist", one line per step.
std::string told(const Plan& plan) {
    std::string text;
    for (const auto& step : plan.steps)
        text += std::string(action_name(step.action)) + " " + std::string(phase_name(step.phase)) + " " +
                std::to_string(step.wave) + " " + step.key.text() + ": " + step.reason + "\n";
    for (const auto& warning : plan.warnings) text += "! " + warning + "\n";
    return text;
}

std::string keys(const Plan& plan) {
    std::string text;
    for (const auto& step : plan.steps) text += step.key.text() + " @" + std::to_string(step.wave) + "\n";
    return text;
}

std::string config(const std::string& name, const std::string& annotations = "", const std::string& data = "x: '1'") {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: prod, annotations: {" +
           annotations + "}}\ndata: {" + data + "}\n";
}

std::string wave(int number) { return "argocd.argoproj.io/sync-wave: '" + std::to_string(number) + "'"; }
std::string option(const std::string& entry) { return "argocd.argoproj.io/sync-options: " + entry; }

void add_live(PlanInput& input, const doc::Value& object) {
    input.live.push_back(object);
    input.inventory.push_back(kube::key_of(object));
}

}  // namespace

TEST_CASE("create, update, unchanged and pruning are told with their reasons", "[plan]") {
    auto input = input_of(config("new") + "---\n" + config("same") + "---\n" + config("other", "", "x: '2'"));
    add_live(input, applied(config("same")));
    add_live(input, applied(config("other")));
    add_live(input, applied(config("gone")));
    CHECK(told(make_plan(input)) ==
          "skip Sync 0 ConfigMap prod/gone: requires pruning, but pruning is off\n"
          "create Sync 0 ConfigMap prod/new: does not exist\n"
          "update Sync 0 ConfigMap prod/other: differs in data.x\n"
          "unchanged Sync 0 ConfigMap prod/same: \n");
    input.prune = PrunePolicy::prune;
    const auto plan = make_plan(input);
    CHECK(told(plan) ==
          "prune Sync 0 ConfigMap prod/gone: no longer in Git\n"
          "create Sync 0 ConfigMap prod/new: does not exist\n"
          "update Sync 0 ConfigMap prod/other: differs in data.x\n"
          "unchanged Sync 0 ConfigMap prod/same: \n");
    CHECK_FALSE(plan.empty());
    CHECK(kube::annotation_of(plan.steps[1].desired, k_tracking_annotation) == "shop:/ConfigMap:prod/new");
}

TEST_CASE("nothing to do is an empty plan", "[plan]") {
    auto input = input_of(config("same"));
    add_live(input, applied(config("same")));
    CHECK(make_plan(input).empty());
}

TEST_CASE("the destination namespace is filled in only where one belongs", "[plan]") {
    auto input = input_of(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n"
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, namespace: oops}}\n---\n"
        "{apiVersion: x.io/v1, kind: Wide, metadata: {name: w}}\n---\n"
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: wides.x.io}, spec: {group: "
        "x.io, scope: Cluster, names: {kind: Wide, plural: wides}, versions: [{name: v1, served: true, storage: true}]}}\n");
    const auto plan = make_plan(input);
    CHECK(keys(plan) ==
          "ConfigMap prod/a @0\napiextensions.k8s.io/CustomResourceDefinition wides.x.io @0\n"
          "rbac.authorization.k8s.io/ClusterRole r @0\nx.io/Wide w @0\n");
    CHECK(kube::namespace_of(plan.steps[0].desired) == "prod");
    CHECK(kube::namespace_of(plan.steps[2].desired).empty());
    CHECK(kube::annotation_of(plan.steps[2].desired, k_tracking_annotation) ==
          "shop:rbac.authorization.k8s.io/ClusterRole:prod/r");
    CHECK(kube::annotation_of(plan.steps[1].desired, k_tracking_annotation).empty());  // definitions carry none
}

TEST_CASE("order: wave, kind, name", "[plan]") {
    const auto input = input_of(
        config("late", wave(5)) + "---\n" + config("b") + "---\n" + config("a") + "---\n" + config("early", wave(-1)) +
        "---\n" + config("weight", "helm.sh/hook-weight: '3'") + "---\n" + config("nonsense", "argocd.argoproj.io/sync-wave: x") +
        "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}\n---\n"
        "{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\n{apiVersion: x.io/v1, kind: Any, metadata: {name: a}}\n");
    CHECK(keys(make_plan(input)) ==
          "ConfigMap prod/early @-1\nConfigMap prod/a @0\nConfigMap prod/b @0\nConfigMap prod/nonsense @0\n"
          "Service prod/web @0\napps/Deployment prod/web @0\nx.io/Any prod/a @0\nConfigMap prod/weight @3\n"
          "ConfigMap prod/late @5\n");
}

TEST_CASE("namespaces and definitions come before their first user and take its wave", "[plan]") {
    const auto input = input_of(
        "{apiVersion: v1, kind: Namespace, metadata: {name: prod, annotations: {" + wave(5) + "}}}\n---\n"
        "{apiVersion: v1, kind: Namespace, metadata: {name: first, annotations: {" + wave(-5) + "}}}\n---\n"
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: kafkas.x.io, annotations: {" +
        wave(2) + "}}, spec: {group: x.io, names: {kind: Kafka, plural: kafkas}, scope: Namespaced, versions: []}}\n---\n" +
        "{apiVersion: x.io/v1, kind: Kafka, metadata: {name: k, annotations: {" + wave(1) + "}}}\n---\n" + config("a"));
    CHECK(keys(make_plan(input)) ==
          "Namespace first @-5\nNamespace prod @0\nConfigMap prod/a @0\n"
          "apiextensions.k8s.io/CustomResourceDefinition kafkas.x.io @1\nx.io/Kafka prod/k @1\n");
}

TEST_CASE("prunes come first in their wave, waves mirrored, PruneLast at the end", "[plan]") {
    auto input = input_of(config("a", wave(1)));
    input.prune = PrunePolicy::prune;
    add_live(input, applied(config("p0")));
    add_live(input, applied(config("p1", wave(1))));
    add_live(input, applied(config("p7", wave(7))));
    add_live(input, applied(config("last", option("PruneLast=true"))));
    CHECK(keys(make_plan(input)) ==
          "ConfigMap prod/p7 @0\nConfigMap prod/p1 @1\nConfigMap prod/a @1\nConfigMap prod/p0 @7\nConfigMap prod/last @8\n");
    input.options.prune_last = true;
    CHECK(keys(make_plan(input)) ==
          "ConfigMap prod/a @1\nConfigMap prod/last @8\nConfigMap prod/p0 @8\nConfigMap prod/p1 @8\nConfigMap prod/p7 @8\n");
}

TEST_CASE("only what is provably ours is pruned", "[plan]") {
    auto input = input_of(config("a"));
    input.prune = PrunePolicy::prune;
    input.live.push_back(applied(config("not-listed")));
    add_live(input, doc::read_yaml_one(config("not-tracked")));
    add_live(input, applied(config("theirs"), "blog"));
    input.live.push_back(doc::read_yaml_one(config("stranger")));
    add_live(input, applied(config("kept", option("Prune=false"))));
    auto owned = applied(config("owned"));
    owned.at("metadata").set("ownerReferences", doc::read_yaml_one("[{kind: ReplicaSet, name: r}]"));
    add_live(input, owned);
    auto leaving = applied(config("leaving"));
    leaving.at("metadata").set("deletionTimestamp", "2026-01-01T00:00:00Z");
    add_live(input, leaving);
    CHECK(told(make_plan(input)) ==
          "skip Sync 0 ConfigMap prod/kept: ignored (no prune)\n"
          "skip Sync 0 ConfigMap prod/leaving: is being deleted\n"
          "create Sync 0 ConfigMap prod/a: does not exist\n"
          "! ConfigMap prod/not-listed: carries our tracking id but was not applied by the last sync; it is left alone\n"
          "! ConfigMap prod/not-tracked: was applied by the last sync but no longer carries our tracking id; it is left alone\n"
          "! ConfigMap prod/owned: was applied by the last sync but no longer carries our tracking id; it is left alone\n"
          "! ConfigMap prod/theirs: was applied by the last sync but no longer carries our tracking id; it is left alone\n");
}

TEST_CASE("a Namespace in use is never pruned, and does not wait for it", "[plan]") {
    const auto ns = [](const std::string& name) { return "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}"; };
    auto input = input_of("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: extra}}");
    for (const auto* name : {"prod", "extra", "empty"}) add_live(input, applied(ns(name)));
    input.prune = PrunePolicy::prune;
    const auto plan = make_plan(input);
    CHECK(told(plan) ==
          "prune Sync 0 Namespace empty: no longer in Git\n"
          "skip Sync 0 Namespace extra: holds objects of this application, so it is not pruned\n"
          "skip Sync 0 Namespace prod: is the destination namespace, which is never pruned\n"
          "create Sync 0 ConfigMap extra/a: does not exist\n");
    CHECK(std::none_of(plan.steps.begin(), plan.steps.end(), awaits_pruning));
}

TEST_CASE("a manifest the cluster would refuse is named with its file before anything is applied", "[plan]") {
    const std::string start = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: ";
    const auto refused = [](const PlanInput& input) {
        try {
            make_plan(input);
        } catch (const base::Error& error) {
            return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message() + " (" +
                   base::join(error.notes(), "; ") + ")";
        }
        return std::string("accepted");
    };
    const auto expected = "app.yaml:5: the field .spec.replicas has the wrong type: expected a number, found a string "
                          "(while comparing apps/Deployment prod/web)";
    auto input = input_of(start + "two\n");
    CHECK(refused(input) == expected);
    auto live = doc::read_yaml_one(start + "2\n");
    kube::set_namespace(live, "prod");
    input.live.push_back(std::move(live));
    CHECK(refused(input) == expected);
    CHECK(refused(input_of(start + "2\n")) == "accepted");
    CHECK(refused(input_of("{apiVersion: x.io/v1, kind: Any, metadata: {name: a}, spec: {replicas: two}}")) == "accepted");
}

TEST_CASE("CreateNamespace makes the destination, untracked, only when nobody else does", "[plan]") {
    auto input = input_of(config("a"));
    input.options.create_namespace = true;
    const auto plan = make_plan(input);
    CHECK(told(plan) ==
          "create PreSync 0 Namespace prod: CreateNamespace=true\ncreate Sync 0 ConfigMap prod/a: does not exist\n");
    CHECK_FALSE(is_tracked(plan.steps[0]));
    input.live.push_back(doc::read_yaml_one("{apiVersion: v1, kind: Namespace, metadata: {name: prod}}"));
    CHECK(keys(make_plan(input)) == "ConfigMap prod/a @0\n");
    auto own = input_of("{apiVersion: v1, kind: Namespace, metadata: {name: prod}}\n");
    own.options.create_namespace = true;
    CHECK(told(make_plan(own)) == "create Sync 0 Namespace prod: does not exist\n");
}

TEST_CASE("selective sync leaves the rest out, also from pruning", "[plan]") {
    auto input = input_of(config("a") + "---\n" + config("b"));
    input.prune = PrunePolicy::prune;
    add_live(input, applied(config("gone")));
    input.only = {parse_resource_filter(":ConfigMap:a")};
    CHECK(keys(make_plan(input)) == "ConfigMap prod/a @0\n");
    input.only = {parse_resource_filter(":ConfigMap:gone")};
    CHECK(keys(make_plan(input)) == "ConfigMap prod/gone @0\n");
}

TEST_CASE("a name that the cluster would have to make is for hooks only", "[plan]") {
    CHECK(told(make_plan(input_of("{apiVersion: batch/v1, kind: Job, metadata: {generateName: job-}}\n"))) ==
          "skip Sync 0 batch/Job prod/: has generateName but no name\n"
          "! batch/Job prod/: has generateName but no name and is skipped: only hooks may\n");
}

TEST_CASE("what left Git and asks for confirmation waits for it", "[plan]") {
    auto input = input_of("");
    input.prune = PrunePolicy::prune;
    add_live(input, applied(config("asks", option("Prune=confirm"))));
    add_live(input, applied(config("kept", "helm.sh/resource-policy: keep")));
    CHECK(told(make_plan(input)) ==
          "skip Sync 0 ConfigMap prod/asks: requires confirmation of its deletion (Prune=confirm)\n"
          "skip Sync 0 ConfigMap prod/kept: ignored (helm.sh/resource-policy: keep)\n");
    CHECK(awaits_pruning(make_plan(input).steps[0]));
    CHECK(make_plan(input).steps[0].unconfirmed);
    CHECK_FALSE(awaits_pruning(make_plan(input).steps[1]));
    CHECK_FALSE(make_plan(input).steps[1].unconfirmed);
    input.confirmation = Confirmation::given;
    CHECK(told(make_plan(input)) ==
          "prune Sync 0 ConfigMap prod/asks: no longer in Git\n"
          "skip Sync 0 ConfigMap prod/kept: ignored (helm.sh/resource-policy: keep)\n");
}

TEST_CASE("what left Git and spares the application waits for no pruning, and goes with it", "[plan]") {
    auto input = input_of("");
    add_live(input, applied(config("extra", std::string(k_compare_options_annotation) + ": IgnoreExtraneous")));
    CHECK(told(make_plan(input)) == "skip Sync 0 ConfigMap prod/extra: no longer in Git, but spared (IgnoreExtraneous)\n");
    CHECK(is_spared(make_plan(input).steps[0]));
    CHECK_FALSE(awaits_pruning(make_plan(input).steps[0]));
    input.prune = PrunePolicy::prune;
    CHECK(told(make_plan(input)) == "prune Sync 0 ConfigMap prod/extra: no longer in Git\n");
}

TEST_CASE("how an update reaches its object", "[plan]") {
    const auto method = [](std::string_view kind, const SyncOptions& options) {
        Step step;
        step.key = {"", std::string(kind), "", "a"};
        if (kind == "CustomResourceDefinition") step.key.group = "apiextensions.k8s.io";
        step.live = doc::Value::map({{"kind", kind}});
        step.options = options;
        return method_name(method_of(step));
    };
    SyncOptions forced;
    forced.force = true;
    SyncOptions replaced;
    replaced.replace = true;
    SyncOptions both = forced;
    both.replace = true;
    CHECK(method("ConfigMap", {}) == "apply");
    CHECK(method("ConfigMap", forced) == "apply");
    CHECK(method("ConfigMap", replaced) == "replace");
    CHECK(method("ConfigMap", both) == "recreate");
    CHECK(method("Namespace", both) == "replace");
    CHECK(method("CustomResourceDefinition", both) == "replace");
}

TEST_CASE("an object of another application is taken over, or makes the plan one that is not followed", "[plan]") {
    auto input = input_of(config("a"));
    input.live.push_back(applied(config("a"), "blog"));
    CHECK(told(make_plan(input)) ==
          "update Sync 0 ConfigMap prod/a: differs in metadata.annotations[argocd.argoproj.io/tracking-id]\n");
    CHECK(make_plan(input).shared == std::map<kube::ResourceKey, std::string>{{{"", "ConfigMap", "prod", "a"}, "blog"}});
    CHECK(invalid_steps(make_plan(input), {}).empty());
    input.options.fail_on_shared_resource = true;
    const auto refused = invalid_steps(make_plan(input), {});
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].key.text() + ": " + refused[0].message ==
          "ConfigMap prod/a: is part of application \"blog\", and FailOnSharedResource=true");
}

TEST_CASE("two manifests of one object are refused with both places", "[plan]") {
    try {
        make_plan(input_of(config("a") + "---\n" + config("a")));
        FAIL("not refused");
    } catch (const base::Error& error) {
        CHECK(error.code() == base::Code::invalid);
        CHECK(error.message() == "ConfigMap prod/a is defined twice");
        CHECK(error.notes() == std::vector<std::string>{"in app.yaml:1 and in app.yaml:6"});
    }
}

TEST_CASE("options of one object stand over those of the application", "[plan]") {
    auto input = input_of(config("a", option("'Replace=true,Force=true,Prun=false'")));
    const auto plan = make_plan(input);
    CHECK(plan.steps[0].options.replace);
    CHECK(plan.steps[0].options.force);
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].starts_with("ConfigMap prod/a: unknown sync option \"Prun=false\" does nothing; did you mean"));
}

TEST_CASE("any order of the input gives the same plan", "[plan]") {
    auto input = input_of("{apiVersion: v1, kind: Namespace, metadata: {name: prod, annotations: {" + wave(3) + "}}}\n---\n" +
                          config("a") + "---\n" + config("b", wave(2)) + "---\n" + config("c", wave(-1)) + "---\n" +
                          config("h", "argocd.argoproj.io/hook: 'PostSync,PreSync,SyncFail'") + "---\n" +
                          config("h2", "'helm.sh/hook': 'pre-install,post-delete', helm.sh/hook-weight: '-4'") + "---\n" +
                          config("h3", "argocd.argoproj.io/hook: Sync, " + wave(1)) + "---\n" +
                          "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}\n---\n"
                          "{apiVersion: v1, kind: Service, metadata: {name: web}}\n");
    input.prune = PrunePolicy::prune;
    for (const auto* name : {"p", "q", "r"}) add_live(input, applied(config(name, wave(name[0] - 'p'))));
    add_live(input, applied(config("a", "", "x: '9'")));
    const auto expected = told(make_plan(input));
    std::mt19937 random(42);
    for (int round = 0; round < 50; ++round) {
        std::shuffle(input.desired.begin(), input.desired.end(), random);
        std::shuffle(input.live.begin(), input.live.end(), random);
        std::shuffle(input.inventory.begin(), input.inventory.end(), random);
        REQUIRE(told(make_plan(input)) == expected);
    }
}

TEST_CASE("the cluster's dry runs decide again", "[plan]") {
    auto input = input_of(config("a", "", "x: '2'") + "---\n" + config("b"));
    add_live(input, applied(config("a")));
    add_live(input, applied(config("b")));
    auto plan = make_plan(input);
    auto rewritten = plan.steps[1].live;
    rewritten.at("data").set("x", "by a webhook");
    refine(plan, {plan.steps[0].live, rewritten});
    CHECK(told(plan) == "unchanged Sync 0 ConfigMap prod/a: \nupdate Sync 0 ConfigMap prod/b: differs in data.x\n");
    CHECK(diff_of(plan.steps[1]).modified);
    CHECK(changes_of(plan.steps[1]).at(0).path == "data.x");
    CHECK(changes_of(plan.steps[0]).empty());
}
