#include <chrono>

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/render/kustomize.hpp"

using namespace gitops;

namespace {

using Texts = std::vector<std::string>;
using Tree = std::map<std::string, std::string>;

constexpr const char* k_map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n";

base::Error error_of(Tree files, const std::string& path = "") {
    base::MemoryTree tree(std::move(files));
    try {
        render::build(tree, path, {});
    } catch (const base::Error& error) {
        return error;
    }
    FAIL("no error");
    throw;
}

}  // namespace

TEST_CASE("an unknown field is named with its line and a near name") {
    auto error = error_of({{"kustomization.yaml", "resources: []\nnamePrefx: a-\n"}});
    CHECK(error.message() == "json: unknown field \"namePrefx\"");
    CHECK(error.place().file == "kustomization.yaml");
    CHECK(error.place().line == 2);
    REQUIRE_FALSE(error.suggestions().empty());
    CHECK(error.suggestions().front() == "namePrefix");
}

TEST_CASE("an unknown field inside an entry is found, too") {
    auto error = error_of({{"kustomization.yaml", "images:\n- name: a\n  newtag: b\n  newTga: c\n"}});
    CHECK(error.message() == "json: unknown field \"newTga\"");
    CHECK(error.place().line == 4);
}

TEST_CASE("a wrong type is named with its field, line and a hint") {
    auto error = error_of({{"kustomization.yaml", "images:\n- name: a\n  newTag: 1.0\n"}});
    CHECK(error.message() == "json: cannot unmarshal number into Go struct field Image.images.newTag of type string");
    CHECK(error.place().line == 3);
    CHECK_THAT(error.hint_text(), Catch::Contains("quotes"));
}

TEST_CASE("a missing resource is named with near names") {
    auto error = error_of({{"kustomization.yaml", "resources: [deploymnt.yaml]\n"}, {"deployment.yaml", k_map}});
    CHECK(error.code() == base::Code::not_found);
    CHECK(error.suggestions() == Texts{"deployment.yaml"});
    CHECK(error.place().file == "kustomization.yaml");
}

TEST_CASE("malformed YAML in a resource keeps its own place") {
    auto error = error_of({{"o/kustomization.yaml", "resources: [../b]\n"},
                           {"b/kustomization.yaml", "resources: [m.yaml]\n"},
                           {"b/m.yaml", "apiVersion: v1\nkind: x: y\n"}},
                          "o");
    CHECK(error.place().file == "b/m.yaml");
    CHECK(error.place().line == 2);
}

TEST_CASE("remote bases and files are refused with their address") {
    for (const std::string name : {"https://example.com/x//y?ref=v1", "git@example.com:a/b", "github.com/a/b"}) {
        auto error = error_of({{"kustomization.yaml", "resources: ['" + name + "']\n"}});
        CHECK(error.code() == base::Code::unavailable);
        CHECK_THAT(error.message(), Catch::Contains("not fetched"));
    }
}

TEST_CASE("a base that contains its overlay, or itself, is a cycle") {
    CHECK_THAT(error_of({{"a/kustomization.yaml", "resources: [..]\n"}, {"kustomization.yaml", "namePrefix: a\n"}}, "a").message(),
               Catch::Contains("cycle detected"));
    CHECK_THAT(error_of({{"a/kustomization.yaml", "resources: [.]\n"}}, "a").message(), Catch::Contains("cycle detected"));
}

TEST_CASE("paths that leave the root of the source are refused") {
    CHECK(error_of({{"a/kustomization.yaml", "resources: [../../../etc/passwd]\n"}}, "a").code() != base::Code::internal);
    CHECK(error_of({{"a/kustomization.yaml", "configMapGenerator: [{name: x, files: [/proc/self/environ]}]\n"}}, "a").code() !=
          base::Code::internal);
}

TEST_CASE("a long chain of components ends with an error, not with the stack") {
    Tree files{{"start/kustomization.yaml", "components: [../c0]\n"}};
    for (int i = 0; i < 400; ++i)
        files["c" + std::to_string(i) + "/kustomization.yaml"] =
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../c" + std::to_string(i + 1) + "]\n";
    CHECK_THAT(error_of(files, "start").message(), Catch::Contains("nested more than"));
}

TEST_CASE("regular expressions cannot take long, and broken ones are named") {
    base::MemoryTree tree({{"kustomization.yaml", "resources: [m.yaml]\nimages: [{name: \"(a*)*(a*)*b\", newTag: x}]\n"
                                                  "patches:\n- target: {name: \"(x+x+)+y\"}\n  patch: '[{\"op\": \"remove\", \"path\": \"/a\"}]'\n"},
                           {"m.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: " + std::string(40, 'x') +
                                          "}\nspec: {containers: [{image: " + std::string(5000, 'a') + "}]}\n"}});
    auto start = std::chrono::steady_clock::now();
    CHECK(render::build(tree, "", {}).manifests.size() == 1);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
    CHECK_THAT(error_of({{"kustomization.yaml", "resources: [m.yaml]\nimages: [{name: \"a(\", newTag: x}]\n"}, {"m.yaml", k_map}}).message(),
               Catch::Contains("a("));
}

TEST_CASE("deprecated fields warn once per file, in kustomize's words") {
    base::MemoryTree tree({{"b/kustomization.yaml", "commonLabels: {a: b}\nnamePrefix: x\n"},
                           {"o/kustomization.yaml", "bases: [../b]\nimageTags: []\n"}});
    CHECK(render::build(tree, "o", {}).warnings ==
          Texts{"# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit fix' to update your "
                "Kustomization automatically.",
                "# Warning: 'imageTags' is deprecated. Please use 'images' instead. Run 'kustomize edit fix' to update your "
                "Kustomization automatically.",
                "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your "
                "Kustomization automatically."});
}

TEST_CASE("files_read names every file of the build exactly") {
    base::MemoryTree tree({{"b/kustomization.yaml", "resources: [m.yaml]\n"},
                           {"b/m.yaml", k_map},
                           {"b/unused.yaml", k_map},
                           {"o/kustomization.yaml", "resources: [../b]\npatches: [{path: p.yaml}]\nconfigMapGenerator:\n"
                                                    "- {name: g, envs: [e.env], files: [f.txt]}\n"},
                           {"o/p.yaml", std::string(k_map) + "data: {a: b}\n"},
                           {"o/e.env", "A=b\n"},
                           {"o/f.txt", "x"}});
    CHECK(render::build(tree, "o", {}).files_read ==
          Texts{"b/kustomization.yaml", "b/m.yaml", "o/e.env", "o/f.txt", "o/kustomization.yaml", "o/p.yaml"});
}

TEST_CASE("an overlay over a thousand services takes no longer than it should") {
    std::string resources;
    for (int i = 0; i < 1000; ++i) {
        std::string n = std::to_string(i);
        resources += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c" + n + "}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p" + n +
                     "}\nspec: {containers: [{name: a, envFrom: [{configMapRef: {name: c" + n + "}}]}]}\n---\n";
    }
    base::MemoryTree tree({{"b/kustomization.yaml", "resources: [m.yaml]\n"},
                           {"b/m.yaml", resources},
                           {"o/kustomization.yaml", "resources: [../b]\nnamePrefix: x-\nnamespace: ns\ncommonLabels: {a: b}\n"}});
    auto start = std::chrono::steady_clock::now();
    auto built = render::build(tree, "o", {});
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    REQUIRE(built.manifests.size() == 2000);
    CHECK(built.manifests[1000].object.path("spec", "containers")->items()[0].find("envFrom")->items()[0].path("configMapRef", "name")->text() ==
          "x-c0");
}
