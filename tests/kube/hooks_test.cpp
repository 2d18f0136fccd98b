// Hooks and waves on a real API server, whose Jobs a kubelet_loop completes.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/doc/json.hpp"
#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

std::string job(const std::string& name, const std::string& annotations, const std::string& image = "tool:1") {
    return "apiVersion: batch/v1\nkind: Job\nmetadata:\n  " + name + "\n  annotations: {" + annotations +
           "}\nspec:\n  backoffLimit: 0\n  template: {spec: {restartPolicy: Never, containers: [{name: main, image: \"" + image + "\"}]}}\n";
}

/// "create PreSync 0 batch/Job migrate: completed", one line per resource of `app sync -o json`.
std::string steps_of(Stage& stage, const std::string& json) {
    std::string text;
    const auto document = doc::read_json(json, "sync");
    for (const auto& resource : document.find("items")->items().front().find("resources")->items()) {
        std::string key(resource.text_at("key"));
        if (const auto at = key.find(stage.ns() + "/"); at != std::string::npos) key.erase(at, stage.ns().size() + 1);
        text += std::string(resource.text_at("phase")) + " " + key + ": " + std::string(resource.text_at("message")) + "\n";
    }
    return text;
}

}  // namespace

REAL_CASE("hooks run in their phases and twice in two syncs", "[kube][hooks]") {
    stage.commit({{"migrate.yaml", job("name: migrate", "argocd.argoproj.io/hook: PreSync")},
                  {"a.yaml", config_map("a", "blue")},
                  {"smoke.yaml", job("name: smoke", "argocd.argoproj.io/hook: PostSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded")}});
    stage.create_app();
    const auto first = steps_of(stage, stage.must({"app", "sync", "web", "-o", "json"}));
    CHECK(first.find("PreSync batch/Job migrate: completed\n") != std::string::npos);
    CHECK(first.find("Sync ConfigMap a: created\nPostSync batch/Job smoke: completed\n") != std::string::npos);
    const std::string uid(kube::uid_of(stage.get("batch/v1", "Job", "migrate").value()));
    CHECK(eventually([&] { return !stage.get("batch/v1", "Job", "smoke"); }));
    stage.must({"app", "sync", "web"});
    CHECK(kube::uid_of(stage.get("batch/v1", "Job", "migrate").value()) != uid);
    CHECK(stage.config("a") == "blue");
}

REAL_CASE("a hook that fails on a real cluster lets nothing be applied, and SyncFail runs", "[kube][hooks]") {
    stage.commit({{"migrate.yaml", job("name: migrate", "argocd.argoproj.io/hook: PreSync", "crash:1")},
                  {"page.yaml", job("generateName: page-", "argocd.argoproj.io/hook: SyncFail")},
                  {"a.yaml", config_map("a", "blue")}});
    stage.create_app();
    const auto result = stage.run({"app", "sync", "web", "--retry-limit", "0", "-o", "json"});
    CHECK(result.status == 1);
    CHECK(stage.configs().empty());
    CHECK(steps_of(stage, result.out).find(": completed\n") != std::string::npos);  // the page
    CHECK(stage.cluster().list({{"batch", "v1", "Job"}, stage.ns(), ""}).size() == 2);
}

REAL_CASE("Argo CD's example applications settle on a real API server", "[kube][hooks][corpus]") {
    const auto root = std::filesystem::path(GITOPS_SOURCE_DIR) / ".." / "shared" / "corpora" / "argocd-example-apps";
    if (!std::filesystem::exists(root)) {
        WARN("no example applications beside the project");
        return;
    }
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        std::stringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        files.emplace_back(entry.path().lexically_relative(root).generic_string(), text.str());
    }
    stage.commit(files);
    for (const std::string path : {"guestbook", "kustomize-guestbook", "sync-waves", "pre-post-sync", "helm-hooks"}) {
        CAPTURE(path);
        stage.must({"app", "create", path, "--repo", stage.repo.path(), "--path", "app/" + path, "--dest-cluster", "real",
                    "--dest-namespace", stage.ns(), "--sync-option", "CreateNamespace=true"});
        const auto result = stage.run({"app", "sync", path, "-o", "json", "--timeout", "60s"});
        INFO(result.out << result.err);
        CHECK(result.status == 0);
        CHECK(stage.run({"app", "diff", path}).status == 0);
        stage.must({"app", "delete", path, "--cascade", "-y"});
    }
}
