#include <catch2/catch.hpp>

#include "core/app/controller/controller.hpp"
#include "core/app/controller/metrics.hpp"
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
    app::Metrics metrics;
    auto report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {});
    REQUIRE(report.operation);
    report.took = base::Duration(1500);
    report.operation->took = base::Duration(250);
    metrics.note(report);
    report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {});
    report.took = base::Duration(250);
    metrics.note(report);
    CHECK(replaced(samples_of(metrics), lab.repo.path(), "REPO") ==
          R"(argocd_app_info{namespace="gitopsctl",name="shop",project="default",autosync_enabled="true",repo="REPO",dest_server="local",dest_namespace="prod",sync_status="Synced",health_status="Healthy",operation=""} 1
argocd_app_sync_total{namespace="gitopsctl",name="shop",project="default",dest_server="local",phase="Succeeded",dry_run="false"} 1
argocd_app_sync_duration_seconds_total{namespace="gitopsctl",name="shop",dest_server="local"} 0.25
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="0.25"} 1
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="0.5"} 1
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="1"} 1
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="2"} 2
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="4"} 2
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="8"} 2
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="16"} 2
argocd_app_reconcile_bucket{namespace="gitopsctl",dest_server="local",le="+Inf"} 2
argocd_app_reconcile_sum{namespace="gitopsctl",dest_server="local"} 1.75
argocd_app_reconcile_count{namespace="gitopsctl",dest_server="local"} 2
)");
}

TEST_CASE("an application that cannot be compared is Unknown, with the condition that says so; one that is gone is not told") {
    Lab lab;
    lab.repo.write("shop/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [");
    lab.repo.commit("broken");
    lab.create("shop", "shop", "prod", "  info: []\n");
    app::Metrics metrics;
    metrics.note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}));
    const auto samples = samples_of(metrics);
    CHECK(samples.find("sync_status=\"Unknown\",health_status=\"Unknown\"") != samples.npos);
    CHECK(samples.find("argocd_app_condition{namespace=\"gitopsctl\",name=\"shop\",condition=\"ComparisonError\"} 1\n") != samples.npos);
    metrics.keep_only({});
    CHECK(samples_of(metrics).find("argocd_app_info") == std::string::npos);
}

TEST_CASE("label values are escaped as the text format asks for") {
    Lab lab;
    lab.create("shop", "shop", "prod");
    auto report = app::reconcile(lab.services, "shop", app::AfterFailure::hold, {});
    REQUIRE(report.status);
    report.status->application.source.repo_url = "a\"b\\c\nd";
    app::Metrics metrics;
    metrics.note(report);
    CHECK(samples_of(metrics).find(R"(repo="a\"b\\c\nd")") != std::string::npos);
}
