// Small kustomizations that ask for very much: each is refused soon, with the bound in its message.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/render/kustomize.hpp"

using namespace gitops;

namespace {

using Tree = std::map<std::string, std::string>;

std::string failure(Tree files, const render::BuildOptions& options = {}) {
    base::MemoryTree tree(std::move(files));
    try {
        render::build(tree, "", options);
    } catch (const base::Error& error) {
        return error.message();
    }
    return "built";
}

/// `levels` levels of bases, each of which uses the one below twice.
Tree doubling(int levels, const std::string& object) {
    Tree files{{"l0/kustomization.yaml", "resources: [m.yaml]\n"}, {"l0/m.yaml", object}};
    for (int i = 0; i < levels; ++i) {
        std::string level = std::to_string(i);
        for (const char* side : {"a", "b"})
            files[side + level + "/kustomization.yaml"] =
                "namePrefix: " + (side + level) + "-\nresources: [../l" + level + "]\n";
        files["l" + std::to_string(i + 1) + "/kustomization.yaml"] = "resources: [../a" + level + ", ../b" + level + "]\n";
    }
    files["kustomization.yaml"] = "resources: [l" + std::to_string(levels) + "]\n";
    return files;
}

}  // namespace

TEST_CASE("bases that double at every level are entered only so often") {
    CHECK(failure(doubling(40, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n")) ==
          "the build enters more than 50000 kustomizations");
}

TEST_CASE("a gigabyte of output is refused before it is written") {
    std::string object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: " + std::string(1 << 20, 'x') + "}\n";
    CHECK(failure(doubling(10, object)) == "the build makes more than 512 MiB of output");
}

TEST_CASE("vars that multiply a long text are refused") {
    std::string args;
    for (int i = 0; i < 200; ++i) args += "$(V)";
    CHECK(failure({{"kustomization.yaml", "resources: [m.yaml]\nvars:\n- name: V\n  objref: {apiVersion: v1, kind: Pod, name: m}\n"
                                          "  fieldref: {fieldpath: metadata.labels.l}\n"},
                   {"m.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: m, labels: {l: " + std::string(1 << 20, 'y') +
                                  "}}\nspec: {containers: [{name: a, args: ['" + args + "']}]}\n"}}) ==
          "the vars make more than 64 MiB of text");
}

TEST_CASE("replacements that put a map into itself again and again are refused") {
    std::string list = "resources: [m.yaml]\nreplacements:\n";
    for (int i = 0; i < 40; ++i)
        list += "- source: {kind: Thing, fieldPath: spec}\n  targets:\n  - select: {kind: Thing}\n    fieldPaths: [spec.k" +
                std::to_string(i) + "]\n    options: {create: true}\n";
    CHECK(failure({{"kustomization.yaml", list}, {"m.yaml", "apiVersion: v1\nkind: Thing\nmetadata: {name: m}\nspec: {a: b}\n"}}) ==
          "the replacements put in more than 8000000 fields");
}

TEST_CASE("a generator keeps out of the folders it is told to") {
    render::BuildOptions options;
    options.load_restrictor = render::LoadRestrictor::none;
    options.off_limits = {"proc"};
    CHECK(failure({{"kustomization.yaml", "configMapGenerator: [{name: a, files: [/proc/self/environ]}]\n"},
                   {"proc/self/environ", "SECRET=1"}},
                  options) == "security; 'proc/self/environ' is a file of the system, not of a kustomization");
}
