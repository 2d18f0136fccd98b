#include <catch2/catch.hpp>

#include <algorithm>
#include <tuple>

#include "core/kube/catalog.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::kube_test::yaml;

namespace {

std::string name_of_kind(const std::optional<KindInfo>& info) {
    if (!info) return "none";
    return info->gvk.api_version() + " " + info->gvk.kind + " " + info->resource + (info->scope == Scope::cluster ? " cluster" : " namespaced");
}

}  // namespace

TEST_CASE("a kind is found by the names that kubectl takes") {
    CHECK(name_of_kind(find_kind_by_name("deploy")) == "apps/v1 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind_by_name("Deployments")) == "apps/v1 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind_by_name("deployment.apps")) == "apps/v1 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind_by_name("deployments.v1.apps")) == "apps/v1 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind_by_name("deployments.v1beta2.apps")) == "apps/v1beta2 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind_by_name("pods.v1.")) == "v1 Pod pods namespaced");
    CHECK(name_of_kind(find_kind_by_name("svc")) == "v1 Service services namespaced");
    CHECK(name_of_kind(find_kind_by_name("ns")) == "v1 Namespace namespaces cluster");
    CHECK(name_of_kind(find_kind_by_name("hpa")) == "autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced");
    CHECK(name_of_kind(find_kind_by_name("ingress")) == "networking.k8s.io/v1 Ingress ingresses namespaced");
    CHECK(name_of_kind(find_kind_by_name("ing.extensions")) == "extensions/v1beta1 Ingress ingresses namespaced");
    CHECK(name_of_kind(find_kind_by_name("events")) == "v1 Event events namespaced");
    CHECK(name_of_kind(find_kind_by_name("crd")) == "apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions cluster");
    CHECK(name_of_kind(find_kind_by_name("deployy")) == "none");
    CHECK(name_of_kind(find_kind_by_name("")) == "none");
    CHECK(name_of_kind(find_kind_by_name(".")) == "none");
}

TEST_CASE("an empty version means the preferred one") {
    CHECK(name_of_kind(find_kind({"apps", "", "Deployment"})) == "apps/v1 Deployment deployments namespaced");
    CHECK(name_of_kind(find_kind({"scheduling.k8s.io", "", "Workload"})) == "scheduling.k8s.io/v1alpha2 Workload workloads namespaced");
    CHECK(name_of_kind(find_kind({"", "", "Deployment"})) == "none");
    CHECK(name_of_kind(find_kind({"apps", "v9", "Deployment"})) == "none");
}

TEST_CASE("the built-in kinds are the stored ones in their preferred versions") {
    const auto& kinds = builtin_kinds();
    std::vector<std::string> autoscaling, wrong;
    for (const auto& info : kinds) {
        if (info.gvk.group == "autoscaling") autoscaling.push_back(name_of_kind(info));
        if (info.gvk.group == "extensions" || info.gvk.kind == "Scale" || info.gvk.kind == "TokenReview") wrong.push_back(info.gvk.kind);
    }
    CHECK(autoscaling == std::vector<std::string>{"autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced"});
    CHECK(wrong.empty());
    CHECK(std::is_sorted(kinds.begin(), kinds.end(), [](const KindInfo& a, const KindInfo& b) {
        return std::tie(a.gvk.group, a.gvk.kind) < std::tie(b.gvk.group, b.gvk.kind);
    }));
    CHECK(kinds.size() == 68);
}

TEST_CASE("a custom resource definition defines one kind per served version") {
    const auto crd = yaml(R"(
spec:
  group: example.com
  scope: Cluster
  names: {kind: Widget, plural: widgets}
  versions:
  - {name: v2, served: true}
  - {name: v1, served: true}
  - {name: v1alpha1, served: false}
)");
    std::vector<std::string> names;
    for (const auto& info : kinds_of_crd(crd)) names.push_back(name_of_kind(info));
    CHECK(names == std::vector<std::string>{"example.com/v2 Widget widgets cluster", "example.com/v1 Widget widgets cluster"});
    CHECK(kinds_of_crd(yaml("{spec: {names: text}}")).empty());
    CHECK(kinds_of_crd(yaml("text")).empty());
}

TEST_CASE("scope and apply order") {
    CHECK(scope_of({"", "v1", "Namespace"}) == Scope::cluster);
    CHECK(scope_of({"rbac.authorization.k8s.io", "v1", "ClusterRole"}) == Scope::cluster);
    CHECK(scope_of({"example.com", "v1", "Namespace"}) == Scope::namespaced);
    CHECK(apply_rank("Namespace") == 0);
    CHECK(apply_rank("ConfigMap") < apply_rank("Deployment"));
    CHECK(apply_rank("APIService") < apply_rank("Widget"));
    CHECK(apply_rank("AppProject") < apply_rank("Application"));
    CHECK(apply_rank("Widget") == apply_rank("Gadget"));
}
