// What config.yaml says to an application from the rendering to its tree: excluded kinds, masked annotations, kustomize's options.
#include <catch2/catch.hpp>

#include "core/app/drift.hpp"
#include "core/app/settings.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/app/tree.hpp"
#include "core/base/error.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::deployment;
using test::Lab;

namespace {

void configure(Lab& lab, const std::string& yaml) {
    std::vector<std::string> warnings;
    lab.services.settings = std::make_shared<const Settings>(read_settings(yaml, "config.yaml", warnings));
    REQUIRE(warnings.empty());
}

AppStatus status_of_shop(Lab& lab) { return status_of(lab.services, lab.state.application("shop"), Fetch::cached); }

std::string steps_text(const SyncReport& report) {
    std::string text;
    for (const auto& outcome : report.outcomes) text += std::string(deliver::action_name(outcome.action)) + " " + outcome.key.text() + "\n";
    return text;
}

void add_outline(const std::vector<TreeNode>& nodes, const std::string& indent, std::string& text) {
    for (const auto& node : nodes) {
        text += indent + node.key.kind + "\n";
        add_outline(node.children, indent + "  ", text);
    }
}

}  // namespace

TEST_CASE("objects of excluded kinds are no part of an application: told, not applied, not pruned, not shown", "[configured]") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:1")}, {"prod/cm.yaml", config_map("settings", "a")}});
    lab.create("shop", "prod", "shop-prod");
    sync(lab.services, "shop", {}, {});
    configure(lab, "resource.exclusions: |\n  - {apiGroups: [''], kinds: [ConfigM*], clusters: [l*]}\n  - {kinds: [Pod]}\n"
                   "  - {apiGroups: [apps], clusters: [elsewhere]}\n");
    lab.repo.commit({{"prod/cm.yaml", config_map("other", "b")}});
    SyncRequest request;
    request.compare.prune = deliver::PrunePolicy::prune;
    CHECK(steps_text(sync(lab.services, "shop", request, {})) == "unchanged apps/Deployment shop-prod/web\n");
    CHECK(lab.live("v1 ConfigMap shop-prod/settings", "/metadata/name") == "settings");
    CHECK(lab.live("v1 ConfigMap shop-prod/other", "/metadata/name") == "");

    const auto status = status_of_shop(lab);
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions[0].type + ": " + status.conditions[0].message ==
          "ExcludedResourceWarning: ConfigMap shop-prod/other: is left out by resource.exclusions");
    std::string outline;
    add_outline(tree_of(lab.services, status), "", outline);
    CHECK(outline == "Deployment\n  ReplicaSet\n");
}

TEST_CASE("where there are inclusions, what none of them names is left out", "[configured]") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", deployment("web", 1, "web:1")}, {"prod/cm.yaml", config_map("settings", "a")}});
    lab.create("shop", "prod", "shop-prod");
    configure(lab, "resource.inclusions: [{apiGroups: [apps], kinds: ['*'], clusters: ['https://kubernetes.default.svc']}]");
    const auto status = status_of_shop(lab);
    REQUIRE(status.conditions.size() == 1);
    CHECK(status.conditions[0].message == "ConfigMap shop-prod/settings: is left out by resource.inclusions");
    REQUIRE(status.resources.size() == 1);
    CHECK(status.resources[0].key.kind == "Deployment");
}

TEST_CASE("annotations of Secrets that config.yaml names are masked where differences are told", "[configured]") {
    Lab lab;
    const auto secret = [](const std::string& token) {
        return "{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {fab/token: " + token + ", note: open}}}\n";
    };
    lab.repo.commit({{"prod/s.yaml", secret("hunter2")}});
    lab.create("shop", "prod", "shop-prod");
    configure(lab, "resource.sensitive.mask.annotations: 'fab/key, fab/token'");
    sync(lab.services, "shop", {}, {});
    lab.patch("v1 Secret shop-prod/s", R"({"metadata":{"annotations":{"fab/token":"changed","note":"too"}}})");
    const auto report = drift_of(lab.services, "shop", Fetch::cached);
    std::string told;
    for (const auto& object : report.resources)
        for (const auto& field : object.fields) told += field.path + ": " + std::string(field.live->text()) + " -> " + std::string(field.desired->text()) + "\n";
    CHECK(told == "metadata.annotations.fab/token: ++++++++ -> ++++++++++++\nmetadata.annotations.note: too -> open\n");
}

TEST_CASE("kustomize.buildOptions lets kustomizations read beside their folder", "[configured]") {
    Lab lab;
    lab.repo.commit({{"prod/kustomization.yaml", "configMapGenerator: [{name: a, files: [../shared/x.txt], options: {disableNameSuffixHash: true}}]\n"},
                     {"shared/x.txt", "x"}});
    lab.create("shop", "prod", "shop-prod");
    const auto refused = sync(lab.services, "shop", {}, {});
    CHECK_FALSE(refused.succeeded);
    CHECK(refused.message == "security; file 'shared/x.txt' is not in or below 'prod'");
    configure(lab, "kustomize.buildOptions: --enable-helm --load-restrictor LoadRestrictionsNone");
    sync(lab.services, "shop", {}, {});
    CHECK(lab.live("v1 ConfigMap shop-prod/a", "/data/x.txt") == "x");
}
