#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

std::optional<std::string> owner(const std::string& yaml) { return tracked_by(doc::read_yaml_one(yaml)); }

std::string tracked(const std::string& id, const std::string& more = "") {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: prod, annotations: "
           "{argocd.argoproj.io/tracking-id: '" + id + "'}" + more + "}\n";
}

}  // namespace

TEST_CASE("every sync option of the table is read", "[plan]") {
    std::vector<std::string> warnings;
    const auto options = read_sync_options({}, {"CreateNamespace=true", "PruneLast=true", " Replace=true ", "Force=true",
                                                "Prune=false", "FailOnSharedResource=true", "Validate=false",
                                                "ApplyOutOfSyncOnly=true", "PrunePropagationPolicy=orphan", ""},
                                           warnings);
    CHECK(warnings.empty());
    CHECK(options.create_namespace);
    CHECK(options.prune_last);
    CHECK(options.replace);
    CHECK(options.force);
    CHECK_FALSE(options.prune);
    CHECK(options.fail_on_shared_resource);
    CHECK_FALSE(options.validate);
    CHECK(options.apply_out_of_sync_only);
    CHECK(options.propagation == kube::Propagation::orphan);
}

TEST_CASE("what does nothing is told", "[plan]") {
    SyncOptions base;
    base.replace = true;
    std::vector<std::string> warnings;
    const auto options = read_sync_options(base, {"Prune=False", "Replace=false", "ServerSideApply=false", "Banana"}, warnings);
    CHECK(options.prune);
    CHECK(options.replace);
    REQUIRE(warnings.size() == 4);
    CHECK(warnings[0].starts_with("unknown sync option \"Prune=False\" does nothing; did you mean \"Prune=false\""));
    CHECK(warnings[1] == "sync option \"Replace=false\" does not undo the application's Replace=true");
    CHECK(warnings[2] == "sync option \"ServerSideApply=false\" has no effect: gitopsctl always applies on the server side");
    CHECK(warnings[3] == "unknown sync option \"Banana\" does nothing");
}

TEST_CASE("tracking ids name the application and the object", "[plan]") {
    CHECK(tracking_id("shop", {"apps", "Deployment", "prod", "web"}, "other") == "shop:apps/Deployment:prod/web");
    CHECK(tracking_id("shop", {"", "Namespace", "", "prod"}, "prod") == "shop:/Namespace:prod/prod");
}

TEST_CASE("an id owns only the object it names", "[plan]") {
    CHECK(owner(tracked("shop:apps/Deployment:prod/web")) == "shop");
    CHECK(owner(tracked("shop:extensions/Deployment:prod/web")) == "shop");  // before the kind moved
    CHECK(owner(tracked("shop:apps/Deployment:prod/copy")) == std::nullopt);
    CHECK(owner(tracked("shop:apps/Deployment:test/web")) == std::nullopt);
    CHECK(owner(tracked("shop:apps/StatefulSet:prod/web")) == std::nullopt);
    CHECK(owner(tracked("shop:batch/Deployment:prod/web")) == std::nullopt);
    CHECK(owner(tracked("shop:apps/Deployment:prod/web", ", ownerReferences: [{name: x}]")) == std::nullopt);
    CHECK(owner(tracked("nonsense")) == std::nullopt);
    CHECK(owner("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'system:x', annotations: "
                "{argocd.argoproj.io/tracking-id: 'shop:rbac.authorization.k8s.io/ClusterRole:prod/system:x'}}") == "shop");
}

TEST_CASE("resource filters include and exclude", "[plan]") {
    const kube::ResourceKey web{"apps", "Deployment", "prod", "web"}, config{"", "ConfigMap", "prod", "web"};
    const auto hit = [](const std::vector<std::string>& texts, const kube::ResourceKey& key) {
        std::vector<ResourceFilter> filters;
        for (const auto& text : texts) filters.push_back(parse_resource_filter(text));
        return selected(filters, key);
    };
    CHECK(hit({}, web));
    CHECK(hit({"apps:Deployment:web"}, web));
    CHECK_FALSE(hit({"apps:Deployment:web"}, config));
    CHECK(hit({":ConfigMap:"}, config));
    CHECK_FALSE(hit({":Deployment:web"}, web));  // an empty group is the core group
    CHECK(hit({"*:*:prod/w*"}, web));
    CHECK_FALSE(hit({"*:*:test/web"}, web));
    CHECK_FALSE(hit({"!*:Deployment:*"}, web));
    CHECK(hit({"!*:Deployment:*"}, config));
    CHECK_FALSE(hit({"*:*:*", "!apps:*:*"}, web));
    CHECK_THROWS_AS(parse_resource_filter("Deployment/web"), base::Error);
}
