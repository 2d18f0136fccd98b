// Where the selector of a Service is written in the files of an application, and what is edited there.
#include "core/app/progressive/selector_edit.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;

namespace {

Application application(const std::string& path) {
    std::vector<std::string> warnings;
    return read_application(doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n"
                                               "spec:\n  project: default\n  source: {repoURL: repo, path: " + path +
                                               "}\n  destination: {namespace: prod}\n"),
                            "app.yaml", warnings);
}

const kube::ResourceKey k_service{"", "Service", "prod", "web"};

std::string service(const std::string& selector) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: prod}\nspec:\n  selector: " + selector + "\n  ports: [{port: 80}]\n";
}

std::string edited(const Files& tree, const std::string& path, const std::string& wanted) {
    test::Lab lab;
    try {
        std::string text;
        for (const auto& [file, bytes] : edit_selector(lab.services, application(path), base::MemoryTree(tree), k_service, doc::read_yaml_one(wanted)))
            text += "--- " + file + "\n" + bytes;
        return text;
    } catch (const base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("the label's value is replaced where it stands, and nothing else", "[bluegreen]") {
    CHECK(edited({{"prod/all.yaml", "# version: blue\n" + service("{app: web, version: \"blue\"}  # blue or green")}}, "prod", "{app: web, version: green}") ==
          "--- prod/all.yaml\n# version: blue\n" + service("{app: web, version: \"green\"}  # blue or green"));
    CHECK(edited({{"prod/all.yaml", service("{app: web, version: green}")}}, "prod", "{app: web, version: green}").empty());
}

TEST_CASE("labels of other objects with the same value are left alone", "[bluegreen]") {
    const std::string other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: prod, labels: {version: blue}}\n";
    CHECK(edited({{"prod/a.yaml", other}, {"prod/b.yaml", service("{app: web, version: blue}")}}, "prod", "{app: web, version: green}") ==
          "--- prod/b.yaml\n" + service("{app: web, version: green}"));
}

TEST_CASE("an overlay decides over its base", "[bluegreen]") {
    const std::string kustomization = "resources: [../base]\npatches:\n- target: {kind: Service}\n  patch: |-\n    - op: replace\n"
                                      "      path: /spec/selector/version\n      value: blue\n";
    const std::string merged = "resources: [../base]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Service\n"
                               "    metadata: {name: web, namespace: prod}\n    spec: {selector: {version: blue}}  # now\n";
    const Files base{{"base/kustomization.yaml", "resources: [service.yaml]\n"}, {"base/service.yaml", service("{app: web, version: green}")}};
    auto with = [&](const std::string& text) {
        auto files = base;
        files["prod/kustomization.yaml"] = text;
        return files;
    };
    CHECK(edited(with(merged), "prod", "{app: web, version: green}") ==
          "--- prod/kustomization.yaml\nresources: [../base]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Service\n"
          "    metadata: {name: web, namespace: prod}\n    spec: {selector: {version: green}}  # now\n");
    CHECK(edited(with(kustomization), "prod", "{app: web, version: green}") ==
          "--- prod/kustomization.yaml\nresources: [../base]\npatches:\n- target: {kind: Service}\n  patch: |-\n    - op: replace\n"
          "      path: /spec/selector/version\n      value: green\n");
    // That would change more than the selector.
    CHECK(edited(with("resources: [../base]\ncommonLabels: {version: blue}\n"), "prod", "{app: web, version: green}") ==
          "no file of shop can be edited so that Service prod/web selects the other side: nothing but its selector may change by it");
    CHECK(edited(base, "base", "{app: web, version: blue}") == "--- base/service.yaml\n" + service("{app: web, version: blue}"));
}

TEST_CASE("what is no replacement of a value is refused", "[bluegreen]") {
    CHECK(edited({{"prod/a.yaml", service("{app: web, a: x}")}}, "prod", "{app: web, b: x}") ==
          "no file of shop can be edited so that Service prod/web selects the other side: its selector has no label b yet");
    CHECK(edited({{"prod/a.yaml", service("{app: web, a: x}")}}, "prod", "{app: web}") ==
          "no file of shop can be edited so that Service prod/web selects the other side: its selector has labels that the other side does not have");
    CHECK(edited({{"prod/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}}, "prod", "{app: web}") ==
          "application shop has no Service prod/web with a selector in Git");
}
