#include "core/app/remove.hpp"

#include <catch2/catch.hpp>

#include "core/app/sync.hpp"
#include "core/app/tree.hpp"
#include "core/app/wait.hpp"
#include "core/base/error.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::deployment;
using test::Lab;

namespace {

void deploy(Lab& lab, const std::map<std::string, std::string>& files) {
    lab.repo.commit(files);
    lab.create("shop", "prod", "shop-prod");
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
}

std::string told(const RemoveReport& report) {
    std::string text;
    for (const auto& key : report.deleted) text += "deleted " + key.text() + "\n";
    for (const auto& kept : report.kept) text += "kept " + kept.key.text() + ": " + kept.reason + "\n";
    return text;
}

std::string outline(const std::vector<TreeNode>& nodes, const std::string& lead = "") {
    std::string text;
    for (const auto& node : nodes) {
        // Names of ReplicaSets and Pods end in hashes.
        text += lead + node.key.kind + (lead.empty() ? "/" + node.key.name : "") + " " +
                (node.health ? std::string(deliver::health_name(node.health->status)) : "-") + "\n";
        text += outline(node.children, lead + "  ");
    }
    return text;
}

}  // namespace

TEST_CASE("delete with cascade removes what the application put there, last applied first") {
    Lab lab;
    deploy(lab, {{"prod/web.yaml", deployment("web", 1, "web:1")}, {"prod/cm.yaml", config_map("settings", "a")}});

    CHECK(told(remove_application(lab.services, "shop", Cascade::yes, {})) ==
          "deleted apps/Deployment shop-prod/web\n"
          "deleted ConfigMap shop-prod/settings\n");
    CHECK_FALSE(lab.state.has_application("shop"));
    CHECK(lab.live("v1 ConfigMap shop-prod/settings", "/data/value") == "");
    CHECK(lab.live("v1 Namespace shop-prod", "/metadata/name") == "shop-prod");
}

TEST_CASE("delete without cascade leaves every object") {
    Lab lab;
    deploy(lab, {{"prod/cm.yaml", config_map("settings", "a")}});

    CHECK(told(remove_application(lab.services, "shop", Cascade::no, {})) == "");
    CHECK_FALSE(lab.state.has_application("shop"));
    CHECK(lab.live("v1 ConfigMap shop-prod/settings", "/data/value") == "a");
}

TEST_CASE("delete keeps Delete=false and what another application tracks by now") {
    Lab lab;
    deploy(lab, {{"prod/a.yaml", config_map("a", "1")},
                 {"prod/b.yaml", config_map("b", "1")},
                 {"prod/c.yaml", config_map("c", "1")}});
    lab.patch("v1 ConfigMap shop-prod/a",
              R"({"metadata": {"annotations": {"argocd.argoproj.io/sync-options": "Prune=false, Delete=false"}}})");
    lab.patch("v1 ConfigMap shop-prod/b",
              R"({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "other:/ConfigMap:shop-prod/b"}}})");

    CHECK(told(remove_application(lab.services, "shop", Cascade::yes, {})) ==
          "deleted ConfigMap shop-prod/c\n"
          "kept ConfigMap shop-prod/a: Delete=false\n"
          "kept ConfigMap shop-prod/b: its tracking id does not name shop\n");
    CHECK(lab.live("v1 ConfigMap shop-prod/b", "/data/value") == "1");
}

TEST_CASE("delete leaves a row in the audit log") {
    Lab lab;
    deploy(lab, {{"prod/cm.yaml", config_map("settings", "a")}});
    remove_application(lab.services, "shop", Cascade::yes, {});

    const AuditRow row = lab.state.audit("shop", 10).back();
    CHECK(row.action == "delete");
    CHECK(row.result == "succeeded");
    CHECK(row.message == "1 object deleted, 0 kept");
}

TEST_CASE("an interrupted delete keeps the application registered, so that it can be finished") {
    Lab lab;
    deploy(lab, {{"prod/cm.yaml", config_map("settings", "a")}});
    std::stop_source source;
    source.request_stop();

    CHECK_THROWS_AS(remove_application(lab.services, "shop", Cascade::yes, source.get_token()), base::Error);
    CHECK(lab.state.has_application("shop"));
    CHECK(lab.state.audit("shop", 10).back().result == "interrupted");
    CHECK_FALSE(lab.state.lock_holder("shop"));
}

TEST_CASE("wait comes back when the rollout is through, and tells what it waited for") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:1")}});
    lab.create("shop", "prod", "shop-prod");
    SyncRequest request;
    request.wait_for_health = Wait::no;
    sync(lab.services, "shop", request, {});
    lab.events.events.clear();

    const WaitReport report = wait_for(lab.services, "shop", {}, lab.clock->now() + base::Duration(60'000), {});

    CHECK(report.reached);
    CHECK(report.missing == "");
    REQUIRE_FALSE(lab.events.events.empty());
    CHECK(lab.events.events.front().message ==
          "health is Progressing: apps/Deployment shop-prod/web: Waiting for rollout: 0 of 1 updated replicas are "
          "available");
}

TEST_CASE("wait gives up at the deadline and names what is missing") {
    Lab lab;
    lab.repo.commit({{"prod/cm.yaml", config_map("settings", "a")}});
    lab.create("shop", "prod", "shop-prod");
    const base::Time deadline = lab.clock->now() + base::Duration(5'000);

    const WaitReport report = wait_for(lab.services, "shop", {.synced = true}, deadline, {});

    CHECK_FALSE(report.reached);
    CHECK(report.missing == "sync status is OutOfSync");
    CHECK(lab.clock->now() == deadline);
}

TEST_CASE("the tree goes from the resources of Git down to the Pods") {
    Lab lab;
    deploy(lab, {{"prod/web.yaml", deployment("web", 2, "web:1")}, {"prod/cm.yaml", config_map("settings", "a")}});
    const AppStatus status = status_of(lab.services, lab.state.application("shop"), Fetch::cached);

    CHECK(outline(tree_of(lab.services, status)) ==
          "ConfigMap/settings -\n"
          "Deployment/web Healthy\n"
          "  ReplicaSet Healthy\n"
          "    Pod Healthy\n"
          "    Pod Healthy\n");
}

TEST_CASE("a dry run of a first sync shows the whole plan, the new namespace and what goes into it") {
    Lab lab;
    lab.repo.commit({{"prod/cm.yaml", config_map("settings", "a")}});
    lab.create("shop", "prod", "shop-prod");
    SyncRequest request;
    request.dry_run = true;

    const SyncReport report = sync(lab.services, "shop", request, {});

    CHECK(report.succeeded);
    CHECK(report.created == 2);
    CHECK(lab.live("v1 Namespace shop-prod", "/metadata/name") == "");
}
