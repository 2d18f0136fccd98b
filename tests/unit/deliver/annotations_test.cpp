// Annotations and options of an object that do not say what was meant, and Validate=false.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/deliver/compare_options.hpp"
#include "core/deliver/plan.hpp"
#include "core/deliver/step_writer.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/apply.hpp"
#include "tests/support/fake_cluster.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

using Lines = std::vector<std::string>;

std::string config(const std::string& annotations) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: prod, annotations: {" + annotations + "}}}";
}

PlanInput input_of(const std::string& object) {
    PlanInput input;
    input.app = "shop";
    input.destination_namespace = "prod";
    input.desired.push_back({doc::read_yaml_one(object), "app.yaml"});
    return input;
}

Lines warnings_about(const std::string& annotations) { return make_plan(input_of(config(annotations))).warnings; }

const std::string k_typos = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: prod}, spec: {replica: 3, replicas: 2, "
                            "selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
                            "spec: {containers: [{name: web, image: 'web:1', prots: []}]}}}}";

}  // namespace

TEST_CASE("compare options that do nothing are told", "[annotations]") {
    CHECK(warnings_about("argocd.argoproj.io/compare-options: 'IgnoreExtraneus, ServerSideDiff=True,IgnoreExtraneous, IncludeMutationWebhook=false,'") ==
          Lines{"ConfigMap prod/a: unknown compare option \"IgnoreExtraneus\" does nothing; did you mean \"IgnoreExtraneous\"?",
                "ConfigMap prod/a: unknown compare option \"ServerSideDiff=True\" does nothing; did you mean \"ServerSideDiff=true\" or \"ServerSideDiff=false\"?"});
    CHECK(unknown_compare_options("banana") == Lines{"unknown compare option \"banana\" does nothing"});
}

TEST_CASE("policies of a hook's deletion that nobody knows are told, also beside known ones", "[annotations]") {
    CHECK(warnings_about("argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: 'HookSuceeded,HookFailed'") ==
          Lines{"ConfigMap prod/a: unknown hook delete policy \"HookSuceeded\" does nothing; did you mean \"HookSucceeded\"?"});
    CHECK(warnings_about("argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded") == Lines{});
}

TEST_CASE("a wave that is no number is told with the one that counts", "[annotations]") {
    CHECK(warnings_about("argocd.argoproj.io/sync-wave: first") ==
          Lines{"ConfigMap prod/a: the sync wave \"first\" is no whole number, so wave 0 counts"});
    CHECK(warnings_about("argocd.argoproj.io/sync-wave: '1.5', helm.sh/hook-weight: '3'") ==
          Lines{"ConfigMap prod/a: the sync wave \"1.5\" is no whole number, so wave 3 counts"});
    CHECK(warnings_about("argocd.argoproj.io/sync-wave: '-2'") == Lines{});
}

TEST_CASE("a hook annotation without a word makes a hook that never runs", "[annotations]") {
    const auto plan = make_plan(input_of(config("argocd.argoproj.io/hook: ''")));
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].hook);
    CHECK(plan.steps[0].action == Action::skip);
    CHECK(plan.steps[0].reason == "is a hook of no known phase");
    CHECK(plan.warnings == Lines{"ConfigMap prod/a: \"\" names no phase of a hook, so the object is never applied"});
}

TEST_CASE("Validate=false leaves out what the kind does not have, and compares the rest", "[annotations]") {
    auto input = input_of(k_typos);
    CHECK_THROWS_AS(make_plan(input), base::Error);
    input.options.validate = false;
    const auto plan = make_plan(input);
    CHECK(plan.warnings == Lines{"apps/Deployment prod/web: unknown field .spec.replica is left out (Validate=false)",
                                 "apps/Deployment prod/web: unknown field .spec.template.spec.containers[0].prots is left out (Validate=false)"});
    input.live.push_back(kube::server_side_apply({}, plan.steps.at(0).desired, k_manager, kube::OnConflict::take_over, base::Time{}).object);
    CHECK(make_plan(input).steps.at(0).action == Action::unchanged);
}

TEST_CASE("the cluster is asked not to validate what is not to be validated", "[annotations]") {
    test::FakeCluster cluster;
    base::RecordingSink events;
    Step step;
    step.action = Action::create;
    step.desired = doc::read_yaml_one(k_typos);
    step.key = kube::key_of(step.desired);
    ExecuteOptions options;
    options.manager = k_manager;
    CHECK(perform(step, cluster, options, events, {}).result == StepResult::sync_failed);
    step.options.validate = false;
    CHECK(perform(step, cluster, options, events, {}).result == StepResult::synced);
}
