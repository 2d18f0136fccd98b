#include "core/rollout/traffic/traffic.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "core/doc/json.hpp"
#include "core/rollout/services.hpp"
#include "traffic_lab.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

const std::string k_ingress_ref = "  ingressRef: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: front}\n";

doc::Value front(const std::string& backend = "web") {
    return document("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: front\n  namespace: shop\n  resourceVersion: '2'\n  labels: {team: blue}\n"
                    "  annotations: {nginx.ingress.kubernetes.io/rewrite-target: /, nginx.ingress.kubernetes.io/canary: 'false', zalando.org/skipper-predicate: Method(\"GET\"), "
                    "kubectl.kubernetes.io/last-applied-configuration: '{}'}\nspec:\n  ingressClassName: x\n  rules:\n  - host: web.example.com\n    http:\n      paths:\n"
                    "      - {path: /, pathType: Prefix, backend: {service: {name: " + backend + ", port: {number: 80}}}}\n"
                    "      - {path: /other, pathType: Prefix, backend: {service: {name: other, port: {number: 80}}}}\n");
}

TrafficLab with_ingress(const std::string& provider, const std::string& analysis = "", Compat compat = Compat::none) {
    TrafficLab lab(canary(provider, "", analysis, k_ingress_ref), compat);
    lab.live.push_back(front());
    return lab;
}

std::string annotations_of(const doc::Value& object) { return yaml(*object.path("metadata", "annotations")); }

/// Why `value` is none of `schema`; "" when it is one. Fields, types and enumerations.
std::string misfit(const doc::Value& value, const doc::Value& schema, const std::string& path) {
    const auto type = schema.text_at("type");
    if (value.is_map()) {
        if (type != "object") return path + " is an object";
        if (const auto* required = schema.find("required"))
            for (const auto& name : required->items())
                if (!value.has(name.text())) return fmt::format("{}.{} is missing", path, name.text());
        const auto* properties = schema.find("properties");
        for (const auto& entry : value.entries()) {
            const auto* field = properties == nullptr ? schema.find("additionalProperties") : properties->find(entry.name());
            if (field == nullptr) return fmt::format("{}.{} is not known", path, entry.name());
            if (auto why = misfit(entry.value, *field, fmt::format("{}.{}", path, entry.name())); !why.empty()) return why;
        }
        return "";
    }
    if (value.is_list()) {
        if (type != "array") return path + " is a list";
        for (std::size_t i = 0; i < value.size(); ++i)
            if (auto why = misfit(value.items()[i], *schema.find("items"), fmt::format("{}[{}]", path, i)); !why.empty()) return why;
        return "";
    }
    const bool fits = (type == "string" && value.is_string()) || (type == "integer" && value.is_integer()) || (type == "number" && value.is_number()) ||
                      (type == "boolean" && value.is_bool());
    if (!fits) return fmt::format("{} is no {}", path, type);
    const auto* words = schema.find("enum");
    if (words == nullptr || std::ranges::any_of(words->items(), [&](const doc::Value& word) { return word == value; })) return "";
    return fmt::format("{} may not be {}", path, value.text());
}

doc::Value schemas() {
    std::ifstream file(std::string(GITOPS_SOURCE_DIR) + "/tests/data/rollout/route_schemas.json");
    std::stringstream text;
    text << file.rdbuf();
    return doc::read_json(text.str());
}

}  // namespace

TEST_CASE("providers are known, not yet known, or mistyped", "[traffic]") {
    const auto refused = [](const std::string& provider, Compat compat = Compat::none) {
        return refusal([&] { traffic_abilities(canary("istio"), compat); static_cast<void>(route_objects([&] { auto spec = canary("istio"); spec.provider = provider; return spec; }(), compat)); });
    };
    const std::string all = "contour, gatewayapi:v1, gatewayapi:v1beta1, istio, kubernetes, linkerd, nginx, osm, replicas, skipper, smi:v1alpha1, smi:v1alpha2, smi:v1alpha3, traefik";
    CHECK(refused("kuma") == "provider kuma is not supported yet\nsupported are " + all);
    CHECK(refused("istoi") == "provider \"istoi\" is not known\nit is one of " + all);
    CHECK(refused("gatewayapi") == "provider gatewayapi needs its version: without one Flagger takes it for Istio\nwrite provider: gatewayapi:v1");
    CHECK(refused("gatewayapi", Compat::flagger).empty());
    CHECK(refused("linkerd").empty());
    try {
        auto spec = canary("istio");
        spec.provider = "istoi";
        traffic_abilities(spec, Compat::none);
        FAIL("it is not refused");
    } catch (const base::Error& error) {
        CHECK(error.suggestions() == std::vector<std::string>{"istio"});
    }
}

TEST_CASE("conditions that a provider cannot look at are refused, and let go under Flagger's rules", "[traffic]") {
    const auto refused = [](const std::string& provider, Compat compat) { return refusal([&] { make_routes(canary(provider, "", k_match_of_insiders), {}, {.compat = compat}); }); };
    CHECK(refused("traefik", Compat::none) ==
          "spec.analysis.match: provider traefik cannot tell requests apart, so all of them would go to the canary\n"
          "use a provider that can (istio, gatewayapi:v1, nginx, contour), or leave match out");
    CHECK(refused("traefik", Compat::flagger).empty());
}

TEST_CASE("every weight comes back as it was set, by every provider with a route", "[traffic]") {
    for (const auto& provider : traffic_providers()) {
        const bool needs_ingress = provider == "nginx" || provider == "skipper";
        TrafficLab lab(canary(provider, "    gatewayRefs: [{name: gw}]\n", "", k_ingress_ref));
        if (!traffic_abilities(lab.spec(), Compat::none).has_route) continue;
        if (needs_ingress) lab.live.push_back(front());
        INFO(provider);
        CHECK(lab.read() == "unknown");
        REQUIRE(lab.make() > 0);
        CHECK(lab.read() == "0");
        for (const int weight : {1, 50, 99, 100, 0}) {
            CHECK(lab.set({weight, false, false}) == 1);
            CHECK(lab.read() == std::to_string(weight));
            CHECK(lab.make() == 0);
            CHECK(is_in_force(lab.spec(), lab.live, {weight, false, false}, lab.rules));
            CHECK_FALSE(is_in_force(lab.spec(), lab.live, {weight == 7 ? 8 : 7, false, false}, lab.rules));
        }
    }
}

TEST_CASE("smi: a TrafficSplit", "[traffic]") {
    const auto split = [](const std::string& provider, const std::string& service = "") {
        TrafficLab lab(canary(provider, service));
        lab.make();
        lab.set({5, false, false});
        const auto& object = lab.object("TrafficSplit");
        return std::string(object.text_at("apiVersion")) + "\n" + yaml(*object.find("spec"));
    };
    CHECK(split("linkerd") == "split.smi-spec.io/v1alpha1\nbackends:\n- service: web-canary\n  weight: \"5\"\n- service: web-primary\n  weight: \"95\"\nservice: web\n");
    CHECK(split("osm", "    hosts: [web.shop]\n") == "split.smi-spec.io/v1alpha2\nbackends:\n- service: web-canary\n  weight: 5\n- service: web-primary\n  weight: 95\nservice: web.shop\n");
    CHECK(split("smi:v1alpha3").starts_with("split.smi-spec.io/v1alpha3\n"));
}

TEST_CASE("traefik: a TraefikService", "[traffic]") {
    TrafficLab lab(canary("traefik"));
    lab.make();
    CHECK(lab.spec_of("TraefikService") == "weighted:\n  services:\n  - name: web-primary\n    namespace: shop\n    port: 80\n    weight: 100\n");
    lab.object("TraefikService").at("spec").at("weighted").set("sticky", document("{cookie: {}}"));
    lab.set({100, false, false});
    CHECK(lab.spec_of("TraefikService") == "weighted:\n  services:\n  - name: web-primary\n    namespace: shop\n    port: 80\n    weight: 0\n"
                                           "  - name: web-canary\n    namespace: shop\n    port: 80\n    weight: 100\n  sticky:\n    cookie: {}\n");
}

TEST_CASE("contour: an HTTPProxy, with a route for each condition", "[traffic]") {
    TrafficLab lab(canary("contour", "    timeout: 15s\n    retries: {attempts: 3, perTryTimeout: 5s}\n    match: [{uri: {prefix: /api}}]\n"));
    lab.make();
    lab.set({10, false, false});
    CHECK(lab.spec_of("HTTPProxy") == R"(routes:
- conditions:
  - prefix: /api
  retryPolicy:
    count: 3
    perTryTimeout: 5s
  services:
  - name: web-primary
    port: 80
    requestHeadersPolicy:
      set:
      - name: l5d-dst-override
        value: web-primary.shop.svc.cluster.local:80
    weight: 90
  - name: web-canary
    port: 80
    requestHeadersPolicy:
      set:
      - name: l5d-dst-override
        value: web-canary.shop.svc.cluster.local:80
    weight: 10
  timeoutPolicy:
    idle: 5m
    response: 15s
)");
    const auto told = [](Compat compat) {
        TrafficLab ab(canary("contour", "", "    iterations: 2\n    match: [{headers: {x-a: {exact: b}}}, {headers: {x-c: {prefix: d}}}]\n"), compat);
        ab.make();
        ab.set({100, false, true});
        std::string text = ab.read();
        for (const auto& route : ab.object("HTTPProxy").path("spec", "routes")->items())
            text += " | " + doc::write_json(*route.find("conditions")) + " " + std::string(route.find("services")->items()[1].find("weight")->text());
        return text;
    };
    CHECK(told(Compat::none) == R"(100 matched | [{"prefix":"/"},{"header":{"name":"x-a","exact":"b"}}] 100 | [{"prefix":"/"},{"header":{"name":"x-c","contains":"d"}}] 100 | [{"prefix":"/"}] 0)");
    CHECK(told(Compat::flagger) == R"(100 matched | [{"prefix":"/"},{"header":{"name":"x-a","exact":"b"}},{"header":{"name":"x-c","contains":"d"}}] 100 | [{"prefix":"/"}] 0)");
}

TEST_CASE("nginx: a second Ingress", "[traffic]") {
    auto lab = with_ingress("nginx");
    CHECK(lab.make() == 1);
    CHECK(yaml(lab.object("Ingress", "front-canary")) == R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "0"
    nginx.ingress.kubernetes.io/rewrite-target: /
    zalando.org/skipper-predicate: Method("GET")
  labels:
    gitopsctl.io/canary: web
    team: blue
  name: front-canary
  namespace: shop
  resourceVersion: "1"
spec:
  ingressClassName: x
  rules:
  - host: web.example.com
    http:
      paths:
      - backend:
          service:
            name: web-canary
            port:
              number: 80
        path: /
        pathType: Prefix
      - backend:
          service:
            name: other
            port:
              number: 80
        path: /other
        pathType: Prefix
)");
    lab.set({30, false, false});
    CHECK(kube::annotation_of(lab.object("Ingress", "front-canary"), "nginx.ingress.kubernetes.io/canary-weight") == "30");
    lab.object("Ingress", "front").at("spec").set("ingressClassName", "y");
    CHECK(lab.make() == 1);
    CHECK(lab.read() == "30");
    CHECK(lab.object("Ingress", "front-canary").path("spec", "ingressClassName")->text() == "y");
}

TEST_CASE("nginx: who matches a header or a cookie", "[traffic]") {
    const std::string match = "    iterations: 3\n    match:\n    - headers: {x-user: {regex: a.*}}\n    - headers: {cookie: {exact: insider}}\n";
    auto lab = with_ingress("nginx", match);
    lab.make();
    CHECK(lab.read() == "0");
    lab.set({100, false, true});
    CHECK(lab.read() == "100 matched");
    CHECK(annotations_of(lab.object("Ingress", "front-canary")) ==
          "nginx.ingress.kubernetes.io/canary: \"true\"\nnginx.ingress.kubernetes.io/canary-by-cookie: insider\nnginx.ingress.kubernetes.io/canary-by-header: x-user\n"
          "nginx.ingress.kubernetes.io/canary-by-header-pattern: a.*\nnginx.ingress.kubernetes.io/rewrite-target: /\nzalando.org/skipper-predicate: Method(\"GET\")\n");
    lab.set({});
    CHECK(kube::annotation_of(lab.object("Ingress", "front-canary"), "nginx.ingress.kubernetes.io/canary-weight") == "0");
    auto two = with_ingress("nginx", "    iterations: 3\n    match: [{headers: {x-a: {exact: b}}}, {headers: {x-c: {exact: d}}}]\n");
    CHECK(refusal([&] { two.set({100, false, true}); }) == "spec.analysis.match: nginx looks at one header only, found x-a and x-c");
    auto flagger = with_ingress("nginx", "", Compat::flagger);
    flagger.make();
    CHECK(kube::annotation_of(flagger.object("Ingress", "front-canary"), "nginx.ingress.kubernetes.io/canary") == "false");
    CHECK(flagger.read() == "0");
}

TEST_CASE("an Ingress that is missing, or that leads elsewhere", "[traffic]") {
    CHECK(refusal([] { make_routes(canary("nginx"), {}, {}); }) == "spec.ingressRef: missing; provider nginx copies the Ingress it names");
    const auto spec = canary("nginx", "", "", k_ingress_ref);
    CHECK(refusal([&] { make_routes(spec, {}, {}); }) == "Ingress shop/front of spec.ingressRef is not in the cluster");
    CHECK(refusal([&] { make_routes(spec, {front("else")}, {}); }) == "Ingress shop/front has no backend that is the Service web");
}

TEST_CASE("skipper: both Services in a second Ingress", "[traffic]") {
    auto lab = with_ingress("skipper");
    lab.make();
    const auto& ingress = lab.object("Ingress", "front-canary");
    CHECK(kube::annotation_of(ingress, "zalando.org/backend-weights") == R"({"web-canary":0,"web-primary":100})");
    CHECK(kube::annotation_of(ingress, "zalando.org/skipper-predicate") == "False() && Weight(100) && Method(\"GET\")");
    CHECK(yaml(*ingress.path("spec", "rules")->items()[0].path("http", "paths")) ==
          "- backend:\n    service:\n      name: web-primary\n      port:\n        number: 80\n  path: /\n  pathType: Prefix\n"
          "- backend:\n    service:\n      name: web-canary\n      port:\n        number: 80\n  path: /\n  pathType: Prefix\n");
    lab.set({20, false, false});
    CHECK(kube::annotation_of(lab.object("Ingress", "front-canary"), "zalando.org/skipper-predicate") == "Weight(100) && Method(\"GET\")");
}

TEST_CASE("what is made for Istio and the Gateway API is what their definitions know", "[traffic]") {
    const auto known = schemas();
    REQUIRE(known.size() == 4);
    const std::string service = "    gatewayRefs: [{name: gw, namespace: infra, sectionName: http}]\n    gateways: [gw]\n    hosts: [a.example.com]\n    portDiscovery: true\n"
                                "    timeout: 5s\n    rewrite: {uri: /, authority: b.example.com, type: ReplacePrefixMatch}\n    headers: {request: {add: {a: b}, set: {c: d}, remove: [e]}, response: {add: {f: g}}}\n"
                                "    match: [{uri: {regex: /a.*}, method: {exact: GET}, queryParams: {q: {exact: '1'}}}]\n";
    const std::string istio = "    retries: {attempts: 2, perTryTimeout: 1s, retryOn: 5xx}\n    corsPolicy: {allowMethods: [GET], allowOrigins: [{regex: .*}], maxAge: 24h}\n"
                              "    trafficPolicy: {tls: {mode: DISABLE}, loadBalancer: {simple: LEAST_REQUEST}}\n";
    int checked = 0;
    for (const auto* provider : {"istio", "gatewayapi:v1", "gatewayapi:v1beta1"})
        for (const auto& analysis : {std::string("    mirror: true\n    mirrorWeight: 30\n"), std::string(k_match_of_insiders)}) {
            TrafficLab lab(canary(provider, std::string(provider) == "istio" ? service + istio : service, analysis));
            lab.make();
            lab.set({0, true, false});
            for (const auto& object : lab.live) {
                const auto key = fmt::format("{}/{}", object.text_at("apiVersion"), kube::kind_of(object));
                INFO(key);
                REQUIRE(known.has(key));
                CHECK(misfit(*object.find("spec"), *known.find(key), "spec") == "");
                ++checked;
            }
        }
    CHECK(checked == 10);
    TrafficLab tcp(canary("istio", "    appProtocol: tcp\n    match: [{port: 1}]\n"));
    tcp.make();
    CHECK(misfit(*tcp.object("VirtualService").find("spec"), *known.find("networking.istio.io/v1beta1/VirtualService"), "spec") == "");
    CHECK(misfit(document("{http: [{rout: []}]}"), *known.find("networking.istio.io/v1beta1/VirtualService"), "spec") == "spec.http[0].rout is not known");
}
