#include "core/app/project/project.hpp"

#include <catch2/catch.hpp>

#include "core/app/controller/controller.hpp"
#include "core/app/project/project_edit.hpp"
#include "core/app/project/project_orphans.hpp"
#include "core/app/remove.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

void put_project(Lab& lab, const std::string& name, const std::string& spec) {
    lab.state.put_definition(k_project_kind, name,
                             doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: " + name +
                                                "}\nspec: " + spec));
}

/// The conditions of the application, one line each.
std::string conditions(Lab& lab, const std::string& app) {
    std::string text;
    for (const auto& condition : status_of(lab.services, lab.state.application(app), Fetch::cached).conditions)
        text += condition.type + ": " + condition.message + "\n";
    return text;
}

std::string sync_text(Lab& lab, const std::string& app, const SyncRequest& request = {}) {
    const auto report = sync(lab.services, app, request, {});
    std::string text = report.phase + ": " + report.message;
    for (const auto& outcome : report.outcomes)
        if (outcome.result == deliver::StepResult::sync_failed) text += "\n" + outcome.key.text() + ": " + outcome.message;
    return text;
}

const std::string k_everywhere = "sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}]";

}  // namespace

TEST_CASE("an application of a project that is not there is neither compared nor synced", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n");
    CHECK(conditions(lab, "shop") == "InvalidSpecError: application shop is of project team, which does not exist\n");
    CHECK(sync_text(lab, "shop") == "Error: application shop is of project team, which does not exist");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value").empty());
}

TEST_CASE("source and destination have to be permitted; what refuses is named", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n");
    put_project(lab, "team", "{sourceRepos: ['https://git.example/*'], destinations: [{name: in-cluster, namespace: 'team-*'}]}");
    const auto expected = "project team does not permit application shop: repository " + lab.state.application("shop").source.repo_url +
                          " is none of its sourceRepos; namespace shop of cluster local is none of its destinations";
    CHECK(conditions(lab, "shop") == "InvalidSpecError: " + expected + "\n");
    CHECK(sync_text(lab, "shop") == "Error: " + expected);
    put_project(lab, "team", "{sourceRepos: ['**'], destinations: [{server: 'https://kubernetes.default.svc', namespace: shop}]}");
    CHECK(conditions(lab, "shop").empty());
}

TEST_CASE("a project that demands signatures lets nothing be synced", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n");
    put_project(lab, "team", "{" + k_everywhere + ", signatureKeys: [{keyID: ABCD}]}");
    CHECK(sync_text(lab, "shop") == "Error: project team does not permit application shop: it demands signed commits "
                                    "(spec.signatureKeys), which this version of gitopsctl cannot check");
}

TEST_CASE("objects that are not permitted fail a sync before anything is applied, and show as Unknown", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")},
                     {"prod/b.yaml", config_map("b", "1") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: other}\n"},
                     {"prod/q.yaml", "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: '1'}}\n"}});
    lab.create("shop", "prod", "shop", "  project: team\n  syncPolicy: {syncOptions: [CreateNamespace=true], retry: {limit: 3}}\n");
    put_project(lab, "team", "{sourceRepos: ['*'], destinations: [{server: '*', namespace: shop}], "
                             "namespaceResourceBlacklist: [{group: '', kind: ResourceQuota}]}");
    CHECK(sync_text(lab, "shop") ==
          "Failed: one or more synchronization tasks are not valid (3 objects: Namespace shop: project team does not permit it: kind "
          "Namespace is not permitted: its clusterResourceWhitelist is empty)\n"
          "Namespace shop: project team does not permit it: kind Namespace is not permitted: its clusterResourceWhitelist is empty\n"
          "ResourceQuota shop/q: project team does not permit it: kind ResourceQuota is denied by its namespaceResourceBlacklist "
          "{group \"\", kind ResourceQuota}\n"
          "ConfigMap other/c: project team does not permit it: namespace other of cluster local is none of its destinations");
    CHECK(lab.live("v1 Namespace shop", "/metadata/name").empty());
    std::string shown;
    for (const auto& resource : status_of(lab.services, lab.state.application("shop"), Fetch::cached).resources)
        shown += resource.key.text() + " " + std::string(sync_status_name(resource.sync)) + "\n";
    CHECK(shown == "ResourceQuota shop/q Unknown\nConfigMap shop/a OutOfSync\nConfigMap shop/b OutOfSync\nConfigMap other/c Unknown\n");
}

TEST_CASE("what the project no longer permits is not pruned either", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}, {"prod/b.yaml", config_map("b", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    put_project(lab, "team", "{" + k_everywhere + ", clusterResourceWhitelist: [{group: '*', kind: '*'}]}");
    CHECK(sync_text(lab, "shop") == "Succeeded: 3 created");
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}, {"prod/b.yaml", "# moved\n"}});
    SyncRequest prune;
    prune.compare.prune = deliver::PrunePolicy::prune;
    put_project(lab, "team", "{" + k_everywhere + ", namespaceResourceBlacklist: [{group: '', kind: ConfigMap, name: b}]}");
    CHECK(sync_text(lab, "shop", prune) == "Succeeded: 1 unchanged");
    CHECK(lab.live("v1 ConfigMap shop/b", "/data/value") == "1");
    CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).word() == "Synced");  // it is not its object
    put_project(lab, "team", "{" + k_everywhere + "}");
    CHECK(sync_text(lab, "shop", prune) == "Succeeded: 1 pruned, 1 unchanged");
}

TEST_CASE("what the project does not permit stays when the application is deleted", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}, {"prod/b.yaml", config_map("b", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    put_project(lab, "team", "{" + k_everywhere + ", clusterResourceWhitelist: [{group: '*', kind: '*'}]}");
    CHECK(sync_text(lab, "shop") == "Succeeded: 3 created");
    put_project(lab, "team", "{" + k_everywhere + ", namespaceResourceBlacklist: [{group: '', kind: ConfigMap, name: b}]}");
    const auto report = remove_application(lab.services, "shop", Cascade::yes, {});
    REQUIRE(report.kept.size() == 1);
    CHECK(report.kept.front().key.text() + ": " + report.kept.front().reason ==
          "ConfigMap shop/b: project team does not permit it: kind ConfigMap is denied by its namespaceResourceBlacklist "
          "{group \"\", kind ConfigMap, name b}");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "");
    CHECK(lab.live("v1 ConfigMap shop/b", "/data/value") == "1");
}

TEST_CASE("a sync waits for the hours of its project: a person for some, automation for all", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
    const auto now = base::to_rfc3339(lab.clock->now());
    const std::string hour = now.substr(11, 2);
    const std::string window = "{kind: deny, schedule: '0 " + std::to_string(std::stoi(hour)) + " * * *', duration: 1h, applications: ['*']";
    const std::string all = ", clusterResourceWhitelist: [{group: '*', kind: '*'}]";
    put_project(lab, "team", "{" + k_everywhere + all + ", syncWindows: [" + window + "}]}");
    const auto blocked = sync_text(lab, "shop");
    CHECK(blocked.starts_with("Failed: project team does not let shop be synced now, inside the deny window \"0 "));
    CHECK(blocked.find("; next at ") != std::string::npos);
    CHECK(lab.state.state("shop").phase.empty());  // nothing began
    CHECK(reconcile(lab.services, "shop", AfterFailure::hold, {}).verdict.reason.starts_with("held: project team does not let shop be synced now"));
    CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).window == sources::Permission::denied);

    put_project(lab, "team", "{" + k_everywhere + all + ", syncWindows: [" + window + ", manualSync: true}]}");
    CHECK(reconcile(lab.services, "shop", AfterFailure::hold, {}).verdict.decision == Decision::hold);
    CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).window == sources::Permission::manual_only);
    CHECK(sync_text(lab, "shop") == "Succeeded: 2 created");

    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"2"}})");
    lab.clock->advance(std::chrono::hours(1));
    CHECK(status_of(lab.services, lab.state.application("shop"), Fetch::cached).window == sources::Permission::allowed);
}

TEST_CASE("orphans: nobody's objects in the namespace of the application", "[project]") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  project: team\n  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    const std::string all = k_everywhere + ", clusterResourceWhitelist: [{group: '*', kind: '*'}]";
    put_project(lab, "team", "{" + all + "}");
    sync_text(lab, "shop");
    lab.cluster->apply(doc::read_yaml_one("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: left, namespace: shop}\n"), {"somebody"});
    lab.cluster->apply(doc::read_yaml_one("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache-1, namespace: shop}\n"), {"somebody"});
    CHECK(conditions(lab, "shop").empty());
    const auto orphans = [&] {
        std::string text;
        for (const auto& orphan : orphans_of(lab.services, lab.state.application("shop"))) text += orphan.key.text() + "\n";
        return text;
    };
    CHECK(orphans() == "ConfigMap shop/cache-1\nConfigMap shop/left\n");
    put_project(lab, "team", "{" + all + ", orphanedResources: {ignore: [{kind: ConfigMap, name: cache-*}]}}");
    CHECK(orphans() == "ConfigMap shop/left\n");
    auto status = status_of(lab.services, lab.state.application("shop"), Fetch::cached);
    add_orphan_warning(lab.services, status);
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions.front().type + ": " + status.conditions.front().message ==
          "OrphanedResourceWarning: 1 object in namespace shop of no application; `gitopsctl app resources shop --orphaned` lists them");
    put_project(lab, "team", "{" + all + ", orphanedResources: {warn: false}}");
    auto quiet = status_of(lab.services, lab.state.application("shop"), Fetch::cached);
    add_orphan_warning(lab.services, quiet);
    CHECK(quiet.conditions.empty());
}

TEST_CASE("entries of a project's lists come and go, and the rest of it stays", "[project]") {
    auto document = doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team}\n"
                                       "spec:\n  description: ours\n  namespaceResourceWhitelist: [{kind: Pod, group: ''}]\n");
    CHECK(add_entry(document, "sourceRepos", doc::Value("a")));
    CHECK_FALSE(add_entry(document, "sourceRepos", doc::Value("a")));
    CHECK(add_entry(document, "destinations", destination_entry("https://x", "b")));
    CHECK(add_entry(document, "destinations", destination_entry("prod", "b")));
    CHECK_FALSE(add_entry(document, "destinations", named_destination_entry("prod", "b")));
    CHECK_FALSE(remove_entry(document, "clusterResourceWhitelist", resource_entry("", "Namespace", "")));
    CHECK(remove_entry(document, "namespaceResourceWhitelist", resource_entry("", "Pod", "")));
    CHECK(doc::write_yaml(*document.find("spec")) ==
          "description: ours\ndestinations:\n- namespace: b\n  server: https://x\n- name: prod\n  namespace: b\n"
          "namespaceResourceWhitelist: []\nsourceRepos:\n- a\n");
}
