#include "core/rollout/services.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

const auto k_target = document(R"({apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {
  selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [
  {name: web, image: a:1, ports: [{containerPort: 8080, name: http}, {containerPort: 9090}, {containerPort: 53, name: dns, protocol: UDP}, {containerPort: 80}]},
  {name: istio-proxy, image: b:1, ports: [{containerPort: 15090}]}, {name: envoy, image: b:1, ports: [{containerPort: 15001}]}]}}}})");

std::string service(const std::string& name, const std::string& selects, const std::string& ports, const std::string& metadata = "",
                    const std::string& rest = "") {
    return "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    helm.toolkit.fluxcd.io/driftDetection: disabled\n" +
           std::string("    kustomize.toolkit.fluxcd.io/reconcile: disabled\n") + "  labels:\n    app: " + name +
           "\n    gitopsctl.io/canary: web\n" + metadata + "  name: " + name + "\n  namespace: shop\nspec:\n" + rest + "  ports:\n" + ports +
           "  selector:\n    app: " + selects + "\n  type: ClusterIP\n";
}

const std::string k_port = "  - name: http\n    port: 80\n    protocol: TCP\n    targetPort: 8080\n";

std::string selector_of(const doc::Value& service) { return yaml(*service.path("spec", "selector")); }

}  // namespace

TEST_CASE("three Services: the canary's, the primary's, and the apex that selects the primary", "[services]") {
    CHECK(yaml(make_services(canary("istio"), k_target, {}, {})) ==
          service("web-canary", "web", k_port) + "---\n" + service("web-primary", "web-primary", k_port) + "---\n" +
              service("web", "web-primary", k_port));
}

TEST_CASE("ports as they are given", "[services]") {
    const auto spec = canary("istio", "    portName: grpc\n    appProtocol: h2c\n    headless: true\n    trafficDistribution: PreferClose\n    portDiscovery: true\n");
    const std::string ports = "  - appProtocol: h2c\n    name: grpc\n    port: 80\n    protocol: TCP\n    targetPort: 8080\n"
                              "  - name: tcp-web-1\n    port: 9090\n    protocol: TCP\n    targetPort: 9090\n"
                              "  - name: dns\n    port: 53\n    protocol: UDP\n    targetPort: 53\n";
    auto wanted = document(service("web-canary", "web", ports, "", "  clusterIP: None\n"));
    wanted.at("spec").set("trafficDistribution", "PreferClose");
    CHECK(yaml(make_services(spec, k_target, {}, {})[0]) == yaml(wanted));

    auto named = canary("istio", "    portDiscovery: true\n");
    named.service.target_port = "http";
    std::string told;
    const auto services = make_services(named, k_target, {}, {.compat = Compat::flagger});
    for (const auto& port : services[0].path("spec", "ports")->items())
        told += fmt::format("{} {} {}\n", port.text_at("name"), port.find("port")->text(), port.text_at("protocol"));
    CHECK(told == "http 80 TCP\ntcp-web-1 9090 TCP\ndns 53 TCP\ntcp-web-3 80 TCP\n");
}

TEST_CASE("declared labels and annotations, and what becomes of others", "[services]") {
    const auto spec = canary("istio", "    apex: {labels: {team: blue}, annotations: {a: b}}\n    unmanagedMetadata: {labels: [kept], annotations: []}\n");
    auto apex = make_services(spec, k_target, {}, {})[2];
    CHECK(yaml(*apex.path("metadata", "labels")) == "app: web\ngitopsctl.io/canary: web\nteam: blue\n");
    CHECK(kube::annotation_of(apex, "a") == "b");

    kube::set_label(apex, "kept", "1");
    kube::set_label(apex, "foreign", "1");
    const auto live = std::vector{living(apex)};
    const auto changed = [&](Compat compat) {
        const auto services = make_services(spec, k_target, live, {.compat = compat});
        return services.size() == 3 ? yaml(*services[2].path("metadata", "labels")) : "nothing";
    };
    CHECK(changed(Compat::none) == "nothing");
    CHECK(changed(Compat::flagger) == "app: web\ngitopsctl.io/canary: web\nkept: \"1\"\nteam: blue\n");
}

TEST_CASE("somebody's Service becomes the apex with its own metadata, address and node ports", "[services]") {
    const auto theirs = document(R"({apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, resourceVersion: "5", labels: {mine: x}},
      spec: {type: NodePort, clusterIP: 10.0.0.9, sessionAffinity: None, selector: {app: web}, ports: [{name: http, port: 81, nodePort: 31000}]}})");
    CHECK(yaml(make_services(canary("istio"), k_target, {theirs}, {})[2]) == R"(apiVersion: v1
kind: Service
metadata:
  labels:
    mine: x
  name: web
  namespace: shop
  resourceVersion: "5"
spec:
  clusterIP: 10.0.0.9
  ports:
  - name: http
    nodePort: 31000
    port: 80
    protocol: TCP
    targetPort: 8080
  selector:
    app: web-primary
  sessionAffinity: None
  type: NodePort
)");
}

TEST_CASE("Services that are right are not written, and the apex keeps the choice of a provider without routes", "[services]") {
    const auto choice = [](const std::string& provider, const std::string& selector) {
        const auto spec = canary(provider);
        auto live = living(make_services(spec, k_target, {}, {}));
        CHECK(make_services(spec, k_target, live, {}).empty());
        live[2].at("spec").set("selector", document(selector));
        const auto changed = make_services(spec, k_target, live, {});
        return changed.empty() ? "kept" : selector_of(changed[0]);
    };
    CHECK(choice("istio", "{app: web}") == "app: web-primary\n");
    CHECK(choice("kubernetes", "{app: web}") == "kept");
    CHECK(choice("kubernetes", "{app: web-primary}") == "kept");
    CHECK(choice("kubernetes", "{gitopsctl.io/traffic: web}") == "app: web-primary\n");
    CHECK(choice("replicas", "{gitopsctl.io/traffic: web}") == "kept");
    CHECK(choice("replicas", "{app: other}") == "app: web-primary\n");
}

TEST_CASE("a Service target has copies", "[services]") {
    auto spec = canary("istio");
    spec.target = {"v1", "Service", "web"};
    const auto target = document(R"({apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, resourceVersion: "5", uid: u,
      labels: {app: web}, annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", a: b}},
      spec: {type: NodePort, clusterIP: 10.0.0.9, clusterIPs: [10.0.0.9], selector: {app: v2}, ports: [{port: 80, nodePort: 31000}]}})");
    const auto copies = make_services(spec, target, {}, {});
    REQUIRE(copies.size() == 2);
    CHECK(yaml(copies[0]) == R"(apiVersion: v1
kind: Service
metadata:
  annotations:
    a: b
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
  labels:
    app: web
    gitopsctl.io/canary: web
  name: web-canary
  namespace: shop
spec:
  ports:
  - port: 80
  selector:
    app: v2
  type: NodePort
)");
    CHECK(kube::name_of(copies[1]) == "web-primary");
    auto live = living(copies);
    CHECK(make_services(spec, target, live, {}).empty());
    live[1].at("spec").set("clusterIP", "10.0.0.7");
    auto next = target;
    next.at("spec").at("selector").set("app", "v3");
    const auto changed = make_services(spec, next, live, {});
    REQUIRE(changed.size() == 1);
    CHECK(kube::name_of(changed[0]) == "web-canary");
    const auto promotion = promoted_service(spec, live[1], next);
    REQUIRE(promotion);
    CHECK(yaml(*promotion->find("spec")) == "clusterIP: 10.0.0.7\nports:\n- port: 80\nselector:\n  app: v3\ntype: NodePort\n");
    CHECK_FALSE(promoted_service(spec, *promotion, next));
    CHECK(restored_service(*promotion, *live[1].find("spec")) == live[1]);
}

TEST_CASE("a name that is too long", "[services]") {
    auto spec = canary("istio");
    spec.service.name = std::string(60, 'a');
    CHECK(refusal([&] { make_services(spec, k_target, {}, {}); }) ==
          "the name of the Service " + spec.service.name + "-canary is too long: at most 63 characters\ngive a shorter spec.service.name");
}

TEST_CASE("a weight as a number of pods", "[services]") {
    struct Row { int weight, total, most, primary, canary; };
    const std::vector<Row> rows{{0, 4, 4, 4, 0},  {100, 4, 4, 4, 4}, {5, 4, 4, 3, 1},   {25, 4, 4, 3, 1},    {50, 4, 4, 2, 2},   {60, 4, 4, 2, 2},
                                {99, 4, 4, 1, 3}, {50, 5, 5, 2, 3},  {50, 1, 1, 1, 1},  {5, 1, 1, 1, 1},     {5, 4, 5, 4, 1},    {25, 4, 5, 3, 1},
                                {5, 20, 20, 19, 1}, {10, 10, 10, 9, 1}, {33, 10, 10, 7, 3}, {50, 3, 4, 2, 2}, {0, 0, 0, 1, 0},   {95, 4, 4, 1, 3}};
    for (const auto& row : rows) {
        INFO(row.weight << " % of " << row.total << ", at most " << row.most);
        const auto counts = replica_counts(row.weight, row.total, row.most);
        CHECK(fmt::format("{}+{}", counts.primary, counts.canary) == fmt::format("{}+{}", row.primary, row.canary));
    }
}

TEST_CASE("whatever the weight, both sides have pods, and more weight never has fewer", "[services]") {
    for (int total = 1; total <= 30; ++total) {
        int last = 0;
        for (int weight = 1; weight < 100; ++weight) {
            const auto counts = replica_counts(weight, total, total);
            REQUIRE(counts.primary >= 1);
            REQUIRE(counts.canary >= 1);
            REQUIRE(counts.primary + counts.canary == std::max(2, total));
            REQUIRE(counts.canary >= last);
            last = counts.canary;
        }
    }
}
