// An application whose manifests are applications.
#include <catch2/catch.hpp>

#include "core/app/controller/controller.hpp"
#include "core/app/remove.hpp"
#include "core/app/sync.hpp"
#include "core/app/tree.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using test::Lab;

namespace {

std::string child(const Lab& lab, const std::string& name, const std::string& path, const std::string& more = {}) {
    return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: " + name +
           "\n  namespace: argocd\n  finalizers: [resources-finalizer.argocd.argoproj.io]\n" + more + "spec:\n  source: {repoURL: \"" +
           lab.repo.path() + "\", path: " + path + ", targetRevision: main}\n  destination: {namespace: prod}\n" +
           "  syncPolicy: {automated: {prune: true}, syncOptions: [CreateNamespace=true]}\n";
}

app::SyncReport sync(Lab& lab, const std::string& name) {
    app::SyncRequest request;
    request.compare.prune = deliver::PrunePolicy::prune;
    return app::sync(lab.services, name, request, {});
}

std::string status_of(Lab& lab, const std::string& name) {
    const auto status = app::status_of(lab.services, lab.state.application(name), app::Fetch::cached);
    return std::string(app::sync_status_name(status.sync)) + " " + std::string(deliver::health_name(status.health.status));
}

std::string outline(const std::vector<app::TreeNode>& nodes) {
    std::string text;
    for (const auto& node : nodes) {
        const auto hash = node.uid.empty() || node.key.kind == "Deployment" ? std::string::npos : node.key.name.find('-');
        text += (text.empty() ? "" : ", ") + node.key.kind + " " + node.key.name.substr(0, hash) + (hash == std::string::npos ? "" : "-HASH");
        if (!node.children.empty()) text += " (" + outline(node.children) + ")";
    }
    return text;
}

}  // namespace

TEST_CASE("a sync of the parent registers its children and syncs those that want it", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.write("root/shop.yaml", child(lab, "shop", "shop"));
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    const auto report = sync(lab, "root");
    CHECK(report.message == "2 created");
    CHECK(report.succeeded);
    CHECK(lab.state.application_names() == std::vector<std::string>{"root", "shop"});
    CHECK(lab.live("v1 ConfigMap prod/web", "/data/value") == "1");
    CHECK(status_of(lab, "shop") == "Synced Healthy");
    CHECK(status_of(lab, "root") == "Synced Healthy");
    CHECK(sync(lab, "root").unchanged == 1);
}

TEST_CASE("children to any depth, and the parent is as well as the worst of them", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::deployment("web", 1, "web:1"));
    lab.repo.write("team/shop.yaml", child(lab, "shop", "shop"));
    lab.repo.write("root/team.yaml", child(lab, "team", "team"));
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    CHECK(sync(lab, "root").succeeded);
    CHECK(lab.state.application_names() == std::vector<std::string>{"root", "shop", "team"});
    const auto nodes = app::tree_of(lab.services, app::status_of(lab.services, lab.state.application("root"), app::Fetch::cached));
    CHECK(outline(nodes) == "Application team (Application shop (Deployment web (ReplicaSet web-HASH (Pod web-HASH))))");
    lab.patch("apps/v1 Deployment prod/web", R"({"spec":{"replicas":4}})");
    CHECK(status_of(lab, "shop").starts_with("OutOfSync"));
    CHECK(status_of(lab, "team").starts_with("Synced"));
}

TEST_CASE("an application that would be a part of itself is refused", "[children]") {
    Lab lab;
    lab.repo.write("a/b.yaml", child(lab, "b", "b"));
    lab.repo.write("b/a.yaml", child(lab, "a", "a"));
    lab.repo.commit("a circle");
    lab.create("a", "a", "argocd");
    sync(lab, "a");
    std::string said;
    for (const auto& event : lab.events.events)
        if (event.message.find("part of itself") != std::string::npos) said = event.message;
    CHECK(said.find("application a would be a part of itself: a -> b -> a") != std::string::npos);
}

TEST_CASE("what has no effect in a definition from Git is told", "[children]") {
    Lab lab;
    lab.repo.write("root/set.yaml",
                   "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s, namespace: argocd}\nspec:\n"
                   "  generators: [{list: {element: []}}]\n  template: {metadata: {name: x}, spec: {}}\n");
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    CHECK(sync(lab, "root").succeeded);
    std::vector<std::string> told;
    for (const auto& event : lab.events.events)
        if (event.kind == "definition") told.push_back(event.subject + ": " + event.message);
    CHECK(told == std::vector<std::string>{
                      "ApplicationSet s: unknown field spec.generators[0].list.element (did you mean elements?) has no effect"});
}

TEST_CASE("a child that left Git goes with what it deployed, and so does the whole tree", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.write("cart/web.yaml", test::config_map("cart", "1"));
    lab.repo.write("root/shop.yaml", child(lab, "shop", "shop"));
    lab.repo.write("root/cart.yaml", child(lab, "cart", "cart"));
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    CHECK(sync(lab, "root").succeeded);
    lab.repo.remove("root/cart.yaml");
    lab.repo.commit("no cart");
    CHECK(sync(lab, "root").pruned == 1);
    CHECK(lab.state.application_names() == std::vector<std::string>{"root", "shop"});
    CHECK(lab.live("v1 ConfigMap prod/cart", "/data/value") == "");
    const auto removed = app::remove_application(lab.services, "root", app::Cascade::yes, {});
    for (const auto& kept : removed.kept) UNSCOPED_INFO(kept.key.text() + ": " + kept.reason);
    CHECK(lab.state.application_names().empty());
    CHECK(lab.live("v1 ConfigMap prod/web", "/data/value") == "");
}

TEST_CASE("a child that another namespace registered is not taken over", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.write("root/shop.yaml", child(lab, "shop", "shop"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "mine");
    auto theirs = lab.state.application("shop");
    theirs.document.at("metadata").set("namespace", "team");
    lab.state.put_application(theirs, lab.clock->now());
    lab.create("root", "root", "argocd");
    const auto report = sync(lab, "root");
    CHECK_FALSE(report.succeeded);
    CHECK(report.message.find("Application shop is registered") != std::string::npos);
}

TEST_CASE("a wave of children waits for the wave before to be healthy", "[children]") {
    Lab lab;
    const auto wave = [](const std::string& number) { return "  annotations: {argocd.argoproj.io/sync-wave: \"" + number + "\"}\n"; };
    lab.repo.write("db/db.yaml", test::deployment("db", 1, "db:1"));
    lab.repo.write("web/web.yaml", test::config_map("web", "1"));
    lab.repo.write("root/db.yaml", child(lab, "db", "db", wave("-1")));
    lab.repo.write("root/web.yaml", child(lab, "web", "web", wave("1")));
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    const auto report = sync(lab, "root");
    CHECK(report.message == "3 created");
    CHECK(report.succeeded);
    CHECK(status_of(lab, "db") == "Synced Healthy");
    CHECK(lab.live("v1 ConfigMap prod/web", "/data/value") == "1");
}

TEST_CASE("a child that waits for a person is not waited for", "[children]") {
    Lab lab;
    auto by_hand = child(lab, "hand", "hand");
    by_hand.erase(by_hand.find("  syncPolicy:"));
    lab.repo.write("hand/a.yaml", test::config_map("a", "1")).write("root/1-hand.yaml", by_hand);
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.write("root/2-shop.yaml", child(lab, "shop", "shop", "  annotations: {argocd.argoproj.io/sync-wave: '1'}\n"));
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    const auto began = lab.clock->now();
    CHECK(sync(lab, "root").succeeded);
    CHECK(lab.clock->now() - began < std::chrono::seconds(30));
    CHECK(status_of(lab, "hand") == "OutOfSync Missing");
    CHECK(status_of(lab, "shop") == "Synced Healthy");  // the wave after it
}

TEST_CASE("a parent that holds the project of its children can be deleted with them", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    auto shop = child(lab, "shop", "shop");
    shop.insert(shop.find("  source:"), "  project: team\n");
    lab.repo.write("root/shop.yaml", shop);
    lab.repo.write("root/project.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team, namespace: argocd}\nspec:\n"
                                        "  sourceRepos: ['*']\n  destinations: [{server: '*', namespace: '*'}]\n"
                                        "  clusterResourceWhitelist: [{group: '*', kind: '*'}]\n");
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    REQUIRE(sync(lab, "root").succeeded);
    CHECK(lab.live("v1 ConfigMap prod/web", "/data/value") == "1");
    app::remove_application(lab.services, "root", app::Cascade::yes, {});
    CHECK(lab.state.application_names().empty());
    CHECK(lab.live("v1 ConfigMap prod/web", "/data/value") == "");
}

TEST_CASE("an application made by hand becomes the child of a parent whose manifest names it", "[children]") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.write("root/shop.yaml", child(lab, "shop", "shop"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "prod", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    REQUIRE(sync(lab, "shop").succeeded);
    lab.create("root", "root", "argocd");
    const auto report = sync(lab, "root");
    CHECK(report.message == "1 created, 1 updated");
    CHECK(kube::namespace_of(lab.state.application("shop").document) == "argocd");
    CHECK(status_of(lab, "root") == "Synced Healthy");
}

TEST_CASE("a set whose application deploys that set is a cycle, refused before the application takes it over", "[children]") {
    Lab lab;
    lab.repo.write("root/set.yaml",
                   "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: loop, namespace: argocd}\nspec:\n"
                   "  generators: [{list: {elements: [{name: inner}]}}]\n  template:\n    metadata: {name: '{{name}}'}\n    spec:\n"
                   "      project: default\n      source: {repoURL: \"" + lab.repo.path() + "\", path: root, targetRevision: main}\n"
                   "      destination: {name: local, namespace: argocd}\n");
    lab.repo.commit("first");
    lab.create("root", "root", "argocd");
    CHECK(sync(lab, "root").succeeded);
    const auto report = sync(lab, "inner");
    CHECK_FALSE(report.succeeded);
    CHECK(report.message.find("application inner would be a part of itself: inner -> inner") != std::string::npos);
    CHECK(status_of(lab, "root").starts_with("Synced"));  // the set is still its object
}
