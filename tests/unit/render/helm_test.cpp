// Charts: which files helm is given, how it is called, and what becomes of what it prints.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/helm_files.hpp"
#include "core/render/helm_template.hpp"
#include "core/render/remote.hpp"
#include "core/render/render.hpp"

using namespace gitops;

namespace {

using Tree = std::map<std::string, std::string>;

/// Prints a fixed answer and keeps what it was asked.
class RecordingHelm final : public render::Helm {
  public:
    std::string answer;
    std::vector<render::HelmRun> runs;

    std::string run(const render::HelmRun& run) override {
        runs.push_back(run);
        return answer;
    }
    render::PulledChart pull(const render::ChartRequest& request) override {
        throw base::Error(base::Code::not_found, "no chart " + request.chart);
    }
};

class OnePage final : public render::Remotes {
  public:
    std::string read(const std::string& url) override { return "from: " + url + "\n"; }
    std::shared_ptr<const base::FileTree> tree(const render::RemoteBase& base) override {
        throw base::Error(base::Code::unavailable, "no repository " + base.text());
    }
};

const Tree k_chart{{"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                   {"web/values.yaml", "replicas: 1\n"},
                   {"web/templates/web.yaml", "kind: {{ .Values.kind }}\n"},
                   {"web/env/a.yaml", "a: 1\n"},
                   {"web/env/b.yaml", "b: 1\n"},
                   {"web/env/c.yaml", "c: 1\n"},
                   {"common.yaml", "common: 1\n"},
                   {"secret/key", "not of the chart"}};

const render::Environment k_environment{{"ARGOCD_APP_NAME", "shop"}, {"ARGOCD_APP_REVISION_SHORT", "1a2b3c4"}};

/// The call, one argument a line, and behind it the files that are not the chart's own.
std::string call(const std::string& options, const Tree& files = k_chart, const render::ReferencedTrees& refs = {}) {
    const base::MemoryTree tree(files);
    const doc::Value document = doc::read_yaml_one(options);
    render::HelmOptions helm;
    auto texts = [&](const char* key) {
        std::vector<std::string> list;
        if (const auto* items = document.find(key))
            for (const auto& item : items->items()) list.emplace_back(item.text());
        return list;
    };
    helm.value_files = texts("valueFiles");
    helm.api_versions = texts("apiVersions");
    helm.values = document.text_at("values");
    if (const auto* object = document.find("valuesObject")) helm.values_object = *object;
    for (const auto& item : texts("set")) helm.parameters.push_back({item.substr(0, item.find('=')), item.substr(item.find('=') + 1)});
    for (const auto& item : texts("setString"))
        helm.parameters.push_back({item.substr(0, item.find('=')), item.substr(item.find('=') + 1), render::SetAs::string});
    for (const auto& item : texts("setFile")) helm.file_parameters.emplace_back(item.substr(0, item.find('=')), item.substr(item.find('=') + 1));
    helm.ignore_missing_value_files = document.has("ignoreMissing");
    helm.skip_crds = document.has("skipCrds");
    helm.skip_tests = document.has("skipTests");
    helm.skip_schema_validation = document.has("skipSchemaValidation");
    helm.release_name = document.text_at("releaseName");
    helm.ns = document.text_at("namespace");
    helm.kube_version = document.text_at("kubeVersion");
    OnePage page;
    try {
        const auto run = render::template_run({tree, "web", refs, k_environment, &page}, {"shop", "prod", helm});
        std::string text = run.folder + "\n";
        for (const auto& argument : run.arguments) text += argument + "\n";
        for (const auto& [path, content] : run.files)
            if (!path.starts_with("chart/")) text += path + ": " + content + (content.ends_with('\n') ? "" : "\n");
        return text;
    } catch (const base::Error& error) {
        return error.message() + "\n";
    }
}

const std::string k_start = "chart/web\ntemplate\n.\n--name-template\nshop\n--namespace=prod\n";

}  // namespace

TEST_CASE("helm is called as Argo CD calls it", "[helm]") {
    CHECK(call("{}") == k_start + "--include-crds\n");
    CHECK(call("{releaseName: web-1, namespace: other, kubeVersion: 1.29.0, apiVersions: [a/v1, b/v2/C], skipCrds: 1, skipTests: 1, "
               "skipSchemaValidation: 1}") ==
          "chart/web\ntemplate\n.\n--name-template\nweb-1\n--namespace=other\n--kube-version=1.29.0\n--api-versions=a/v1\n"
          "--api-versions=b/v2/C\n--skip-tests\n--skip-schema-validation\n");
}

TEST_CASE("values: files in their order, then values, then parameters", "[helm]") {
    CHECK(call("{valueFiles: [env/b.yaml, /common.yaml, ../common.yaml], values: 'x: 1'}") ==
          k_start + "--values=../../values/1.yaml\n--values=../../values/2.yaml\n--values=../../values/3.yaml\n--values=../../values/4.yaml\n"
                    "--include-crds\nvalues/1.yaml: b: 1\nvalues/2.yaml: common: 1\nvalues/3.yaml: common: 1\nvalues/4.yaml: x: 1\n");
    CHECK(call("{values: 'x: 1', valuesObject: {b: 2}}") == k_start + "--values=../../values/1.yaml\n--include-crds\nvalues/1.yaml: b: 2\n");
    CHECK(call("{set: ['a=1', 'list=x,y', 'array={x,y}', 'a=2', 'tag=$ARGOCD_APP_REVISION_SHORT', 'cost=5$$', 'done=x\\,y'], setString: ['a=3'], "
               "setFile: [conf=env/c.yaml]}") ==
          k_start + "--set=list=x\\,y\n--set=array={x,y}\n--set=a=2\n--set=tag=1a2b3c4\n--set=cost=5$\n--set=done=x\\,y\n--set-string=a=3\n"
                    "--set-file=conf=../../values/1.txt\n--include-crds\nvalues/1.txt: c: 1\n");
}

TEST_CASE("a glob opens where it stands; what is named by itself keeps its own place", "[helm]") {
    CHECK(call("{valueFiles: ['env/*.yaml', env/a.yaml, '/**/b.yaml']}") ==
          k_start + "--values=../../values/1.yaml\n--values=../../values/2.yaml\n--values=../../values/3.yaml\n--include-crds\n"
                    "values/1.yaml: b: 1\nvalues/2.yaml: c: 1\nvalues/3.yaml: a: 1\n");
    CHECK(call("{valueFiles: ['none/*.yaml']}") == "there is no values file 'none/*.yaml'\n");
}

TEST_CASE("values from another source, from the web, and from nowhere", "[helm]") {
    const render::ReferencedTrees refs{{"config", std::make_shared<base::MemoryTree>(Tree{{"shop.yaml", "own: 1\n"}, {"shop/x.yaml", "x: 1\n"}})}};
    CHECK(call("{valueFiles: [$config/shop.yaml, '$config/$ARGOCD_APP_NAME/*.yaml', 'https://example.com/$ARGOCD_APP_NAME.yaml']}", k_chart, refs) ==
          k_start + "--values=../../values/1.yaml\n--values=../../values/2.yaml\n--values=../../values/3.yaml\n--include-crds\n"
                    "values/1.yaml: own: 1\nvalues/2.yaml: x: 1\nvalues/3.yaml: from: https://example.com/shop.yaml\n");
    CHECK(call("{valueFiles: [$nope/common.yaml]}", k_chart, refs) ==
          "'$nope/common.yaml' begins with $nope, which no source has as its ref\n");
    CHECK(call("{valueFiles: [$config/../../x]}", k_chart, refs) == "the values file '$config/../../x' lies outside of the repository\n");
    CHECK(call("{valueFiles: [missing.yaml]}") == "there is no values file 'missing.yaml'\n");
    CHECK(call("{valueFiles: [missing.yaml], ignoreMissing: 1}") == k_start + "--include-crds\n");
    CHECK(call("{valueFiles: [../../etc/passwd]}") == "the values file '../../etc/passwd' lies outside of the repository\n");
    CHECK(call("{valueFiles: ['s3://bucket/x.yaml']}") == "'s3://bucket/x.yaml' is no address that values are read from\n");
}

TEST_CASE("a chart's files are its folder and the charts beside it that it depends on", "[helm]") {
    Tree files = k_chart;
    files["web/requirements.yaml"] =
        "dependencies:\n- {name: lib, repository: 'file://../lib'}\n- {name: db, repository: 'https://charts.example.com'}\n"
        "- {name: cache, repository: 'https://charts.example.com'}\n- {name: mq, version: 1.0.0, repository: 'oci://registry.example.com/x'}\n";
    files["lib/Chart.yaml"] = "name: lib\n";
    files["web/charts/cache/Chart.yaml"] = "name: cache\n";
    files["web/charts/mq-1.0.0.tgz"] = "...";
    const auto chart = render::gather_chart(base::MemoryTree(files), "web");
    std::string names;
    for (const auto& [path, text] : chart.files) names += path + " ";
    CHECK(names == "lib/Chart.yaml web/Chart.yaml web/charts/cache/Chart.yaml web/charts/mq-1.0.0.tgz web/env/a.yaml web/env/b.yaml "
                   "web/env/c.yaml web/requirements.yaml web/templates/web.yaml web/values.yaml ");
    CHECK(chart.repositories == std::vector<std::string>{"https://charts.example.com"});
    CHECK(chart.lacks_dependencies);
}

TEST_CASE("a dependency that would start a plugin of helm, or leaves the repository, is refused", "[helm]") {
    const auto refusal = [](const std::string& repository) -> std::string {
        try {
            render::gather_chart(base::MemoryTree(Tree{{"Chart.yaml", "name: web\ndependencies:\n- {name: db, repository: '" + repository + "'}\n"}}), "");
        } catch (const base::Error& error) {
            return error.message() + " at " + error.place().file + ":" + std::to_string(error.place().line);
        }
        return "taken";
    };
    CHECK(refusal("s3://bucket") == "the dependency's repository \"s3://bucket\" is none that charts are fetched from at Chart.yaml:3");
    CHECK(refusal("file://../../x") == "the dependency file://../../x lies outside of the repository at Chart.yaml:3");
}

TEST_CASE("what helm prints becomes the application's objects", "[helm]") {
    RecordingHelm helm;
    helm.answer =
        "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: \"yes\"}\n"
        "---\n# Source: web/templates/job.yaml\napiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: smoke-\n"
        "  annotations: {helm.sh/hook: post-install}\n---\n# only a comment\n";
    render::Request request;
    request.path = "web";
    request.release_name = "shop";
    request.destination_namespace = "prod";
    request.ports.helm = &helm;
    const auto rendered = render::render(base::MemoryTree(k_chart), request);
    std::vector<doc::Value> objects;
    for (const auto& manifest : rendered.manifests) objects.push_back(manifest.object);
    CHECK(doc::write_yaml_stream(objects) ==
          "apiVersion: v1\ndata:\n  v: \"yes\"\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: prod\n"
          "---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations:\n    helm.sh/hook: post-install\n  generateName: smoke-\n"
          "  namespace: prod\n");
    CHECK(rendered.type == render::SourceType::helm);
    CHECK(rendered.files_read == std::vector<std::string>{"web/Chart.yaml", "web/env/a.yaml", "web/env/b.yaml", "web/env/c.yaml",
                                                          "web/templates/web.yaml", "web/values.yaml"});
}

TEST_CASE("the build environment is that of Argo CD, and of nothing else", "[helm]") {
    const auto text = [](const char* in) { return render::substitute(in, k_environment); };
    CHECK(text("$ARGOCD_APP_NAME-${ARGOCD_APP_NAME}.x") == "shop-shop.x");
    CHECK(text("a$$b $HOME ${HOME} $1 $") == "a$b    $");
    CHECK(text("${ARGOCD_APP_NAME") == "ARGOCD_APP_NAME");
    CHECK(text("5$ and $$ARGOCD_APP_NAME") == "5$ and $ARGOCD_APP_NAME");
}

TEST_CASE("of two objects with one identity the last one counts where Argo CD is followed", "[helm]") {
    const base::MemoryTree tree(Tree{{"a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {v: '1'}\n"},
                                     {"b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {v: '2'}\n"}});
    render::Request request;
    request.repeated = render::Repeated::last_wins;
    const auto rendered = render::render(tree, request);
    REQUIRE(rendered.manifests.size() == 1);
    CHECK(rendered.manifests[0].object.path("data", "v")->text() == "2");
    CHECK(rendered.repeated == std::vector<std::string>{"ConfigMap x appears 2 times; the last one counts: b.yaml:1"});
}

TEST_CASE("a file that is no YAML is left out unless it means an object", "[helm]") {
    render::Request request;
    const auto rendered = render::render(base::MemoryTree(Tree{{"notes.yaml", "a: [1\nb: }{\n"}}), request);
    CHECK(rendered.warnings == std::vector<std::string>{"notes.yaml is no YAML and is left out"});
    CHECK_THROWS_AS(render::render(base::MemoryTree(Tree{{"x.yaml", "apiVersion: v1\nkind: X\nmetadata: {name: [\n"}}), request), base::Error);
}

TEST_CASE("images and annotations of a kustomize source know the build environment", "[helm]") {
    render::Request request;
    request.environment = k_environment;
    request.kustomize.images = {"web=registry/web:$ARGOCD_APP_REVISION_SHORT"};
    request.kustomize.common_annotations = {{"app", "$ARGOCD_APP_NAME"}};
    request.kustomize.components = {"missing"};
    request.kustomize.ignore_missing_components = true;
    const Tree files{{"kustomization.yaml", "resources: [a.yaml]\n"},
                     {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: web}]}\n"}};
    const auto shown = [&] { return doc::write_yaml(render::render(base::MemoryTree(files), request).manifests.at(0).object); };
    const std::string rest = "\n  name: a\nspec:\n  containers:\n  - image: registry/web:1a2b3c4\n    name: a\n";
    CHECK(shown() == "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    app: $ARGOCD_APP_NAME" + rest);
    request.kustomize.substitutes_annotations = true;
    CHECK(shown() == "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    app: shop" + rest);
}
