#include "core/deliver/hooks.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

std::string config(const std::string& name, const std::string& annotations) {
    return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: prod, annotations: {" + annotations +
           "}}\ndata: {x: '1'}\n";
}
std::string job(const std::string& metadata) {
    return "---\napiVersion: batch/v1\nkind: Job\nmetadata: {" + metadata +
           "}\nspec: {template: {spec: {containers: [{name: c, image: i}], restartPolicy: Never}}}\n";
}
std::string hook(const std::string& value) { return "argocd.argoproj.io/hook: '" + value + "'"; }
std::string wave(int number) { return "argocd.argoproj.io/sync-wave: '" + std::to_string(number) + "'"; }

PlanInput input_of(const std::string& desired) {
    PlanInput input;
    input.app = "shop";
    input.destination_namespace = "prod";
    for (auto& object : doc::read_yaml(desired)) input.desired.push_back({std::move(object), "app.yaml"});
    return input;
}

/// "create PreSync 0 ConfigMap prod/a: PreSync hook", one line per step, then the warnings.
std::string told(const Plan& plan) {
    std::string text;
    for (const auto& step : plan.steps)
        text += std::string(action_name(step.action)) + " " + std::string(phase_name(step.phase)) + " " + std::to_string(step.wave) +
                " " + step.key.text() + ": " + step.reason + "\n";
    for (const auto& warning : plan.warnings) text += "! " + warning + "\n";
    return text;
}

std::string told(const std::string& desired) { return told(make_plan(input_of(desired))); }

/// "PreSync PostSync before success", or "resource".
std::string mark(const std::string& annotations) {
    const auto object = doc::read_yaml(config("a", annotations)).front();
    const auto found = hook_of(object);
    if (!found) return "resource";
    std::string text;
    for (const auto phase : found->phases) text += std::string(phase_name(phase)) + " ";
    if (found->phases.empty()) text += "none ";
    if (found->task.before_creation) text += "before ";
    if (found->task.on_success) text += "success ";
    if (found->task.on_failure) text += "failure ";
    text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("what Argo CD's annotations make of an object", "[hooks]") {
    CHECK(mark("") == "resource");
    CHECK(mark(hook("PreSync")) == "PreSync before");
    CHECK(mark(hook("PostSync, PreSync ,Sync,SyncFail")) == "PreSync Sync PostSync SyncFail before");
    CHECK(mark(hook("PreDelete,PostDelete")) == "PreDelete PostDelete before");
    CHECK(mark(hook("Skip")) == "none before");
    CHECK(mark(hook("Skip,PreSync")) == "PreSync before");  // Skip counts only alone
    CHECK(mark(hook("presync")) == "none before");
    CHECK(mark(hook("Sync") + ", argocd.argoproj.io/hook-delete-policy: 'HookSucceeded,HookFailed'") == "Sync success failure");
    CHECK(mark(hook("Sync") + ", argocd.argoproj.io/hook-delete-policy: BeforeHookCreation") == "Sync before");
    CHECK(mark(hook("Sync") + ", argocd.argoproj.io/hook-delete-policy: nonsense") == "Sync before");
}

TEST_CASE("what Helm's annotations make of an object", "[hooks]") {
    CHECK(mark("helm.sh/hook: 'pre-install,pre-upgrade'") == "PreSync before");  // once
    CHECK(mark("helm.sh/hook: 'post-install,post-upgrade'") == "PostSync before");
    CHECK(mark("helm.sh/hook: 'pre-delete,post-delete'") == "PreDelete PostDelete before");
    CHECK(mark("helm.sh/hook: crd-install") == "resource");
    CHECK(mark("helm.sh/hook: test") == "none before");
    CHECK(mark("helm.sh/hook: 'pre-rollback,post-rollback'") == "none before");
    CHECK(mark("helm.sh/hook: 'test,pre-install'") == "PreSync before");
    CHECK(mark("helm.sh/hook: pre-install, helm.sh/hook-delete-policy: 'hook-succeeded,before-hook-creation'") ==
          "PreSync before success");
    CHECK(mark("helm.sh/hook: pre-install, " + hook("PostSync")) == "PostSync before");  // Argo CD's wins
    const auto tests = doc::read_yaml(config("a", "helm.sh/hook: 'post-install,pre-upgrade'")).front();
    CHECK(hook_of(tests)->task.text == "PreSync,PostSync");  // told in Argo CD's words
}

TEST_CASE("a hook has a step in each of its phases, and those that never run say why", "[hooks]") {
    CHECK(told(config("twice", hook("PreSync,PostSync")) + config("off", hook("Skip")) + config("typo", hook("PostSyncc")) +
               config("test", "helm.sh/hook: test") + config("bye", hook("PreDelete")) + config("sorry", hook("SyncFail"))) ==
          "create PreSync 0 ConfigMap prod/twice: PreSync hook\n"
          "skip Sync 0 ConfigMap prod/off: marked as Skip\n"
          "skip Sync 0 ConfigMap prod/test: Helm's test hook, which no sync runs\n"
          "skip Sync 0 ConfigMap prod/typo: is a hook of no known phase\n"
          "create PostSync 0 ConfigMap prod/twice: PostSync hook\n"
          "create SyncFail 0 ConfigMap prod/sorry: SyncFail hook\n"
          "skip PreDelete 0 ConfigMap prod/bye: PreDelete hook; runs when the application is deleted\n"
          "! ConfigMap prod/typo: \"PostSyncc\" names no phase of a hook, so the object is never applied; did you mean PostSync?\n");
}

TEST_CASE("hooks are ordered by phase, wave and kind among the resources, weights of Helm being waves", "[hooks]") {
    CHECK(told(config("a", wave(1)) + job("name: in, annotations: {" + hook("Sync") + "}") +
               job("name: late, annotations: {" + hook("PreSync") + ", " + wave(7) + "}") +
               job("name: early, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: '-2'}") + config("b", "")) ==
          "create PreSync -2 batch/Job prod/early: PreSync hook\n"
          "create PreSync 7 batch/Job prod/late: PreSync hook\n"
          "create Sync 0 ConfigMap prod/b: does not exist\n"
          "create Sync 0 batch/Job prod/in: Sync hook\n"
          "create Sync 1 ConfigMap prod/a: does not exist\n");
}

TEST_CASE("a namespace is pulled in front of the hook that needs it, into its phase and wave", "[hooks]") {
    CHECK(told("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: prod, annotations: {" + wave(5) + "}}\n" +
               job("name: migrate, annotations: {" + hook("PreSync") + ", " + wave(-3) + "}")) ==
          "create PreSync -3 Namespace prod: does not exist\n"
          "create PreSync -3 batch/Job prod/migrate: PreSync hook\n");
}

TEST_CASE("hooks are neither tracked, nor pruned, nor a reason to sync", "[hooks]") {
    auto input = input_of(config("h", hook("PreSync") + ", argocd.argoproj.io/tracking-id: 'shop:/ConfigMap:prod/h'"));
    input.prune = PrunePolicy::prune;
    const auto plan = make_plan(input);
    CHECK(kube::annotation_of(plan.steps[0].desired, k_tracking_annotation).empty());
    CHECK_FALSE(is_tracked(plan.steps[0]));
    CHECK(plan.empty());
    CHECK(plan.runs_hooks());
    auto left = input_of("");
    left.prune = PrunePolicy::prune;
    left.live.push_back(doc::read_yaml(config("h", hook("PreSync") + ", argocd.argoproj.io/tracking-id: 'shop:/ConfigMap:prod/h'")).front());
    left.inventory = {kube::key_of(left.live[0])};
    CHECK(make_plan(left).steps.empty());
}

TEST_CASE("an earlier run is deleted first unless the policy is another", "[hooks]") {
    auto input = input_of(config("a", hook("Sync")) + config("b", hook("Sync") + ", argocd.argoproj.io/hook-delete-policy: HookSucceeded"));
    for (const auto& manifest : input.desired) input.live.push_back(manifest.object);
    CHECK(told(make_plan(input)) ==
          "create Sync 0 ConfigMap prod/a: Sync hook; the one of an earlier sync is deleted first\n"
          "update Sync 0 ConfigMap prod/b: Sync hook\n");
}

TEST_CASE("hooks with generateName get Argo CD's name, several of one prefix included", "[hooks]") {
    auto plan = make_plan(input_of(job("generateName: up-, annotations: {" + hook("PreSync,PostSync") + "}") +
                                   job("generateName: down-, annotations: {" + hook("Sync") + "}")));
    begin_hooks(plan, {"shop", "0123456789abcdef", base::Time{base::Duration{1'700'000'000'999}}});
    CHECK(told(plan) ==
          "create PreSync 0 batch/Job prod/up-0123456-presync-1700000000: PreSync hook\n"
          "create Sync 0 batch/Job prod/down-0123456-sync-1700000000: Sync hook\n"
          "create PostSync 0 batch/Job prod/up-0123456-postsync-1700000000: PostSync hook\n");
    CHECK(kube::name_of(plan.steps[1].desired) == "down-0123456-sync-1700000000");
    CHECK(kube::annotation_of(plan.steps[1].desired, k_hook_run_annotation) == "shop-1700000000999/Sync");
}

TEST_CASE("two hooks of one prefix and phase have names of their own: both run", "[hooks]") {
    auto plan = make_plan(input_of(job("generateName: m-, annotations: {" + hook("Sync") + "}") +
                                   job("generateName: m-, annotations: {" + hook("Sync") + ", argocd.argoproj.io/sync-wave: '1'}")));
    begin_hooks(plan, {"shop", "0123456789abcdef", base::Time{base::Duration{1'700'000'000'999}}});
    CHECK(told(plan) ==
          "create Sync 0 batch/Job prod/m-0123456-sync-1700000000: Sync hook\n"
          "create Sync 1 batch/Job prod/m-0123456-sync-1700000000-2: Sync hook\n");
}

TEST_CASE("a hook without any name is refused with its place", "[hooks]") {
    CHECK_THROWS_WITH(make_plan(input_of(job("annotations: {" + hook("PreSync") + "}"))), "a Job hook has neither name nor generateName");
}

TEST_CASE("our hooks carry no finalizer that a dead process would leave behind", "[hooks]") {
    auto plan = make_plan(input_of(job("name: a, finalizers: [argocd.argoproj.io/hook-finalizer, mine/stays], annotations: {" + hook("PreSync") + "}")));
    begin_hooks(plan, {"shop", "", base::Time{}});
    CHECK(plan.steps[0].desired.path("metadata", "finalizers")->items().size() == 1);
}

TEST_CASE("the live object tells how far its operation got", "[hooks]") {
    auto plan = make_plan(input_of(config("a", hook("PreSync,PostSync"))));
    begin_hooks(plan, {"shop", "", base::Time{base::Duration{7}}});
    auto live = plan.steps[0].desired;
    const auto at = [&](std::string_view run) {
        kube::set_annotation(live, k_hook_run_annotation, run);
        return progress_of(plan.steps[0], live);
    };
    CHECK(at("shop-7/PreSync") == HookProgress::begun);
    CHECK(at("shop-7/PostSync") == HookProgress::passed);
    CHECK(at("shop-6/PreSync") == HookProgress::not_begun);
    CHECK(at("shop-70/PostSync") == HookProgress::not_begun);
    CHECK(is_hook_of_app(live, "shop"));
    CHECK_FALSE(is_hook_of_app(live, "sho"));
    kube::set_annotation(live, k_hook_run_annotation, "shop-2-7/PreSync");
    CHECK_FALSE(is_hook_of_app(live, "shop"));
}
