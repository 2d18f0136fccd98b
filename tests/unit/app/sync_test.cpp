#include <catch2/catch.hpp>

#include "core/app/drift.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::deployment;
using test::Lab;

namespace {

SyncReport sync_now(Lab& lab, const std::string& app, const SyncRequest& request = {}) {
    return sync(lab.services, app, request, {});
}

SyncRequest pruning() {
    SyncRequest request;
    request.compare.prune = deliver::PrunePolicy::prune;
    return request;
}

std::string steps_text(const SyncReport& report) {
    std::string text;
    for (const auto& outcome : report.outcomes)
        text += std::string(deliver::action_name(outcome.action)) + " " + outcome.key.text() + ": " +
                std::string(deliver::result_name(outcome.result)) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a first sync creates everything and waits until it is healthy") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 3, "web:1")}, {"prod/cm.yaml", config_map("settings", "a")}});
    lab.create("shop", "prod", "shop-prod");

    auto report = sync_now(lab, "shop");

    CHECK(steps_text(report) ==
          "create Namespace shop-prod: Synced\n"
          "create ConfigMap shop-prod/settings: Synced\n"
          "create apps/Deployment shop-prod/web: Synced\n");
    CHECK(report.phase == "Succeeded");
    CHECK(report.succeeded);
    CHECK(report.health->status == deliver::HealthStatus::healthy);
    CHECK(lab.live("apps/v1 Deployment shop-prod/web", "/status/availableReplicas") == "3");
}

TEST_CASE("a second sync finds nothing to do and adds no history") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:1")}});
    lab.create("shop", "prod", "shop-prod");
    sync_now(lab, "shop");

    auto report = sync_now(lab, "shop");

    CHECK(report.message == "1 unchanged");
    CHECK(lab.state.history("shop").size() == 1);
}

TEST_CASE("an object that left Git is pruned only when asked") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}, {"prod/b.yaml", config_map("b", "1")}});
    lab.create("shop", "prod", "shop-prod");
    sync_now(lab, "shop");
    lab.repo.remove("prod/b.yaml").commit("drop b");

    auto kept = sync_now(lab, "shop");
    CHECK(kept.requires_pruning == 1);
    CHECK(lab.live("v1 ConfigMap shop-prod/b", "/data/value") == "1");

    auto pruned = sync_now(lab, "shop", pruning());
    CHECK(pruned.pruned == 1);
    CHECK(lab.live("v1 ConfigMap shop-prod/b", "/data/value") == "");
}

TEST_CASE("an object that lost our tracking id is not pruned") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}, {"prod/b.yaml", config_map("b", "1")}});
    lab.create("shop", "prod", "shop-prod");
    sync_now(lab, "shop");
    lab.patch("v1 ConfigMap shop-prod/b", R"({"metadata":{"annotations":{"argocd.argoproj.io/tracking-id":null}}})");
    lab.repo.remove("prod/b.yaml").commit("drop b");

    sync_now(lab, "shop", pruning());

    CHECK(lab.live("v1 ConfigMap shop-prod/b", "/data/value") == "1");
}

TEST_CASE("a dry run shows the plan and changes nothing") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    SyncRequest request;
    request.dry_run = true;

    auto report = sync_now(lab, "shop", request);

    CHECK(report.plan.steps.size() == 2);
    CHECK(lab.live("v1 Namespace shop-prod", "/metadata/name") == "");
    CHECK(lab.state.history("shop").empty());
    CHECK(lab.state.audit("shop", 10).empty());
    CHECK(lab.state.inventory("shop", "local").empty());
}

TEST_CASE("a namespace that does not exist is an error that says how to get it") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod", "  syncPolicy: {}\n");

    auto report = sync_now(lab, "shop");

    CHECK(report.phase == "Failed");
    CHECK_FALSE(report.succeeded);
    CHECK(report.message.find("shop-prod") != std::string::npos);
    CHECK(lab.state.history("shop").empty());
}

TEST_CASE("a manual change to a field of Git is drift with its author; other fields are left alone") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 2, "web:1")}});
    lab.create("shop", "prod", "shop-prod");
    sync_now(lab, "shop");
    lab.patch("apps/v1 Deployment shop-prod/web", R"({"spec":{"replicas":8,"minReadySeconds":1}})", "kubectl-scale");

    auto drift = drift_of(lab.services, "shop", Fetch::cached);

    REQUIRE(drift.resources.size() == 1);
    CHECK(drift.resources[0].key.text() == "apps/Deployment shop-prod/web");
    REQUIRE(drift.resources[0].fields.size() == 1);
    const auto& field = drift.resources[0].fields[0];
    CHECK(field.path == "spec.replicas");
    CHECK(field.desired->text() == "2");
    CHECK(field.live->text() == "8");
    CHECK(field.manager == "kubectl-scale");

    sync_now(lab, "shop");
    CHECK(lab.live("apps/v1 Deployment shop-prod/web", "/spec/replicas") == "2");
    CHECK(lab.live("apps/v1 Deployment shop-prod/web", "/spec/minReadySeconds") == "1");
}

TEST_CASE("a version that crash-loops makes the sync fail with its reason, after it was recorded") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:2")}});
    lab.cluster->add_fault(embedded::FaultKind::crash_loop, "web:2", {});
    lab.create("shop", "prod", "shop-prod");

    auto report = sync_now(lab, "shop");

    CHECK_FALSE(report.succeeded);
    CHECK(report.phase == "Succeeded");
    CHECK(report.health->status == deliver::HealthStatus::degraded);
    CHECK(report.message.find("CrashLoopBackOff") != std::string::npos);
    CHECK(lab.state.history("shop").size() == 1);
}

TEST_CASE("ignoreDifferences concerns the comparison; a sync leaves the field alone with RespectIgnoreDifferences only") {
    const auto replicas_after = [](const std::string& option) {
        Lab lab;
        lab.repo.commit({{"prod/web.yaml", deployment("web", 2, "web:1")}});
        lab.create("shop", "prod", "shop-prod",
                   "  syncPolicy: {syncOptions: [CreateNamespace=true" + option + "]}\n"
                   "  ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}]\n");
        sync_now(lab, "shop");
        lab.patch("apps/v1 Deployment shop-prod/web", R"({"spec":{"replicas":5}})");
        CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).word() == "Synced");
        sync_now(lab, "shop");
        return lab.live("apps/v1 Deployment shop-prod/web", "/spec/replicas");
    };
    CHECK(replicas_after("") == "2");
    CHECK(replicas_after(", RespectIgnoreDifferences=true") == "5");
}

TEST_CASE("a second operation on one application says who holds the lock") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    OperationLock lock(lab.services, "shop", "sync", Wait::no, lab.clock->now(), {});
    SyncRequest request;
    request.wait_for_lock = Wait::no;

    auto report = sync_now(lab, "shop", request);

    CHECK(report.phase == "Error");
    CHECK(report.message.starts_with(
        "another operation is in progress: anna@test is running sync on shop since 2023-11-14T22:13:20Z (pid "));
}

TEST_CASE("the lock of a dead process is taken over") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    auto dead = io::current_process();
    dead.started -= 1;
    lab.state.try_lock({"shop", "sync", "ghost", lab.clock->now(), dead});

    CHECK(sync_now(lab, "shop").succeeded);
}

TEST_CASE("a failure is tried again as the retry policy says") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod", "  syncPolicy: {retry: {limit: 2, backoff: {duration: 10s, factor: 3}}}\n");
    auto before = lab.clock->now();

    auto report = sync_now(lab, "shop");

    CHECK_FALSE(report.succeeded);
    CHECK(lab.clock->now() - before == std::chrono::seconds(40));
}

TEST_CASE("another try that would begin behind the deadline is not waited for") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod", "  syncPolicy: {retry: {limit: -1, backoff: {duration: 10s, factor: 1}}}\n");
    const auto before = lab.clock->now();
    SyncRequest request;
    request.timeout = std::chrono::seconds(25);

    CHECK_FALSE(sync_now(lab, "shop", request).succeeded);
    CHECK(lab.clock->now() - before == std::chrono::seconds(20));
}

TEST_CASE("of several waves nothing is begun when the cluster would refuse an object of a later one") {
    const auto in_wave = [](const std::string& wave, const std::string& name, const std::string& rest) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", annotations: {argocd.argoproj.io/sync-wave: '" + wave + "'}}\n" + rest;
    };
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", in_wave("0", "a", "data: {value: '1'}\n")}, {"prod/b.yaml", in_wave("3", "b", "immutable: true\ndata: {value: '1'}\n")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    REQUIRE(sync_now(lab, "shop").succeeded);
    lab.repo.commit({{"prod/a.yaml", in_wave("0", "a", "data: {value: '2'}\n")}, {"prod/b.yaml", in_wave("3", "b", "immutable: true\ndata: {value: '2'}\n")}});

    const auto report = sync_now(lab, "shop");
    CHECK(report.phase == "Failed");
    CHECK(report.message.ends_with("; nothing was changed"));
    CHECK(steps_text(report) == "update ConfigMap shop/b: SyncFailed\n");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "1");
}

TEST_CASE("Replace=true also makes the namespace, which may stand there already") {
    Lab lab;
    lab.repo.commit({{"prod/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: stdf}}\n"},
                     {"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {syncOptions: [CreateNamespace=true, Replace=true]}\n");
    CHECK(sync_now(lab, "shop").message == "2 created");
    CHECK(lab.live("v1 Namespace shop", "/metadata/labels/team") == "stdf");
}

TEST_CASE("FailOnSharedResource fails the sync, and the status still says what is shared") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    REQUIRE(sync_now(lab, "shop").succeeded);
    lab.create("other", "prod", "shop", "  syncPolicy: {syncOptions: [FailOnSharedResource=true]}\n");

    CHECK(sync_now(lab, "other").phase == "Failed");
    const auto status = status_of(lab.services, lab.state.application("other"), Fetch::cached);
    CHECK(status.word() == "OutOfSync");
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions[0].type + ": " + status.conditions[0].message ==
          "SharedResourceWarning: ConfigMap shop/a: is also part of application \"shop\"");
    CHECK(lab.state.state("other").phase == "Failed");
}

TEST_CASE("the order of init containers is what Git says") {
    const auto web = [](const std::string& init) {
        return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n"
               "    metadata: {labels: {app: web}}\n    spec: {initContainers: [" + init + "], containers: [{name: web, image: web}]}\n";
    };
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", web("{name: one, image: i}, {name: two, image: i}")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    REQUIRE(sync_now(lab, "shop").succeeded);
    lab.repo.commit({{"prod/web.yaml", web("{name: two, image: i}, {name: one, image: i}")}});

    CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).word() == "OutOfSync");
    CHECK(sync_now(lab, "shop").message == "1 updated");
    CHECK(lab.live("apps/v1 Deployment shop/web", "/spec/template/spec/initContainers/0/name") == "two");
    CHECK(sync_now(lab, "shop").message == "1 unchanged");
}

TEST_CASE("a broken repository is an Error with its place, and the state says so") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [\n"}});
    lab.create("shop", "prod", "shop-prod");

    auto report = sync_now(lab, "shop");

    CHECK(report.phase == "Error");
    REQUIRE(report.error);
    CHECK(report.error->place().file == "prod/a.yaml");
    CHECK(lab.state.state("shop").phase == "Error");
    auto status = status_of(lab.services, lab.state.application("shop"), Fetch::cached);
    CHECK(status.word() == "Unknown");
    CHECK(status.health.message.ends_with("(prod/a.yaml:4)"));
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions[0].type == "ComparisonError");
}

TEST_CASE("the audit log tells who synced what, and that a dead process was interrupted") {
    Lab lab;
    auto sha = lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    sync_now(lab, "shop");
    AuditRow ghost;
    ghost.action = "sync";
    ghost.subject = "shop";
    ghost.process = io::current_process();
    ghost.process.started -= 1;
    lab.state.begin_audit(ghost);

    auto rows = lab.state.audit("shop", 10);

    REQUIRE(rows.size() == 2);
    CHECK(rows[0].actor == "anna@test");
    CHECK(rows[0].action == "sync");
    CHECK(rows[0].result == "succeeded");
    CHECK(rows[0].to_revision == sha);
    CHECK(rows[0].message == "2 created");
    CHECK(rows[1].result == "interrupted");
}

namespace {

/// Asks to stop as soon as it is told that something is Progressing.
class StopAtProgress final : public base::EventSink {
  public:
    void emit(const base::Event& event) override {
        if (event.kind == "health") stop.request_stop();
    }
    std::stop_source stop;
};

}  // namespace

TEST_CASE("a sync that is stopped while it waits was applied, is in the history, and the audit log says interrupted") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:1")}});
    lab.create("shop", "prod", "shop-prod");
    StopAtProgress sink;
    const Services& base = lab.services;
    Services services{lab.state,  *lab.clock,           sink, base.open_repo, base.open_cluster,
                      base.actor, base.git_environment, 1};

    CHECK_THROWS_WITH(sync(services, "shop", {}, sink.stop.get_token()),
                      "applied, but stopped while waiting for health");

    CHECK(lab.state.state("shop").phase == "Succeeded");
    CHECK(lab.state.history("shop").size() == 1);
    CHECK(lab.state.audit("shop", 1).back().result == "interrupted");
    CHECK_FALSE(lab.state.lock_holder("shop"));
}

TEST_CASE("an application without a destination namespace lives in default and settles") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "''", "  syncPolicy: {}\n");
    sync_now(lab, "shop");

    CHECK(sync_now(lab, "shop").message == "1 unchanged");
    lab.repo.remove("prod/a.yaml").write("prod/b.yaml", config_map("b", "1")).commit("b instead of a");
    sync_now(lab, "shop", pruning());
    CHECK(lab.live("v1 ConfigMap default/a", "/data/value") == "");
    CHECK(lab.live("v1 ConfigMap default/b", "/data/value") == "1");
}

TEST_CASE("cluster-scoped custom resources are found live, also when their CRD came from elsewhere") {
    Lab lab;
    lab.repo.commit({{"crd/crd.yaml",
                      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                      "metadata: {name: things.fab.example}\n"
                      "spec: {group: fab.example, scope: Cluster, names: {kind: Thing, plural: things}, "
                      "versions: [{name: v1, served: true, storage: true}]}\n"}});
    std::string things;
    for (int i = 1; i <= 4; ++i)
        things += "---\napiVersion: fab.example/v1\nkind: Thing\nmetadata: {name: t" + std::to_string(i) + "}\n";
    lab.repo.commit({{"things/t.yaml", things}});
    lab.create("crd", "crd", "shop");
    lab.create("things", "things", "shop");
    sync_now(lab, "crd");
    SyncRequest request;
    request.wait_for_health = Wait::no;
    sync_now(lab, "things", request);

    CHECK(sync_now(lab, "things", request).message == "4 unchanged");
}

TEST_CASE("--resource that matches nothing is an error") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    SyncRequest request;
    request.compare.only = {deliver::parse_resource_filter(":ConfigMap:typo")};

    CHECK(sync_now(lab, "shop", request).message == "no resource of shop matches --resource");
}

TEST_CASE("a wrong destination cluster is an error that leaves no running operation behind") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop-prod");
    auto application = lab.state.application("shop");
    application.document.at("spec").at("destination").set("name", "nope");
    lab.state.put_application(application, lab.clock->now());

    CHECK(sync_now(lab, "shop").message == "there is no cluster \"nope\"");
    CHECK(lab.state.state("shop").phase == "");
}
