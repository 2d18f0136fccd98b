#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/render.hpp"

using namespace gitops;

namespace {

std::string print(const render::Rendered& rendered) {
    std::vector<doc::Value> objects;
    for (const auto& manifest : rendered.manifests) objects.push_back(manifest.object);
    return doc::write_yaml_stream(objects);
}

std::string config_map(const std::string& name, const std::string& value = "1") {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  v: \"" + value + "\"\n";
}

render::Request at(const std::string& path) {
    render::Request request;
    request.path = path;
    return request;
}

template <class Function>
base::Error error_of(Function&& function) {
    try {
        function();
    } catch (const base::Error& error) {
        return error;
    }
    FAIL("no error");
    throw;
}

using Texts = std::vector<std::string>;
using Tree = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("a plain directory gives the objects of its YAML and JSON files in order of their names") {
    base::MemoryTree tree(Tree{{"app/b.yml", config_map("b")},
                           {"app/a.json", R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}})"},
                           {"app/c.yaml", config_map("c1") + "---\n# nothing\n---\n" + config_map("c2")},
                           {"app/notes.txt", "no manifest"},
                           {"app/sub/d.yaml", config_map("d")},
                           {"other/x.yaml", config_map("x")}});
    auto rendered = render::render(tree, at("app"));
    CHECK(rendered.type == render::SourceType::directory);
    CHECK(print(rendered) == "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n---\napiVersion: v1\ndata:\n  v: \"1\"\n"
                             "kind: ConfigMap\nmetadata:\n  name: b\n---\napiVersion: v1\ndata:\n  v: \"1\"\nkind: ConfigMap\n"
                             "metadata:\n  name: c1\n---\napiVersion: v1\ndata:\n  v: \"1\"\nkind: ConfigMap\nmetadata:\n"
                             "  name: c2\n");
    CHECK(rendered.files_read == Texts{"app/a.json", "app/b.yml", "app/c.yaml"});
    CHECK(rendered.manifests[1].file == "app/b.yml");
}

TEST_CASE("recurse, include and exclude choose the files of a plain directory") {
    base::MemoryTree tree(Tree{{"app/a.yaml", config_map("a")},
                           {"app/sub/b.yaml", config_map("b")},
                           {"app/sub/deep/c.yaml", config_map("c")},
                           {"app/test/d.yaml", config_map("d")}});
    auto request = at("app");
    request.directory.recurse = true;
    CHECK(render::render(tree, request).files_read ==
          Texts{"app/a.yaml", "app/sub/b.yaml", "app/sub/deep/c.yaml", "app/test/d.yaml"});
    request.directory.exclude = "{test/*,sub/deep/*}";
    CHECK(render::render(tree, request).files_read == Texts{"app/a.yaml", "app/sub/b.yaml"});
    request.directory.include = "sub/*";
    CHECK(render::render(tree, request).files_read == Texts{"app/sub/b.yaml"});
}

TEST_CASE("a file with the skip marker is read but not rendered, and one without objects is named in a warning") {
    base::MemoryTree tree(Tree{{"a.yaml", "# +argocd:skip-file-rendering\n" + config_map("a")},
                           {"values.yaml", "replicas: 3\n"},
                           {"z.yaml", config_map("z")}});
    auto rendered = render::render(tree, at(""));
    REQUIRE(rendered.manifests.size() == 1);
    CHECK(rendered.warnings == Texts{"values.yaml holds no Kubernetes object and is left out"});
    CHECK(rendered.files_read == Texts{"a.yaml", "values.yaml", "z.yaml"});
}

TEST_CASE("a list at the top of a file is refused: its objects would look as if they had left Git") {
    const auto refusal = [](const std::string& name, const std::string& text) {
        const auto error = error_of([&] { render::render(base::MemoryTree(Tree{{name, text}}), at("")); });
        return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
    };
    CHECK(refusal("a.json", R"([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}])") ==
          "a.json:1: a manifest must be a map, found a list");
    CHECK(refusal("a.yaml", "\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n") == "a.yaml:2: a manifest must be a map, found a list");
    CHECK(render::render(base::MemoryTree(Tree{{"a.yaml", "- milk\n- bread\n"}}), at("")).warnings ==
          Texts{"a.yaml holds no Kubernetes object and is left out"});
}

TEST_CASE("lists in a plain directory are unpacked") {
    base::MemoryTree tree(Tree{{"l.yaml", "apiVersion: v1\nkind: ConfigMapList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n"
                                      "  metadata: {name: a}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: b}\n"},
                           {"n.yaml", "apiVersion: v1\nkind: List\nitems: null\n"}});
    CHECK(print(render::render(tree, at(""))) ==
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n");
}

TEST_CASE("malformed manifests are errors with file and line") {
    SECTION("no YAML") {
        base::MemoryTree tree(Tree{{"a.yaml", "apiVersion: v1\nmetadata: {name: x}\nkind: [\n"}});
        auto error = error_of([&] { render::render(tree, at("")); });
        CHECK(error.place().file == "a.yaml");
        CHECK(error.place().line >= 2);
    }
    SECTION("an object without a name") {
        base::MemoryTree tree(Tree{{"a.yaml", config_map("a") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"}});
        CHECK(error_of([&] { render::render(tree, at("")); }).place().file == "a.yaml");
    }
    SECTION("no such directory") {
        base::MemoryTree tree(Tree{{"a.yaml", config_map("a")}});
        CHECK(error_of([&] { render::render(tree, at("nope")); }).code() == base::Code::not_found);
        CHECK(error_of([&] { render::render(tree, at("../x")); }).code() == base::Code::denied);
    }
    SECTION("a Helm chart") {
        base::MemoryTree tree(Tree{{"Chart.yaml", "name: x\n"}, {"a.yaml", config_map("a")}});
        CHECK_THAT(error_of([&] { render::render(tree, at("")); }).message(), Catch::Contains("Helm chart"));
    }
}

TEST_CASE("the destination namespace goes to namespaced objects that have none and leaves cluster-scoped ones bare") {
    base::MemoryTree tree(Tree{{"a.yaml", config_map("a")},
                           {"b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: own}\n"},
                           {"c.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: c, namespace: wrong}\n"},
                           {"d.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                                      "metadata: {name: things.x.io}\nspec:\n  group: x.io\n  scope: Cluster\n"
                                      "  names: {kind: Thing, plural: things}\n  versions: [{name: v1, served: true, storage: true}]\n"},
                           {"e.yaml", "apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: e}\n"}});
    auto request = at("");
    request.destination_namespace = "prod";
    auto rendered = render::render(tree, request);
    Texts namespaces;
    for (const auto& manifest : rendered.manifests) namespaces.emplace_back(kube::namespace_of(manifest.object));
    CHECK(namespaces == Texts{"prod", "own", "", "", ""});
}

TEST_CASE("two objects with one identity are refused, with both places") {
    base::MemoryTree tree(Tree{{"a.yaml", config_map("same", "old")}, {"b.yaml", config_map("same", "new")}});
    auto error = error_of([&] { render::render(tree, at("")); });
    CHECK(error.message() == "ConfigMap same is defined twice: first at a.yaml:1");
    CHECK(error.place().file == "b.yaml");
}

TEST_CASE("kustomize options on a plain directory work as if a kustomization listed its files") {
    base::MemoryTree tree(Tree{{"app/a.yaml", config_map("a")}, {"app/b.yaml", "# +argocd:skip-file-rendering\n"}});
    auto request = at("app");
    request.kustomize.name_prefix = "p-";
    request.kustomize.common_labels = {{"team", "core"}};
    auto rendered = render::render(tree, request);
    CHECK(print(rendered) == "apiVersion: v1\ndata:\n  v: \"1\"\nkind: ConfigMap\nmetadata:\n  labels:\n    team: core\n  name: p-a\n");
    CHECK(rendered.files_read == Texts{"app/a.yaml", "app/b.yaml"});
}

TEST_CASE("an application's kustomize options are laid over the root kustomization only") {
    std::string deployment =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  template:\n    spec:\n"
        "      containers:\n      - {name: main, image: \"nginx:1\"}\n      - {name: side, image: \"repo/side:1\"}\n";
    base::MemoryTree tree(Tree{{"base/kustomization.yaml", "resources: [d.yaml]\nnamePrefix: b-\n"},
                           {"base/d.yaml", deployment},
                           {"o/kustomization.yaml", "resources: [../base]\nnamePrefix: lost-\nimages:\n- {name: nginx, newTag: \"2\"}\n"}});
    auto request = at("o");
    auto& options = request.kustomize;
    options.name_prefix = "p-";
    options.ns = "team";
    options.images = {"nginx=mirror/nginx:3", "repo/side@sha256:ab"};
    options.replicas = {{"web", 5}};
    options.common_annotations = {{"who", "me"}};
    options.patches = doc::read_yaml_one(
        "- target: {kind: Deployment}\n  patch: |-\n    - {op: add, path: /spec/paused, value: true}\n");
    auto rendered = render::render(tree, request);
    CHECK(rendered.type == render::SourceType::kustomize);
    CHECK(print(rendered) ==
          "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    who: me\n  name: p-b-web\n  namespace: team\n"
          "spec:\n  paused: true\n  replicas: 5\n  template:\n    metadata:\n      annotations:\n        who: me\n    spec:\n"
          "      containers:\n      - image: mirror/nginx:3\n        name: main\n      - image: repo/side@sha256:ab\n        name: side\n");
    CHECK(rendered.files_read == Texts{"base/d.yaml", "base/kustomization.yaml", "o/kustomization.yaml"});
}

TEST_CASE("labels of an application: with selectors, without, forced") {
    base::MemoryTree tree(Tree{{"kustomization.yaml", "resources: [s.yaml]\ncommonLabels: {a: old}\n"},
                           {"s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {x: y}}\n"}});
    auto request = at("");
    request.kustomize.common_labels = {{"a", "new"}};
    CHECK_THAT(error_of([&] { render::render(tree, request); }).message(), Catch::Contains("label a already in kustomization file"));
    request.kustomize.force_common_labels = true;
    CHECK(print(render::render(tree, request)) ==
          "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    a: new\n  name: s\nspec:\n  selector:\n    a: new\n    x: \"y\"\n");
    request.kustomize.common_labels = {{"b", "1"}};
    request.kustomize.label_without_selector = true;
    CHECK(print(render::render(tree, request)) ==
          "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    a: old\n    b: \"1\"\n  name: s\nspec:\n  selector:\n    a: old\n"
          "    x: \"y\"\n");
}

TEST_CASE("components of an application can be missing when that is allowed") {
    base::MemoryTree tree(Tree{{"o/kustomization.yaml", "resources: [c.yaml]\n"},
                           {"o/c.yaml", config_map("c")},
                           {"comp/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -x\n"}});
    auto request = at("o");
    request.kustomize.components = {"../comp", "../gone"};
    CHECK(error_of([&] { render::render(tree, request); }).code() == base::Code::not_found);
    request.kustomize.ignore_missing_components = true;
    CHECK(render::render(tree, request).manifests[0].object.path("metadata", "name")->text() == "c-x");
}

TEST_CASE("detect tells the three kinds of source apart") {
    base::MemoryTree tree(Tree{{"h/Chart.yaml", "a: b\n"}, {"k/Kustomization", "namePrefix: a\n"}, {"d/a.yaml", "a: b\n"}});
    CHECK(render::detect(tree, "h") == render::SourceType::helm);
    CHECK(render::detect(tree, "k") == render::SourceType::kustomize);
    CHECK(render::detect(tree, "d") == render::SourceType::directory);
}
