// From several sources, charts and overrides to manifests, revisions and what status says of them.
#include "core/app/source/rendering.hpp"

#include <catch2/catch.hpp>

#include "core/app/controller/controller.hpp"
#include "core/app/source/render_cache.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/app/rollback.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

/// Charts of one repository; "renders" a ConfigMap whose value is the call.
class FakeHelm final : public render::Helm {
  public:
    std::string newest = "1.1.0";
    std::vector<std::string> pulled;
    std::string kube_version;  ///< of the last run, "" when helm was left its own
    int runs = 0;

    std::string run(const render::HelmRun& run) override {
        ++runs;
        kube_version.clear();
        for (const auto& argument : run.arguments)
            if (argument.starts_with("--kube-version=")) kube_version = argument.substr(argument.find('=') + 1);
        std::string values;
        for (const auto& [path, text] : run.files)
            if (path.starts_with("values/")) values += text.substr(0, text.find('\n')) + ";";
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-chart}\ndata: {value: '" + values + "'}\n";
    }
    render::PulledChart pull(const render::ChartRequest& request) override {
        pulled.push_back(request.chart + "@" + request.version);
        const std::string version = request.version.empty() || request.version.find('*') != std::string::npos ? newest : request.version;
        return {version, std::make_shared<base::MemoryTree>(std::map<std::string, std::string>{{"Chart.yaml", "name: web\nversion: " + version + "\n"}})};
    }
};

class FakeMeans final : public RenderMeans {
  public:
    explicit FakeMeans(FakeHelm& helm) : m_helm(helm) {}
    render::Ports ports() override {
        render::Ports ports;
        ports.helm = &m_helm;
        return ports;
    }

  private:
    FakeHelm& m_helm;
};

struct Shop : Lab {
    FakeHelm helm;

    Shop() {
        services.render_means = [this](Fetch, Origin) { return std::make_unique<FakeMeans>(helm); };
    }

    /// An application of a chart, values for it in Git, and a folder of Git.
    void create_three(const std::string& spec = {}) {
        const std::string text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  sources:\n"
                                 "  - {repoURL: https://charts.example, chart: web, targetRevision: 1.*, helm: {valueFiles: [$config/web.yaml]}}\n"
                                 "  - {repoURL: \"" + repo.path() + "\", targetRevision: main, ref: config}\n"
                                 "  - {repoURL: \"" + repo.path() + "\", targetRevision: main, path: prod, name: objects}\n"
                                 "  destination: {namespace: shop}\n  syncPolicy: {syncOptions: [CreateNamespace=true]}\n" + spec;
        std::vector<std::string> warnings;
        state.put_application(read_application(doc::read_yaml_one(text), "app.yaml", warnings), clock->now());
    }

    std::string live_value(const std::string& name) const { return live("v1 ConfigMap shop/" + name, "/data/value"); }
};

}  // namespace

TEST_CASE("several sources: values of one for the chart of another, objects of all, a revision of each", "[sources]") {
    Shop lab;
    const auto sha = lab.repo.commit({{"web.yaml", "replicas: 2\n"}, {"prod/cm.yaml", config_map("plain", "one")}});
    lab.create_three();

    const auto report = sync(lab.services, "shop", {}, {});

    CHECK(report.succeeded);
    CHECK(report.revision.sha == "1.1.0," + sha + "," + sha);
    CHECK(lab.live_value("from-chart") == "replicas: 2;");
    CHECK(lab.live_value("plain") == "one");
    const auto status = status_of(lab.services, application_of(lab.services, "shop"), Fetch::cached);
    CHECK(status.sync == SyncStatus::synced);
    const auto value = to_value(status);
    CHECK(doc::write_json(*value.find("sources")) ==
          R"([{"repoURL":"https://charts.example","chart":"web","targetRevision":"1.*"},{"repoURL":")" + lab.repo.path() +
              R"(","path":"","targetRevision":"main","ref":"config"},{"repoURL":")" + lab.repo.path() +
              R"(","path":"prod","targetRevision":"main","name":"objects"}])");
    CHECK(doc::write_json(*value.path("sync", "revisions")) == R"(["1.1.0",")" + sha + R"(",")" + sha + R"("])");
    CHECK(short_revision(report.revision.sha) == "1.1.0, " + sha.substr(0, 7) + ", " + sha.substr(0, 7));
}

TEST_CASE("several sources go back together by a pin; a revert is refused with that way out", "[sources]") {
    Shop lab;
    lab.repo.commit({{"web.yaml", "replicas: 2\n"}, {"prod/cm.yaml", config_map("plain", "one")}});
    lab.create_three();
    sync(lab.services, "shop", {}, {});
    lab.helm.newest = "1.2.0";
    lab.repo.commit({{"web.yaml", "replicas: 3\n"}, {"prod/cm.yaml", config_map("plain", "two")}});
    sync(lab.services, "shop", {}, {});
    CHECK(lab.live_value("from-chart") == "replicas: 3;");
    lab.helm.pulled.clear();

    RollbackRequest request;
    try {
        rollback(lab.services, "shop", request, {});
        FAIL("no error");
    } catch (const base::Error& error) {
        CHECK(error.message() == "application shop has several sources: a revert cannot be committed to it");
        CHECK(error.hint_text() == "--strategy pin deploys the revisions of that time without touching Git");
    }
    request.strategy = RollbackStrategy::pin;
    CHECK(rollback(lab.services, "shop", request, {}).sync->succeeded);
    CHECK(lab.live_value("from-chart") == "replicas: 2;");
    CHECK(lab.live_value("plain") == "one");
    CHECK(lab.helm.pulled.back() == "web@1.1.0");
}

TEST_CASE("charts are rendered for the version of the destination's Kubernetes, unless the source names one", "[sources]") {
    Shop lab;
    lab.repo.commit({{"web/Chart.yaml", "name: web\nversion: 1.0.0\n"}});
    lab.create("web", "web", "shop");
    std::vector<std::string> asked;
    std::string version = "v1.30.2";
    lab.services.kube_version_of = [&](const ClusterRow& row) {
        asked.push_back(row.name);
        if (version.empty()) throw base::Error(base::Code::unavailable, "does not answer");
        return version;
    };
    const auto rendered_for = [&](const std::string& app) {
        render_sources(lab.services, application_of(lab.services, app), {});
        return lab.helm.kube_version;
    };
    CHECK(rendered_for("web") == "v1.30.2");
    version = "v1.28.4-eks-1+x";
    CHECK(rendered_for("web") == "v1.28.4-eks-1+x");
    version = "one --post-renderer=x";
    CHECK(rendered_for("web") == "");
    version = "";
    CHECK(rendered_for("web") == "");
    CHECK(asked == std::vector<std::string>(4, "local"));
    std::vector<std::string> warnings;
    auto document = application_of(lab.services, "web").document;
    document.at("spec").at("source").set("helm", doc::Value::map({{"kubeVersion", "1.29.0"}}));
    lab.state.put_application(read_application(document, "app.yaml", warnings), lab.clock->now());
    CHECK(rendered_for("web") == "1.29.0");
    CHECK(asked.size() == 4);
}

TEST_CASE("one revision for several sources is refused", "[sources]") {
    Shop lab;
    lab.repo.commit({{"web.yaml", "replicas: 2\n"}, {"prod/cm.yaml", config_map("plain", "one")}});
    lab.create_three();
    SyncRequest request;
    request.compare.revision = "main";
    const auto report = sync(lab.services, "shop", request, {});
    CHECK(report.message == "application shop has 3 sources, and the revision names 1");
}

TEST_CASE("an object of two sources is the last one's, with a warning", "[sources]") {
    Shop lab;
    lab.repo.commit({{"web.yaml", "replicas: 2\n"}, {"prod/cm.yaml", config_map("from-chart", "of Git")}});
    lab.create_three();
    sync(lab.services, "shop", {}, {});
    CHECK(lab.live_value("from-chart") == "of Git");
    const auto status = status_of(lab.services, application_of(lab.services, "shop"), Fetch::cached);
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions[0].type + ": " + status.conditions[0].message ==
          "RepeatedResourceWarning: ConfigMap shop/from-chart appears 2 times; the last one counts: prod/cm.yaml:1");
}

TEST_CASE("override files in the path are laid over the source, the application's own last", "[sources]") {
    Shop lab;
    lab.repo.commit({{"prod/kustomization.yaml", "resources: [cm.yaml]\n"},
                     {"prod/cm.yaml", config_map("settings", "one")},
                     {"prod/.argocd-source.yaml", "path: elsewhere\nkustomize: {namePrefix: all-, nameSuffix: -x}\n"},
                     {"prod/.argocd-source-shop.yaml", "kustomize: {namePrefix: shop-}\n"}});
    lab.create("shop", "prod", "shop");
    const auto rendered = render_sources(lab.services, application_of(lab.services, "shop"), {}).rendered;
    REQUIRE(rendered.manifests.size() == 1);
    CHECK(kube::key_of(rendered.manifests[0].object).text() == "ConfigMap shop/shop-settings-x");
    CHECK(rendered.files_read == std::vector<std::string>{"prod/.argocd-source-shop.yaml", "prod/.argocd-source.yaml", "prod/cm.yaml",
                                                          "prod/kustomization.yaml"});
}

TEST_CASE("versions of a monorepo are looked for behind their prefix", "[sources]") {
    Shop lab;
    const auto one = lab.repo.commit({{"a/cm.yaml", config_map("x", "1")}});
    lab.repo.tag("api/1.2.0", one);
    const auto two = lab.repo.commit({{"a/cm.yaml", config_map("x", "2")}});
    lab.repo.tag("web/1.9.0", two);
    std::vector<std::string> warnings;
    const auto application = read_application(
        doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api}\nspec: {source: {repoURL: \"" +
                           lab.repo.path() + "\", path: a, targetRevision: '1.*', tagPrefix: api/}}\n"),
        "app.yaml", warnings);
    CHECK(render_sources(lab.services, application, {}).revisions.at(0).sha == one);
}

TEST_CASE("a commit outside of manifest-generate-paths renders nothing anew", "[sources]") {
    Shop lab;
    lab.repo.commit({{"web/Chart.yaml", "name: web\nversion: 1.0.0\n"}, {"README.md", "one\n"}});
    std::vector<std::string> warnings;
    const auto application = read_application(
        doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\n  annotations: "
                           "{argocd.argoproj.io/manifest-generate-paths: .}\nspec: {source: {repoURL: \"" +
                           lab.repo.path() + "\", path: web, targetRevision: main}}\n"),
        "app.yaml", warnings);
    lab.services.render_cache = std::make_shared<RenderCache>();
    render_sources(lab.services, application, {});
    const auto beside = lab.repo.commit({{"README.md", "two\n"}});
    CHECK(render_sources(lab.services, application, {}).revisions.at(0).sha == beside);
    CHECK(lab.helm.runs == 1);
    lab.repo.commit({{"web/values.yaml", "a: 1\n"}});
    render_sources(lab.services, application, {});
    CHECK(lab.helm.runs == 2);
}

TEST_CASE("managedNamespaceMetadata is applied to the namespace, and its change is a difference", "[sources]") {
    Shop lab;
    lab.repo.commit({{"prod/cm.yaml", config_map("plain", "one")}});
    const auto policy = [](const std::string& team) {
        return "  syncPolicy: {syncOptions: [CreateNamespace=true], managedNamespaceMetadata: {labels: {team: " + team + "}}}\n";
    };
    lab.create("shop", "prod", "shop", policy("yield"));
    CHECK(sync(lab.services, "shop", {}, {}).succeeded);
    CHECK(lab.live("v1 Namespace shop", "/metadata/labels/team") == "yield");
    CHECK(status_of(lab.services, application_of(lab.services, "shop"), Fetch::cached).sync == SyncStatus::synced);
    lab.create("shop", "prod", "shop", policy("test"));
    CHECK(status_of(lab.services, application_of(lab.services, "shop"), Fetch::cached).sync == SyncStatus::out_of_sync);
    CHECK(sync(lab.services, "shop", {}, {}).succeeded);
    CHECK(lab.live("v1 Namespace shop", "/metadata/labels/team") == "test");
    CHECK(status_of(lab.services, application_of(lab.services, "shop"), Fetch::cached).sync == SyncStatus::synced);
}

TEST_CASE("an application with skip-reconcile is left alone, and a refresh is served once", "[sources]") {
    Shop lab;
    lab.repo.commit({{"prod/cm.yaml", config_map("plain", "one")}});
    const auto annotated = [&](const std::string& annotation) {
        lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
        auto application = lab.state.application("shop");
        application.document.at("metadata").at("annotations").set(annotation, "true");
        lab.state.put_application(application, lab.clock->now());
    };
    annotated("argocd.argoproj.io/skip-reconcile");
    CHECK(reconcile(lab.services, "shop", AfterFailure::hold, {}).verdict.reason == "left alone: argocd.argoproj.io/skip-reconcile");
    CHECK(lab.live_value("plain").empty());
    annotated("argocd.argoproj.io/refresh");
    CHECK(reconcile(lab.services, "shop", AfterFailure::hold, {}).verdict.decision == Decision::sync);
    CHECK(lab.state.application("shop").refresh == Refresh::no);
    CHECK(lab.live_value("plain") == "one");
}
