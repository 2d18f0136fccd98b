// What names of remote bases mean, and builds that reach for them through a port.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/charts.hpp"
#include "core/render/kustomize.hpp"
#include "core/render/remote.hpp"

using namespace gitops;

namespace {

using Tree = std::map<std::string, std::string>;

constexpr const char* k_map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n";

std::string meaning(const std::string& url) {
    auto base = render::parse_remote_base(url);
    return base ? base->repo + " | " + base->path + " | " + base->ref : "none";
}

/// Repositories and pages by name; asking for anything else fails as an unreachable host does.
class KnownRemotes final : public render::Remotes {
  public:
    std::map<std::string, Tree> repos;
    Tree pages;
    std::vector<std::string> asked;

    std::string read(const std::string& url) override {
        asked.push_back(url);
        auto page = pages.find(url);
        if (page == pages.end()) throw base::Error(base::Code::not_found, url + ": status code 404");
        return page->second;
    }
    std::shared_ptr<const base::FileTree> tree(const render::RemoteBase& base) override {
        asked.push_back(base.text());
        auto repo = repos.find(base.repo);
        if (repo == repos.end()) throw base::Error(base::Code::unavailable, "no such host: " + base.repo);
        return std::make_shared<base::MemoryTree>(repo->second);
    }
};

/// Answers every call with what it was given.
class EchoingCharts final : public render::Charts {
  public:
    std::vector<std::string> called;

    std::string run(const render::HelmCall& call) override {
        std::string line;
        for (const auto& argument : call.arguments) line += (line.empty() ? "" : " ") + argument;
        called.push_back(line + (call.values.empty() ? "" : "\n" + call.values));
        return call.arguments.front() == "version" ? "v3.12.0+g1" : std::string("helm says hello\n---\n") + k_map;
    }
    std::string disk_path(const std::string& path) override { return "/disk/" + path; }
    std::string pulled(const std::string& path) override { return "pulled: " + path + "\n"; }
    void settle(render::HelmChart& chart, const render::HelmGlobals&) override { chart.kube_version = "1.29"; }
};

std::string built(const Tree& files, const render::BuildOptions& options, const std::string& path = "") {
    base::MemoryTree tree(files);
    std::vector<doc::Value> objects;
    for (const auto& manifest : render::build(tree, path, options).manifests) objects.push_back(manifest.object);
    return doc::write_yaml_stream(objects);
}

std::string failure(const Tree& files, const render::BuildOptions& options) {
    try {
        return "built: " + built(files, options);
    } catch (const base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("names of remote bases are read as kustomize reads them") {
    CHECK(meaning("https://github.com/org/repo//a/b?ref=v1") == "https://github.com/org/repo | a/b | v1");
    CHECK(meaning("https://github.com/org/repo/a/b?ref=v1&timeout=9s") == "https://github.com/org/repo | a/b | v1");
    CHECK(meaning("github.com/org/repo/a?version=main") == "https://github.com/org/repo | a | main");
    CHECK(meaning("git@github.com:org/repo.git/a") == "git@github.com:org/repo.git | a | ");
    CHECK(meaning("ssh://git@host.example:22/org/repo.git//a?ref=b") == "ssh://git@host.example:22/org/repo.git | a | b");
    CHECK(meaning("git::https://host.example/org/repo") == "https://host.example/org/repo |  | ");
    CHECK(meaning("https://dev.azure.example/org/project/_git/repo/a/b") ==
          "https://dev.azure.example/org/project/_git/repo | a/b | ");
    CHECK(meaning("file:///srv/repo.git//a?ref=main") == "file:///srv/repo.git | a | main");
    CHECK(meaning("user@host.example:org/repo//a") == "user@host.example:org/repo | a | ");
    CHECK(meaning("https://host.example/org") == "none");
    CHECK(meaning("https://host.example/org/repo//../x") == "none");
    CHECK(meaning("/srv/repo") == "none");
    CHECK(meaning("../base") == "none");
}

TEST_CASE("a remote base is fetched once and stays in its repository") {
    KnownRemotes remotes;
    remotes.repos["https://host.example/o/r"] = {{"a/kustomization.yaml", "resources: [../b]\n"},
                                                 {"b/kustomization.yaml", "resources: [m.yaml]\n"},
                                                 {"b/m.yaml", k_map},
                                                 {"out/kustomization.yaml", "resources: [../../x]\n"}};
    render::BuildOptions options;
    options.remotes = &remotes;
    Tree tree{{"kustomization.yaml", "namePrefix: p-\nbuildMetadata: [originAnnotations]\nresources: ['https://host.example/o/r//a?ref=v1']\n"}};
    CHECK(built(tree, options) ==
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n"
          "      path: b/m.yaml\n      repo: https://host.example/o/r\n      ref: v1\n  name: p-m\n");
    CHECK(remotes.asked == std::vector<std::string>{"https://host.example/o/r//a?ref=v1"});
    tree["kustomization.yaml"] = "resources: ['https://host.example/o/r//out']\n";
    CHECK(failure(tree, options) == "'../../x' leads out of the root of the source");
}

TEST_CASE("remote bases that include each other are a cycle") {
    KnownRemotes remotes;
    remotes.repos["https://host.example/o/r"] = {{"a/kustomization.yaml", "resources: ['https://host.example/o/r//a']\n"}};
    render::BuildOptions options;
    options.remotes = &remotes;
    CHECK_THAT(failure({{"kustomization.yaml", "resources: ['https://host.example/o/r//a']\n"}}, options),
               Catch::StartsWith("cycle detected"));
}

TEST_CASE("a web page is one file, and a repository when there is none") {
    KnownRemotes remotes;
    remotes.pages["https://host.example/o/m.yaml"] = k_map;
    remotes.repos["https://host.example/o/r"] = {{"kustomization.yaml", "resources: [m.yaml]\n"}, {"m.yaml", k_map}};
    render::BuildOptions options;
    options.remotes = &remotes;
    CHECK(built({{"kustomization.yaml", "resources: ['https://host.example/o/m.yaml']\n"}}, options) == k_map);
    CHECK(built({{"kustomization.yaml", "resources: ['https://host.example/o/r']\n"}}, options) == k_map);
    CHECK(failure({{"kustomization.yaml", "resources: ['https://host.example/x/y']\n"}}, options) ==
          "no such host: https://host.example/x/y");
}

TEST_CASE("helm is asked for what the chart entry says, with its values laid over the chart's") {
    EchoingCharts charts;
    render::BuildOptions options;
    options.charts = &charts;
    Tree tree{{"o/kustomization.yaml", "namespace: ns1\nresources: [b]\n"},
              {"o/b/kustomization.yaml", "helmCharts:\n- {name: c, releaseName: r, includeCRDs: true, valuesInline: {a: {b: 2}}}\n"},
              {"o/b/charts/c/values.yaml", "a: {b: 1, c: [1]}\n"}};
    CHECK(built(tree, options, "o") == k_map);  // helm has set the namespace already
    CHECK(charts.called == std::vector<std::string>{
                               "version --short",
                               "template r /disk/o/b/charts/c --namespace ns1 -f <values> --kube-version 1.29 --include-crds\n"
                               "a:\n  b: 2\n  c:\n  - 1\n"});
}

TEST_CASE("a chart without --enable-helm is refused with kustomize's message") {
    CHECK(failure({{"kustomization.yaml", "helmCharts: [{name: c}]\n"}}, {}) ==
          "trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm");
}

TEST_CASE("strict builds want every target to match something") {
    render::BuildOptions strict;
    strict.matching = render::Matching::strict;
    Tree patch{{"m.yaml", k_map},
               {"kustomization.yaml", "resources: [m.yaml]\npatches:\n- target: {name: other}\n  patch: '[{\"op\": \"remove\", \"path\": \"/data\"}]'\n"}};
    CHECK(built(patch, {}) == k_map);
    CHECK(failure(patch, strict) == "the target [noKind].[noVer].[noGrp]/other.[noNs]:a=:l= of a patch matches nothing");
    Tree replacement{{"m.yaml", k_map},
                     {"kustomization.yaml", "resources: [m.yaml]\nreplacements:\n- sourceValue: x\n  targets: [{select: {name: other}}]\n"}};
    CHECK(built(replacement, {}) == k_map);
    CHECK(failure(replacement, strict) ==
          "the target [noKind].[noVer].[noGrp]/other.[noNs]:a=:l= of a replacement matches nothing");
}
