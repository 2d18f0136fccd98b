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
    CHECK(application.ignore_differences[0].pointers[0] == doc::Pointer{"spec", "replicas"});
    CHECK(application.history_limit == 5);
}

TEST_CASE("an automated block without `enabled` is on; in-cluster is the current cluster") {
    auto application = read(with_spec("  source: {repoURL: r}\n  destination: {server: https://kubernetes.default.svc}\n"
                                      "  syncPolicy: {automated: {}}\n"));
    CHECK(application.sync_policy.automated->enabled);
    CHECK(application.destination.cluster.empty());
}

TEST_CASE("what this version cannot do is refused with its place and a way out") {
    auto failure = failure_of(with_spec("  source:\n    repoURL: r\n    helm: {releaseName: x}\n"));
    CHECK(failure.message == "spec.source.helm: not supported by this version of gitopsctl");
    CHECK(failure.hint == "commit the output of `helm template` and point the application at it");
    CHECK(failure.line == 7);
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
