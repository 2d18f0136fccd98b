#include <catch2/catch.hpp>
#include <sstream>

#include "core/app/controller/controller.hpp"
#include "core/app/controller/metrics.hpp"
#include "core/app/fleet.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/app_project.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using test::Lab;

namespace {

std::string samples_of(const app::Metrics& metrics) {
    std::string samples;
    std::string line;
    for (const char c : metrics.text()) {
        line += c;
        if (c != '\n') continue;
        if (line.front() != '#') samples += line;
        line.clear();
    }
    return samples;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

}  // namespace

TEST_CASE("metrics tell each application, its syncs and how long passes took") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "prod", "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
    app::Metrics metrics(lab.services);
    auto report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again);
    REQUIRE(report.operation);
    report.took = base::Duration(1500);
    report.operation->took = base::Duration(250);
    metrics.note(report);
    report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again);
    report.took = base::Duration(250);
    metrics.note(report);
    CHECK(replaced(samples_of(metrics), lab.repo.path(), "REPO") ==
          R"(argocd_app_info{namespace="argocd",name="shop",project="default",autosync_enabled="true",repo="REPO",dest_server="https://kubernetes.default.svc",dest_namespace="prod",sync_status="Synced",health_status="Healthy",operation=""} 1
argocd_app_sync_total{namespace="argocd",name="shop",project="default",dest_server="https://kubernetes.default.svc",phase="Succeeded",dry_run="false"} 1
argocd_app_sync_duration_seconds_total{namespace="argocd",name="shop",dest_server="https://kubernetes.default.svc"} 0.25
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="0.25"} 1
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="0.5"} 1
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="1"} 1
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="2"} 2
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="4"} 2
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="8"} 2
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="16"} 2
argocd_app_reconcile_bucket{namespace="argocd",dest_server="https://kubernetes.default.svc",le="+Inf"} 2
argocd_app_reconcile_sum{namespace="argocd",dest_server="https://kubernetes.default.svc"} 1.75
argocd_app_reconcile_count{namespace="argocd",dest_server="https://kubernetes.default.svc"} 2
)");
}

TEST_CASE("an application that cannot be compared is Unknown, with the condition that says so; one that is gone is not told") {
    Lab lab;
    lab.repo.write("shop/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [");
    lab.repo.commit("broken");
    lab.create("shop", "shop", "prod", "  info: []\n");
    app::Metrics metrics(lab.services);
    metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    const auto samples = samples_of(metrics);
    CHECK(samples.find("sync_status=\"Unknown\",health_status=\"Unknown\"") != samples.npos);
    CHECK(samples.find("argocd_app_condition{namespace=\"argocd\",name=\"shop\",condition=\"ComparisonError\"} 1\n") != samples.npos);
    metrics.keep_only({});
    CHECK(samples_of(metrics).find("argocd_app_info") == std::string::npos);
}

TEST_CASE("syncs of other processes count, each once, also over a restart of the controller") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "prod", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    const auto sync = [&] {
        lab.clock->advance(base::Duration(1000));
        REQUIRE(app::sync(lab.services, "shop", {}, {}).succeeded);
    };
    const auto counted = [&](app::Metrics& metrics) {
        metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
        const auto samples = samples_of(metrics);
        const auto at = samples.find("argocd_app_sync_total");
        if (at == samples.npos) return std::string("none");
        const auto line = samples.substr(at, samples.find('\n', at) - at);
        return line.substr(line.find("phase="));
    };
    sync();  // before anybody counts
    lab.clock->advance(base::Duration(1000));
    app::Metrics metrics(lab.services);
    CHECK(counted(metrics) == "none");
    sync();
    CHECK(counted(metrics) == "phase=\"Succeeded\",dry_run=\"false\"} 1");
    CHECK(counted(metrics) == "phase=\"Succeeded\",dry_run=\"false\"} 1");
    sync();
    CHECK(counted(metrics) == "phase=\"Succeeded\",dry_run=\"false\"} 2");
    app::Metrics after_restart(lab.services);
    CHECK(counted(after_restart) == "none");
    sync();
    app::Metrics again(lab.services);
    CHECK(counted(again) == "phase=\"Succeeded\",dry_run=\"false\"} 1");
}

TEST_CASE("nothing is kept of applications that were deleted while nobody counted, and everything of the others") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.commit("first");
    for (const std::string name : {"line", "shop"}) {
        lab.create(name, "shop", name, "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
        app::Metrics(lab.services).note(app::reconcile(lab.services, name, app::AfterFailure::hold, {}, app::AfterSync::look_again));
    }
    lab.state.delete_application("line");
    app::Metrics after_restart(lab.services);
    const auto kept = lab.state.definitions("OperationSeen");
    REQUIRE(kept.size() == 1);
    CHECK(kept.front().text_at("app") == "shop");
}

TEST_CASE("an application is told with its own namespace, the labels asked for, and objects of nobody") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "prod", "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
    auto application = lab.state.application("shop");
    application.document.at("metadata").set("namespace", "teams");
    application.document.at("metadata").set("labels", doc::read_yaml("{team: wafer, app.kubernetes.io/part-of: fab}").front());
    lab.state.put_application(application, lab.clock->now());
    auto project = sources::default_project_document();
    project.at("spec").set("orphanedResources", doc::read_yaml("{warn: true}").front());
    lab.state.put_definition("AppProject", "default", project);
    app::Metrics metrics(lab.services, {"app.kubernetes.io/part-of", "line"});
    metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    lab.cluster->apply(doc::read_yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: stray, namespace: prod}}").front(), {"kubectl"});
    metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    std::string told;
    std::istringstream lines(samples_of(metrics));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("argocd_app_labels") || line.starts_with("argocd_app_orphaned") || line.starts_with("argocd_app_condition"))
            told += line + "\n";
    CHECK(told == R"(argocd_app_condition{namespace="teams",name="shop",condition="OrphanedResourceWarning"} 1
argocd_app_labels{namespace="teams",name="shop",project="default",label_app_kubernetes_io_part_of="fab",label_line=""} 1
argocd_app_orphaned_resources_count{namespace="teams",name="shop",project="default"} 1
)");
}

TEST_CASE("clusters and looks at repositories are told") {
    Lab lab;
    lab.services.kube_version_of = [](const app::ClusterRow& row) {
        if (row.name == "prod") throw base::Error(base::Code::unavailable, "no answer");
        return std::string("v1.30.2");
    };
    lab.services.server_of = [](const app::ClusterRow&) { return std::string("https://prod.example:6443"); };
    lab.state.put_cluster({.name = "prod", .kind = "kubernetes", .context = "prod"});
    app::Metrics metrics(lab.services);
    metrics.look_at_clusters({});
    metrics.note_fetch({"https://ann:secret@git.example/shop.git", base::Duration(300)});
    metrics.note_fetch({"https://ann:secret@git.example/shop.git", base::Duration(3000), true});
    auto samples = samples_of(metrics);
    samples = samples.substr(0, samples.find("argocd_git_request_duration_seconds_bucket"));
    const auto kinds = std::to_string(lab.cluster->kinds().size());
    CHECK(samples == R"(argocd_cluster_info{server="https://kubernetes.default.svc",k8s_version="v1.30.2",name="local"} 1
argocd_cluster_info{server="https://prod.example:6443",k8s_version="",name="prod"} 1
argocd_cluster_connection_status{server="https://kubernetes.default.svc",k8s_version="v1.30.2"} 1
argocd_cluster_connection_status{server="https://prod.example:6443",k8s_version=""} 0
argocd_cluster_api_resources{server="https://kubernetes.default.svc"} )" + kinds + R"(
argocd_git_request_total{repo="https://***@git.example/shop.git",request_type="fetch"} 2
argocd_git_fetch_fail_total{repo="https://***@git.example/shop.git"} 1
)");
}

TEST_CASE("the controller tells every look at a remote repository") {
    Lab lab;
    lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
    lab.repo.commit("first");
    lab.create("shop", "shop", "prod");
    lab.create("other", "shop", "prod");
    std::vector<std::string> looked;
    app::reconcile_each(
        lab.services, app::errands_of({"shop", "other"}, {}),
        {[](const std::string&) { return app::AfterFailure::hold; }, app::AfterSync::leave,
         [&](const app::FetchReport& report) { looked.push_back(report.url + (report.failed ? " failed" : "")); }},
        [](const auto&) {}, {});
    CHECK(looked == std::vector<std::string>{lab.repo.path()});
}

TEST_CASE("an ApplicationSet is told with what became of it") {
    Lab lab;
    lab.state.put_definition("ApplicationSet", "fab", doc::read_yaml("{kind: ApplicationSet, metadata: {name: fab}}").front());
    lab.create("shop", "shop", "prod");
    auto application = lab.state.application("shop");
    application.document.at("metadata").set("ownerReferences", doc::read_yaml("[{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, name: fab, controller: true}]").front());
    lab.state.put_application(application, lab.clock->now());
    app::Metrics metrics(lab.services);
    metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    const auto samples = samples_of(metrics);
    CHECK(samples.substr(samples.find("argocd_appset")) ==
          "argocd_appset_info{namespace=\"argocd\",name=\"fab\",resource_update_status=\"Unknown\"} 1\n"
          "argocd_appset_owned_applications{namespace=\"argocd\",name=\"fab\"} 1\n");
}

TEST_CASE("label values are escaped as the text format asks for") {
    Lab lab;
    lab.create("shop", "shop", "prod");
    auto report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again);
    REQUIRE(report.status);
    report.status->application.source.repo_url = "a\"b\\c\nd";
    app::Metrics metrics(lab.services);
    metrics.note(report);
    CHECK(samples_of(metrics).find(R"(repo="a\"b\\c\nd")") != std::string::npos);
}
