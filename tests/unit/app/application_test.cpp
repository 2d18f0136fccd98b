#include <catch2/catch.hpp>

#include "core/app/application.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using namespace gitops::app;

namespace {

Application read(const std::string& text, std::vector<std::string>* warnings = nullptr) {
    std::vector<std::string> ignored;
    return read_application(doc::read_yaml_one(text), "app.yaml", warnings != nullptr ? *warnings : ignored);
}

std::string with_spec(const std::string& spec) {
    return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n" + spec;
}

struct Failure {
    std::string message, hint;
    int line = 0;
};

Failure failure_of(const std::string& text) {
    try {
        read(text);
    } catch (const base::Error& error) {
        return {error.message(), error.hint_text(), error.place().line};
    }
    return {"no error", "", 0};
}

}  // namespace

TEST_CASE("every field of Argo CD's Application that counts here is read") {
    auto application = read(with_spec(R"(
  project: fab
  source:
    repoURL: https://git.example/fab.git
    path: overlays/prod
    targetRevision: 1.2.*
    kustomize: {namePrefix: p-, images: ["web=web:2"], replicas: [{name: web, count: 3}], commonLabels: {team: yield}}
  destination: {name: east, namespace: prod}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    syncOptions: [CreateNamespace=true]
    retry: {limit: 3, backoff: {duration: 10s, factor: 3, maxDuration: 1m}}
  ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}]
  revisionHistoryLimit: 5
)"));

    CHECK(application.name == "shop");
    CHECK(application.project == "fab");
    CHECK(application.source.target_revision == "1.2.*");
    CHECK(application.source.kustomize.images == std::vector<std::string>{"web=web:2"});
    CHECK(application.source.kustomize.replicas == std::vector<std::pair<std::string, int>>{{"web", 3}});
    CHECK(application.destination.cluster == "east");
    CHECK(application.sync_policy.automated->enabled);
    CHECK(application.sync_policy.automated->prune);
    CHECK(application.sync_policy.retry->limit == 3);
    CHECK(application.sync_policy.retry->wait_before(1) == std::chrono::seconds(10));
    CHECK(application.sync_policy.retry->wait_before(2) == std::chrono::seconds(30));
    CHECK(application.sync_policy.retry->wait_before(3) == std::chrono::seconds(60));
    CHECK(application.ignore_differences[0]->pointers[0] == doc::Pointer{"spec", "replicas"});
    CHECK(application.history_limit == 5);
}

TEST_CASE("an automated block without `enabled` is on; in-cluster is the current cluster") {
    auto application = read(with_spec("  source: {repoURL: r}\n  destination: {server: https://kubernetes.default.svc}\n"
                                      "  syncPolicy: {automated: {}}\n"));
    CHECK(application.sync_policy.automated->enabled);
    CHECK(application.destination.cluster.empty());
}

TEST_CASE("what this version cannot do is refused with its place and a way out") {
    auto failure = failure_of(with_spec("  source:\n    repoURL: r\n    plugin: {name: x}\n"));
    CHECK(failure.message == "spec.source.plugin: not supported by this version of gitopsctl");
    CHECK(failure.hint == "a plugin is a program that a repository chooses, and none is started; commit what it renders and point the "
                          "application at it");
    CHECK(failure.line == 7);
    CHECK(failure_of(with_spec("  sourceHydrator: {drySource: {}}\n")).hint ==
          "render the dry source yourself, and name the branch with the result as spec.source");
    CHECK(failure_of(with_spec("  source: {repoURL: r, directory: {jsonnet: {libs: [x]}}}\n")).hint ==
          "render the jsonnet to YAML and commit the result");
}

TEST_CASE("a wrong type names the field, what was expected and what was found") {
    CHECK(failure_of(with_spec("  source: {repoURL: r, targetRevision: 1.0}\n")).message ==
          "spec.source.targetRevision: expected a string, found a number");
    CHECK(failure_of(with_spec("  source: {path: x}\n")).message == "spec.source.repoURL: a repository is required");
    CHECK(failure_of("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n").message ==
          "kind: expected an Application of argoproj.io/v1alpha1, found \"ConfigMap\"");
}

TEST_CASE("a path out of the repository and an option in the place of a revision are refused") {
    CHECK(failure_of(with_spec("  source: {repoURL: r, path: ../x}\n")).message ==
          "spec.source.path: leaves the repository");
    CHECK(failure_of(with_spec("  source: {repoURL: r, targetRevision: --upload-pack=x}\n")).message ==
          "spec.source.targetRevision: begins with '-', like an option; name a branch, a tag or a commit");
}

TEST_CASE("a repository URL with a password is refused, and the password is not told") {
    auto failure = failure_of(with_spec("  source: {repoURL: \"https://u:s3cret@git.example/x.git\"}\n"));
    CHECK(failure.message == "spec.source.repoURL: holds a password or token, which would be stored and shown");
    CHECK(failure.hint == "leave it out and register it: `gitopsctl repo add URL --token-env NAME`");
}

TEST_CASE("names are those of Kubernetes") {
    CHECK(failure_of("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ../x}\n").message ==
          "application name \"../x\" is not valid");
}

TEST_CASE("a misspelt field is told with the name that was meant") {
    std::vector<std::string> warnings;
    read(with_spec("  source: {repoURL: r}\n  syncPolicy: {automatd: {}}\n"), &warnings);
    CHECK(warnings == std::vector<std::string>{
                          "unknown field spec.syncPolicy.automatd (did you mean automated?) has no effect"});
}

TEST_CASE("several sources, a chart among them, and what Argo CD lets one say about a chart", "[sources]") {
    auto application = read(with_spec(R"(
  source: {repoURL: ignored}
  sources:
  - {repoURL: https://charts.example, chart: web, targetRevision: 15.*, name: app, helm: {
      releaseName: r, namespace: n, valueFiles: [$values/web.yaml], ignoreMissingValueFiles: true, values: "a: 1", valuesObject: {b: 2},
      parameters: [{name: x, value: "1"}, {name: y, value: "2", forceString: true}], fileParameters: [{name: f, path: f.txt}],
      passCredentials: true, skipCrds: true, skipTests: true, skipSchemaValidation: true, kubeVersion: "1.29", apiVersions: [a/v1], version: v3}}
  - {repoURL: https://git.example/config.git, targetRevision: main, ref: values}
  - {repoURL: https://git.example/mono.git, path: apps/api, targetRevision: "1.*", tagPrefix: api/, kustomize: {kubeVersion: "1.30", version: v5}}
  info: [{name: Team, value: yield}]
  destination: {namespace: prod}
  syncPolicy: {syncOptions: [CreateNamespace=true], managedNamespaceMetadata: {labels: {team: yield}}}
)"));
    REQUIRE(application.sources.size() == 3);
    CHECK(application.is_multi_source);
    CHECK(application.source.chart == "web");
    const auto& helm = application.sources[0].helm;
    CHECK(helm.values_object.find("b")->text() == "2");
    CHECK(helm.parameters == std::vector<render::HelmParameter>{{"x", "1"}, {"y", "2", render::SetAs::string}});
    CHECK(helm.file_parameters == std::vector<std::pair<std::string, std::string>>{{"f", "f.txt"}});
    CHECK((helm.pass_credentials && helm.skip_crds && helm.skip_tests && helm.skip_schema_validation && helm.ignore_missing_value_files));
    CHECK(application.sources[0].type == render::SourceType::helm);
    CHECK(application.sources[1].only_referenced());
    CHECK(application.sources[2].tag_prefix == "api/");
    CHECK(application.sources[2].kustomize.flavour.kube_version == "1.30");
    CHECK(application.info == std::vector<std::pair<std::string, std::string>>{{"Team", "yield"}});
    CHECK(application.sync_policy.namespace_metadata.labels == std::vector<std::pair<std::string, std::string>>{{"team", "yield"}});
}

TEST_CASE("sources that contradict themselves are refused", "[sources]") {
    CHECK(failure_of(with_spec("  source: {repoURL: r, path: a, chart: b}\n")).message ==
          "spec.source.chart: a source has a path in Git or a chart of a chart repository, not both");
    CHECK(failure_of(with_spec("  source: {repoURL: r, helm: {releaseName: a}, kustomize: {namePrefix: b}}\n")).message ==
          "spec.source.kustomize: a source has options of one kind, and has some of helm already");
    CHECK(failure_of(with_spec("  sources: [{repoURL: r, ref: v}, {repoURL: s, ref: v}]\n")).message ==
          "spec.sources[1].ref: two sources are called v");
    CHECK(failure_of(with_spec("  source: {repoURL: r, chart: --x}\n")).message == "spec.source.chart: is no name of a chart");
}

TEST_CASE("annotations on the application that change what is done with it", "[sources]") {
    auto application = read("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n  annotations:\n"
                            "    argocd.argoproj.io/refresh: hard\n    argocd.argoproj.io/skip-reconcile: 'true'\n"
                            "    argocd.argoproj.io/manifest-generate-paths: .;/shared\nspec: {source: {repoURL: r}}\n");
    CHECK(application.refresh == Refresh::hard);
    CHECK(application.skip_reconcile);
    CHECK(application.generate_paths == std::vector<std::string>{".", "/shared"});
}

TEST_CASE("numbers that are too small, an operation and unknown compare options are told") {
    std::vector<std::string> warnings;
    const auto application = read("apiVersion: argoproj.io/v1alpha1\nkind: Application\noperation: {sync: {prune: true}}\n"
                                  "metadata: {name: shop, annotations: {argocd.argoproj.io/compare-options: ServerSideDif=true}}\n"
                                  "spec:\n  source: {repoURL: https://git.example/fab.git, path: prod}\n  revisionHistoryLimit: -1\n"
                                  "  syncPolicy: {retry: {limit: 2, backoff: {factor: 0}}}\n", &warnings);
    CHECK(application.history_limit == 0);
    CHECK(application.sync_policy.retry->factor == 1);
    CHECK(warnings == std::vector<std::string>{"unknown compare option \"ServerSideDif=true\" does nothing; did you mean \"ServerSideDiff=true\" or \"ServerSideDiff=false\"?",
                                               "operation has no effect: `gitopsctl app sync shop` asks for a sync",
                                               "spec.syncPolicy.retry.backoff.factor: 0 counts as 1",
                                               "spec.revisionHistoryLimit: -1 counts as 0"});
}
