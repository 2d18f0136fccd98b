#include "core/app/edit.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

using namespace gitops;
using app::ApplicationChange;

namespace {

std::string after(const std::string& document, const ApplicationChange& change) {
    return doc::write_yaml(app::edited(doc::read_yaml_one(document), change), {.order = doc::KeyOrder::as_is});
}

const std::string k_document = R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: default
  source:
    repoURL: /repo
    path: prod
    kustomize:
      version: v5
      images:
      - web=registry.example/web:v1
      - nginx:1.27
  destination:
    server: https://kubernetes.default.svc
    namespace: prod
  syncPolicy:
    automated:
      prune: true
    syncOptions:
    - CreateNamespace=true
    - PruneLast=true
)";

}  // namespace

TEST_CASE("a new application holds what the flags name and nothing else") {
    ApplicationChange change;
    change.repo_url = "/repo";
    change.path = "prod";
    change.cluster = "local";
    change.ns = "shop";
    change.automated = true;
    change.self_heal = true;
    change.sync_options = {"CreateNamespace=true"};
    CHECK(
        doc::write_yaml(app::edited(app::new_application_document("web"), change), {.order = doc::KeyOrder::as_is}) ==
        R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: default
  source:
    repoURL: /repo
    path: prod
  destination:
    name: local
    namespace: shop
  syncPolicy:
    automated:
      selfHeal: true
    syncOptions:
    - CreateNamespace=true
)");
}

TEST_CASE("an edit keeps what it does not name, replaces by name and removes with '!'") {
    ApplicationChange change;
    change.images = {"web=registry.example/web:v2", "!nginx"};
    change.replicas = {"web=3"};
    change.cluster = "staging";
    change.automated = false;
    change.sync_options = {"!PruneLast", "Validate=false"};
    CHECK(after(k_document, change) == R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: default
  source:
    repoURL: /repo
    path: prod
    kustomize:
      version: v5
      images:
      - web=registry.example/web:v2
      replicas:
      - name: web
        count: 3
  destination:
    namespace: prod
    name: staging
  syncPolicy:
    syncOptions:
    - CreateNamespace=true
    - Validate=false
)");
}

TEST_CASE("removing the last entry removes the list, and empty text removes a field") {
    ApplicationChange change;
    change.sync_options = {"!CreateNamespace", "!PruneLast=true"};
    change.images = {"!web", "!nginx"};
    change.ns = "";
    change.labels = {"team=data", "!team"};
    const doc::Value edited = app::edited(doc::read_yaml_one(k_document), change);
    CHECK(edited.path("spec", "syncPolicy", "syncOptions") == nullptr);
    CHECK(edited.path("spec", "source", "kustomize", "images") == nullptr);
    CHECK(edited.path("spec", "destination", "namespace") == nullptr);
    CHECK(edited.path("metadata", "labels") == nullptr);
}

TEST_CASE("an image is known by its name, with a port, a tag or a digest behind it") {
    ApplicationChange change;
    change.images = {"localhost:5000/app:v1"};
    doc::Value document = app::edited(app::new_application_document("web"), change);
    change.images = {"localhost:5000/app@sha256:abc"};
    document = app::edited(document, change);
    REQUIRE(document.path("spec", "source", "kustomize", "images")->size() == 1);
    CHECK(document.path("spec", "source", "kustomize", "images")->items()[0].text() ==
          "localhost:5000/app@sha256:abc");
}

TEST_CASE("self-heal without an automated policy is refused with the flag that is missing") {
    ApplicationChange change;
    change.self_heal = true;
    try {
        app::edited(app::new_application_document("web"), change);
        FAIL("not refused");
    } catch (const base::Error& error) {
        CHECK(error.message() == "--auto-prune, --self-heal and --allow-empty need an automated sync policy");
        CHECK(error.hint_text() == "add --sync-policy automated");
    }
}

TEST_CASE("malformed entries are refused by name") {
    ApplicationChange change;
    change.replicas = {"web=many"};
    CHECK_THROWS_WITH(app::edited(app::new_application_document("web"), change),
                      "'web=many' is not of the form NAME=COUNT");
    change.replicas = {"web=-1"};
    CHECK_THROWS_WITH(app::edited(app::new_application_document("web"), change),
                      "'web=-1' is not of the form NAME=COUNT");
    change.replicas.clear();
    change.labels = {"team"};
    CHECK_THROWS_WITH(app::edited(app::new_application_document("web"), change),
                      "'team' is not of the form KEY=VALUE");
}

TEST_CASE("two definitions are the same whatever status and server metadata say") {
    const doc::Value a = doc::read_yaml_one(k_document);
    doc::Value b = a;
    b.at("status").set("phase", "x");
    b.at("metadata").set("uid", "1");
    CHECK(app::same_definition(a, b));
    b.at("spec").set("project", "other");
    CHECK_FALSE(app::same_definition(a, b));
}
