// What --strict adds to kustomize's rules for lists: keys that CustomResourceDefinitions and schemas declare.
#include <catch2/catch.hpp>

#include "core/doc/yaml_write.hpp"
#include "core/render/kustomize.hpp"

using namespace gitops;

namespace {

using Tree = std::map<std::string, std::string>;

constexpr const char* k_object =
    "apiVersion: e.com/v1\nkind: Gear\nmetadata: {name: g}\nspec:\n  teeth:\n  - {id: a, size: 1}\n  - {id: b, size: 2}\n"
    "  marks: [x]\n  notes: [old]\n";
constexpr const char* k_patch =
    "apiVersion: e.com/v1\nkind: Gear\nmetadata: {name: g}\nspec:\n  teeth: [{id: b, size: 9}]\n  marks: [y]\n  notes: [new]\n";
constexpr const char* k_crd =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: gears.e.com}\nspec:\n  group: e.com\n"
    "  names: {kind: Gear, plural: gears}\n  scope: Namespaced\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n"
    "        type: object\n        properties:\n          spec:\n            properties:\n"
    "              teeth:\n                type: array\n                x-kubernetes-list-type: map\n"
    "                x-kubernetes-list-map-keys: [id]\n                items: {type: object}\n"
    "              marks: {type: array, x-kubernetes-list-type: set, items: {type: string}}\n"
    "              notes: {type: array, x-kubernetes-list-type: atomic, items: {type: string}}\n";

std::string spec_of_gear(const std::string& extra, render::Matching matching) {
    base::MemoryTree tree(Tree{{"kustomization.yaml", "resources: [g.yaml]\npatches: [{path: p.yaml}]\n" + extra},
                               {"g.yaml", k_object},
                               {"p.yaml", k_patch},
                               {"crd.yaml", k_crd},
                               {"schema.yaml",
                                "definitions:\n  Gear:\n    x-kubernetes-group-version-kind: [{group: e.com, version: v1, kind: Gear}]\n"
                                "    properties:\n      spec:\n        properties:\n          teeth: {type: array, "
                                "x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id], items: {type: object}}\n"}});
    render::BuildOptions options;
    options.matching = matching;
    for (const auto& manifest : render::build(tree, "", options).manifests)
        if (manifest.object.text_at("kind") == "Gear") return doc::write_yaml(*manifest.object.find("spec"));
    return "no gear";
}

constexpr const char* k_replaced = "marks:\n- \"y\"\nnotes:\n- new\nteeth:\n- id: b\n  size: 9\n";
constexpr const char* k_merged = "marks:\n- \"y\"\n- x\nnotes:\n- new\nteeth:\n- id: b\n  size: 9\n- id: a\n  size: 1\n";

}  // namespace

TEST_CASE("lists of custom resources are replaced, whatever their definition says") {
    CHECK(spec_of_gear("crds: [crd.yaml]\n", render::Matching::lenient) == k_replaced);
    CHECK(spec_of_gear("openapi: {path: schema.yaml}\n", render::Matching::lenient) == k_replaced);
}

TEST_CASE("a strict build merges them by the keys of a CustomResourceDefinition under crds") {
    CHECK(spec_of_gear("crds: [crd.yaml]\n", render::Matching::strict) == k_merged);
}

TEST_CASE("a strict build knows the CustomResourceDefinitions among its resources") {
    base::MemoryTree tree(Tree{{"kustomization.yaml", "resources: [crd.yaml, g.yaml]\npatches: [{path: p.yaml}]\n"},
                               {"g.yaml", k_object},
                               {"p.yaml", k_patch},
                               {"crd.yaml", k_crd}});
    render::BuildOptions options;
    options.matching = render::Matching::strict;
    auto built = render::build(tree, "", options);
    REQUIRE(built.manifests.size() == 2);
    CHECK(doc::write_yaml(*built.manifests[1].object.find("spec")) == k_merged);
}

TEST_CASE("a strict build merges by the list keys of an OpenAPI document") {
    CHECK(spec_of_gear("openapi: {path: schema.yaml}\n", render::Matching::strict) ==
          "marks:\n- \"y\"\nnotes:\n- new\nteeth:\n- id: b\n  size: 9\n- id: a\n  size: 1\n");
}
