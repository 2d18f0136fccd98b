#include <catch2/catch.hpp>

#include "traffic_lab.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

const std::string k_gateway = "    gatewayRefs: [{name: gw, namespace: infra}]\n";

doc::Value accepted(const std::string& status, int generation) {
    return document("{parents: [{parentRef: {group: gateway.networking.k8s.io, kind: Gateway, name: gw, namespace: infra}, conditions: [{type: Accepted, status: \"" +
                    status + "\", reason: NoMatchingParent, observedGeneration: " + std::to_string(generation) + "}]}]}");
}

}  // namespace

TEST_CASE("gateway: an HTTPRoute with all that a server would fill in", "[traffic][gateway]") {
    const auto spec = canary("gatewayapi:v1", k_gateway +
                             "    hosts: [web.example.com]\n    timeout: 10s\n    backendTimeout: 5s\n    rewrite: {uri: /v2, type: ReplacePrefixMatch, authority: b.example.com}\n"
                             "    headers: {request: {add: {x-b: '1', x-a: '2'}, remove: [x-c]}, response: {set: {x-d: '3'}}}\n"
                             "    mirror: [{backendRef: {name: log, port: 80}}]\n"
                             "    match: [{uri: {prefix: /api}, method: {exact: GET}}, {headers: {x-v: {exact: '2'}}, queryParams: {q: {regex: a.*}}}]\n");
    CHECK(yaml(make_routes(spec, {}, {})) == R"(apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  annotations:
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
  labels:
    gitopsctl.io/canary: web
  name: web
  namespace: shop
spec:
  hostnames:
  - web.example.com
  parentRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: gw
    namespace: infra
  rules:
  - backendRefs:
    - group: ""
      kind: Service
      name: web-primary
      port: 80
      weight: 100
    - group: ""
      kind: Service
      name: web-canary
      port: 80
      weight: 0
    filters:
    - requestHeaderModifier:
        add:
        - name: x-a
          value: "2"
        - name: x-b
          value: "1"
        remove:
        - x-c
      type: RequestHeaderModifier
    - responseHeaderModifier:
        set:
        - name: x-d
          value: "3"
      type: ResponseHeaderModifier
    - type: URLRewrite
      urlRewrite:
        hostname: b.example.com
        path:
          replacePrefixMatch: /v2
          type: ReplacePrefixMatch
    - requestMirror:
        backendRef:
          group: ""
          kind: Service
          name: log
          port: 80
      type: RequestMirror
    matches:
    - method: GET
      path:
        type: PathPrefix
        value: /api
    - headers:
      - name: x-v
        type: Exact
        value: "2"
      path:
        type: PathPrefix
        value: /
      queryParams:
      - name: q
        type: RegularExpression
        value: a.*
    timeouts:
      backendRequest: 5s
      request: 10s
)");
}

TEST_CASE("gateway: weights, and a route that strays", "[traffic][gateway]") {
    for (const auto* provider : {"gatewayapi:v1", "gatewayapi:v1beta1"}) {
        TrafficLab lab(canary(provider, k_gateway));
        CHECK(lab.make() == 1);
        CHECK(lab.object("HTTPRoute").text_at("apiVersion") == "gateway.networking.k8s.io/" + std::string(provider).substr(11));
        CHECK(lab.read() == "0");
        CHECK(lab.set({35, false, false}) == 1);
        CHECK(lab.read() == "35");
        CHECK(lab.make() == 0);
        kube::set_annotation(lab.object("HTTPRoute"), "application-networking.k8s.aws/lattice", "x");
        lab.object("HTTPRoute").at("spec").set("parentRefs", document("[{name: other}]"));
        CHECK(lab.make() == 1);
        CHECK(lab.read() == "35");
        CHECK(kube::annotation_of(lab.object("HTTPRoute"), "application-networking.k8s.aws/lattice") == "x");
    }
    TrafficLab flagger(canary("gatewayapi:v1", k_gateway), Compat::flagger);
    flagger.make();
    flagger.set({35, false, false});
    flagger.object("HTTPRoute").at("spec").set("parentRefs", document("[{name: other}]"));
    kube::set_annotation(flagger.object("HTTPRoute"), "foreign", "x");
    CHECK(flagger.make() == 1);
    CHECK(flagger.read() == "0");
    CHECK(kube::annotation_of(flagger.object("HTTPRoute"), "foreign") == "x");
}

TEST_CASE("gateway: an A/B test is a rule of its own", "[traffic][gateway]") {
    TrafficLab lab(canary("gatewayapi:v1", k_gateway, k_match_of_insiders));
    lab.make();
    CHECK(lab.read() == "0");
    lab.set({100, false, true});
    CHECK(lab.read() == "100 matched");
    CHECK(yaml(*lab.object("HTTPRoute").path("spec", "rules")) == R"(- backendRefs:
  - group: ""
    kind: Service
    name: web-primary
    port: 80
    weight: 0
  - group: ""
    kind: Service
    name: web-canary
    port: 80
    weight: 100
  matches:
  - headers:
    - name: x-canary
      type: Exact
      value: insider
    path:
      type: PathPrefix
      value: /
  - headers:
    - name: cookie
      type: RegularExpression
      value: ^(.*?;)?(canary=always)(;.*)?$
    path:
      type: PathPrefix
      value: /
- backendRefs:
  - group: ""
    kind: Service
    name: web-primary
    port: 80
    weight: 100
  matches:
  - path:
      type: PathPrefix
      value: /
)");
}

TEST_CASE("gateway: a mirror is a filter", "[traffic][gateway]") {
    const auto filters = [](const std::string& provider, const std::string& analysis, Compat compat) {
        TrafficLab lab(canary(provider, k_gateway, analysis), compat);
        lab.make();
        lab.set({0, true, false});
        const auto* list = lab.object("HTTPRoute").path("spec", "rules")->items()[0].find("filters");
        return lab.read() + "\n" + (list == nullptr ? "none" : yaml(*list));
    };
    const std::string whole = "0 mirrored\n- requestMirror:\n    backendRef:\n      group: \"\"\n      kind: Service\n      name: web-canary\n      port: 80\n";
    CHECK(filters("gatewayapi:v1", "    mirror: true\n    iterations: 5\n", Compat::flagger) == whole + "  type: RequestMirror\n");
    CHECK(filters("gatewayapi:v1", "    mirror: true\n", Compat::flagger) == "0\nnone");
    CHECK(filters("gatewayapi:v1", "    mirror: true\n    mirrorWeight: 20\n", Compat::none) == whole + "    percent: 20\n  type: RequestMirror\n");
    CHECK(filters("gatewayapi:v1beta1", "    mirror: true\n    mirrorWeight: 20\n", Compat::none) == whole + "  type: RequestMirror\n");
}

TEST_CASE("gateway: a route that its Gateway refuses has no weights", "[traffic][gateway]") {
    TrafficLab lab(canary("gatewayapi:v1", k_gateway));
    lab.make();
    lab.object("HTTPRoute").at("metadata").set("generation", 3);
    CHECK(lab.read() == "0");
    lab.object("HTTPRoute").set("status", accepted("True", 3));
    CHECK(lab.read() == "0");
    lab.object("HTTPRoute").set("status", accepted("False", 3));
    CHECK(refusal([&] { lab.read(); }) == "HTTPRoute shop/web is not accepted by Gateway gw: NoMatchingParent");
    lab.object("HTTPRoute").set("status", accepted("False", 2));
    CHECK(lab.read() == "0");
    lab.rules.compat = Compat::flagger;
    CHECK(refusal([&] { lab.read(); }) == "HTTPRoute shop/web is not accepted by Gateway gw: it has not seen the last change");
}

TEST_CASE("gateway: what cannot be said is refused", "[traffic][gateway]") {
    CHECK(refusal([] { make_routes(canary("gatewayapi:v1"), {}, {}); }) ==
          "spec.service.gatewayRefs: missing; an HTTPRoute hangs on a Gateway\nname it: gatewayRefs: [{name: ..., namespace: ...}]");
    CHECK(refusal([] { make_routes(canary("gatewayapi:v1", k_gateway + "    match: [{headers: {a: {prefix: b}}}]\n"), {}, {}); }) ==
          "match: the Gateway API knows a header only by exact text or by regex\na prefix of a header is regex: ^text.*");
}
