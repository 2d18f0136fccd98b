#include <catch2/catch.hpp>

#include "core/kube/schema.hpp"

using namespace gitops::kube;

namespace {

Type at(const Schema& schema, const Gvk& gvk, std::initializer_list<std::string_view> path) {
    Type type = schema.root(gvk);
    for (const auto step : path) type = step == "[]" ? type.element() : type.field(step).value();
    return type;
}

const Gvk k_deployment{"apps", "v1", "Deployment"};
const Gvk k_service{"", "v1", "Service"};

}  // namespace

TEST_CASE("lists of the Kubernetes schema know how they merge") {
    const auto& schema = Schema::kubernetes();
    const Type containers = at(schema, k_deployment, {"spec", "template", "spec", "containers"});
    CHECK(containers.shape() == Shape::list);
    CHECK(containers.merge() == Merge::associative);
    CHECK(containers.keys() == std::vector<std::string_view>{"name"});
    CHECK(containers.patch_strategy() == PatchStrategy::merge);
    CHECK(containers.patch_key() == "name");
    const Type ports = at(schema, k_deployment, {"spec", "template", "spec", "containers", "[]", "ports"});
    CHECK(ports.keys() == std::vector<std::string_view>{"containerPort", "protocol"});
    CHECK(ports.patch_key() == "containerPort");
    CHECK(ports.element().field("protocol")->default_json() == "\"TCP\"");
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "containers", "[]", "args"}).merge() == Merge::atomic);
    CHECK(at(schema, k_deployment, {"metadata", "finalizers"}).merge() == Merge::set);
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "volumes"}).patch_strategy() == PatchStrategy::merge_retain_keys);
    CHECK(at(schema, k_deployment, {"spec", "strategy"}).patch_strategy() == PatchStrategy::retain_keys);
}

TEST_CASE("maps and objects of the Kubernetes schema") {
    const auto& schema = Schema::kubernetes();
    CHECK(at(schema, k_deployment, {"metadata", "labels"}).shape() == Shape::map);
    CHECK(at(schema, k_deployment, {"metadata", "labels", "any"}).shape() == Shape::scalar);
    CHECK(at(schema, k_service, {"spec", "selector"}).merge() == Merge::atomic);
    CHECK(at(schema, k_deployment, {"spec", "selector"}).merge() == Merge::atomic);
    CHECK_FALSE(at(schema, k_deployment, {"spec"}).field("replica").has_value());
    CHECK_FALSE(at(schema, k_deployment, {"spec", "replicas"}).field("x").has_value());
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "containers", "[]", "resources", "limits", "cpu"}).is_quantity());
    CHECK(at(schema, k_service, {"spec", "ports", "[]", "targetPort"}).is_int_or_string());
    CHECK(at(schema, k_deployment, {"spec", "strategy"}).field_names() == std::vector<std::string_view>{"rollingUpdate", "type"});
}

TEST_CASE("scalars of the schema accept their own kind") {
    const auto& schema = Schema::kubernetes();
    const Type replicas = at(schema, k_deployment, {"spec", "replicas"});
    CHECK(replicas.accepts(3));
    CHECK_FALSE(replicas.accepts("3"));
    CHECK_FALSE(at(schema, k_deployment, {"metadata", "labels", "a"}).accepts(true));
    CHECK(at(schema, k_service, {"spec", "ports", "[]", "targetPort"}).accepts("http"));
    CHECK(at(schema, k_service, {"spec", "ports", "[]", "targetPort"}).accepts(80));
}

TEST_CASE("an unknown kind has typed metadata and untyped content") {
    const auto& schema = Schema::kubernetes();
    const Gvk gvk{"example.com", "v1", "Widget"};
    CHECK_FALSE(schema.knows(gvk));
    CHECK(schema.knows(k_deployment));
    CHECK(schema.root(gvk).shape() == Shape::untyped);
    CHECK(at(schema, gvk, {"metadata", "ownerReferences"}).keys() == std::vector<std::string_view>{"uid"});
    CHECK(at(schema, gvk, {"spec", "deep", "er"}).shape() == Shape::untyped);
    CHECK(schema.root(gvk).declares("metadata"));
    CHECK_FALSE(schema.root(gvk).declares("spec"));
    CHECK(Type().field("x")->shape() == Shape::untyped);
    CHECK(schema.is_namespaced(k_deployment) == true);
    CHECK(schema.is_namespaced({"", "v1", "Namespace"}) == false);
    CHECK(schema.is_namespaced(gvk) == std::nullopt);
}

TEST_CASE("kustomize's schema merges by its own keys") {
    const auto& schema = Schema::kustomize();
    CHECK(schema.knows({"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}));
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "containers"}).patch_key() == "name");
    const Type ports = at(schema, k_service, {"spec", "ports"});
    CHECK(ports.patch_key() == "port");
    CHECK(ports.keys() == std::vector<std::string_view>{"port", "protocol"});
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "tolerations"}).patch_strategy() == PatchStrategy::none);
    CHECK(at(schema, k_deployment, {"spec", "template", "spec", "containers", "[]", "resources", "limits", "cpu"}).is_quantity());
    CHECK(schema.is_namespaced({"apps", "v1", "Deployment"}) == true);
    CHECK(schema.is_namespaced({"rbac.authorization.k8s.io", "v1", "ClusterRole"}) == false);
    CHECK(schema.root({"example.com", "v1", "Widget"}).field("metadata")->shape() == Shape::untyped);
}
