#include <catch2/catch.hpp>

#include "traffic_lab.hpp"

using namespace gitops;
using namespace gitops::rollout;

TEST_CASE("istio: a VirtualService and two DestinationRules", "[traffic][istio]") {
    const auto spec = canary("istio", "    gateways: [public/gw]\n    hosts: [web.example.com]\n    trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\n"
                                      "    retries: {attempts: 3, perTryTimeout: 1s, retryOn: gateway-error}\n    timeout: 15s\n"
                                      "    rewrite: {uri: /, type: ReplacePrefixMatch}\n    headers: {request: {add: {x-a: b}}}\n"
                                      "    corsPolicy: {allowOrigins: [{exact: example.com}]}\n    match: [{uri: {prefix: /api}}]\n"
                                      "    apex: {labels: {team: blue}, annotations: {a: b}}\n");
    CHECK(yaml(make_routes(spec, {}, {.owner_uid = "c-1"})) == R"(apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  labels:
    gitopsctl.io/canary: web
  name: web-canary
  namespace: shop
  ownerReferences:
  - apiVersion: flagger.app/v1beta1
    blockOwnerDeletion: true
    controller: true
    kind: Canary
    name: web
    uid: c-1
spec:
  host: web-canary
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
---
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  labels:
    gitopsctl.io/canary: web
  name: web-primary
  namespace: shop
  ownerReferences:
  - apiVersion: flagger.app/v1beta1
    blockOwnerDeletion: true
    controller: true
    kind: Canary
    name: web
    uid: c-1
spec:
  host: web-primary
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  annotations:
    a: b
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
  labels:
    gitopsctl.io/canary: web
    team: blue
  name: web
  namespace: shop
  ownerReferences:
  - apiVersion: flagger.app/v1beta1
    blockOwnerDeletion: true
    controller: true
    kind: Canary
    name: web
    uid: c-1
spec:
  gateways:
  - public/gw
  hosts:
  - web.example.com
  - web
  http:
  - corsPolicy:
      allowOrigins:
      - exact: example.com
    headers:
      request:
        add:
          x-a: b
    match:
    - uri:
        prefix: /api
    retries:
      attempts: 3
      perTryTimeout: 1s
      retryOn: gateway-error
    rewrite:
      uri: /
    route:
    - destination:
        host: web-primary
      weight: 100
    - destination:
        host: web-canary
      weight: 0
    timeout: 15s
)");
}

TEST_CASE("istio: the weight is read from and written to the route alone", "[traffic][istio]") {
    TrafficLab lab(canary("istio"));
    CHECK(lab.read() == "unknown");
    CHECK(lab.make() == 3);
    CHECK(lab.make() == 0);
    CHECK(lab.read() == "0");
    CHECK(lab.set({25, false, false}) == 1);
    CHECK(lab.read() == "25");
    CHECK(lab.set({25, false, false}) == 0);
    CHECK(lab.make() == 0);
    CHECK(lab.spec_of("VirtualService") == "gateways:\n- mesh\nhosts:\n- web\nhttp:\n- route:\n  - destination:\n      host: web-primary\n"
                                           "    weight: 75\n  - destination:\n      host: web-canary\n    weight: 25\n");
    CHECK(lab.set({100, false, false}) == 1);
    CHECK(lab.read() == "100");
}

TEST_CASE("istio: a mirror goes with its percentage and goes away again", "[traffic][istio]") {
    TrafficLab lab(canary("istio", "", "    mirror: true\n    mirrorWeight: 20\n"));
    lab.make();
    lab.set({0, true, false});
    CHECK(lab.read() == "0 mirrored");
    CHECK(lab.make() == 0);
    CHECK(yaml(lab.object("VirtualService").path("spec", "http")->items()[0]) ==
          "mirror:\n  host: web-canary\nmirrorPercentage:\n  value: 20\nroute:\n- destination:\n    host: web-primary\n  weight: 100\n"
          "- destination:\n    host: web-canary\n  weight: 0\n");
    lab.set({10, false, false});
    CHECK(lab.read() == "10");
    CHECK(lab.object("VirtualService").path("spec", "http")->items()[0].find("mirror") == nullptr);
}

TEST_CASE("istio: an A/B test has a route for those who match and one for the others", "[traffic][istio]") {
    TrafficLab lab(canary("istio", "    match: [{uri: {prefix: /api}}]\n", k_match_of_insiders));
    lab.make();
    CHECK(lab.read() == "0");
    lab.set({100, false, true});
    CHECK(lab.read() == "100 matched");
    CHECK(lab.make() == 0);
    CHECK(yaml(*lab.object("VirtualService").path("spec", "http")) == R"(- match:
  - headers:
      x-canary:
        exact: insider
    uri:
      prefix: /api
  - headers:
      cookie:
        regex: ^(.*?;)?(canary=always)(;.*)?$
    uri:
      prefix: /api
  route:
  - destination:
      host: web-primary
    weight: 0
  - destination:
      host: web-canary
    weight: 100
- match:
  - uri:
      prefix: /api
  route:
  - destination:
      host: web-primary
    weight: 100
)");
}

TEST_CASE("istio: what strays is repaired, and only Flagger takes the weight back for it", "[traffic][istio]") {
    const auto repaired = [](Compat compat) {
        TrafficLab lab(canary("istio"), compat);
        lab.make();
        lab.set({30, false, false});
        const auto known = lab.spec_of("VirtualService");
        lab.object("VirtualService").at("spec").set("hosts", document("[elsewhere]"));
        lab.object("VirtualService").at("spec").at("http").push_back(document("{route: [{destination: {host: evil}}]}"));
        CHECK(lab.make() == 1);
        CHECK((lab.spec_of("VirtualService") == known) == (compat == Compat::none));
        return lab.read();
    };
    CHECK(repaired(Compat::none) == "30");
    CHECK(repaired(Compat::flagger) == "0");
}

TEST_CASE("istio: fields that nobody generates stay on a VirtualService", "[traffic][istio]") {
    TrafficLab lab(canary("istio"));
    lab.make();
    lab.object("VirtualService").at("spec").set("exportTo", document("['.']"));
    kube::set_annotation(lab.object("VirtualService"), "example.com/note", "mine");
    CHECK(lab.make() == 0);
    lab.set({10, false, false});
    CHECK(yaml(*lab.object("VirtualService").path("spec", "exportTo")) == "- .\n");
    CHECK(kube::annotation_of(lab.object("VirtualService"), "example.com/note") == "mine");
}

TEST_CASE("istio: somebody's VirtualService is taken over, and what it said is kept", "[traffic][istio]") {
    TrafficLab lab(canary("istio"));
    lab.live.push_back(document(R"({apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: web, namespace: shop, resourceVersion: "4"},
      spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}})"));
    CHECK(refusal([&] { lab.read(); }) == "VirtualService shop/web leads neither to web-primary nor to web-canary\n"
                                          "somebody else wrote it; it is put right by the next tick");
    CHECK(lab.make() == 3);
    CHECK(lab.read() == "0");
    CHECK(kube::annotation_of(lab.object("VirtualService"), "flagger.kubernetes.io/original-configuration") ==
          R"({"hosts":["web"],"http":[{"route":[{"destination":{"host":"web"}}]}]})");
    CHECK(lab.make() == 0);
}

TEST_CASE("istio: TCP, delegation, and the port behind a gateway", "[traffic][istio]") {
    TrafficLab tcp(canary("istio", "    appProtocol: TCP\n    match: [{port: 27017}]\n"));
    tcp.make();
    tcp.set({40, false, false});
    CHECK(tcp.read() == "40");
    CHECK(tcp.spec_of("VirtualService") == "gateways:\n- mesh\nhosts:\n- web\ntcp:\n- match:\n  - port: 27017\n  route:\n  - destination:\n      host: web-primary\n"
                                           "    weight: 60\n  - destination:\n      host: web-canary\n    weight: 40\n");

    TrafficLab delegated(canary("istio", "    delegation: true\n    portDiscovery: true\n"));
    delegated.make();
    CHECK(delegated.spec_of("VirtualService") == "http:\n- route:\n  - destination:\n      host: web-primary\n      port:\n        number: 80\n    weight: 100\n"
                                                 "  - destination:\n      host: web-canary\n      port:\n        number: 80\n    weight: 0\n");
    CHECK(refusal([] { make_routes(canary("istio", "    delegation: true\n    hosts: [a]\n"), {}, {}); }) ==
          "spec.service: a VirtualService that is delegated to has neither hosts nor gateways of its own\n"
          "leave out spec.service.hosts and spec.service.gateways, or spec.service.delegation");
    CHECK(yaml(*make_routes(canary("istio", "    hosts: ['*']\n"), {}, {})[2].path("spec", "hosts")) == "- '*'\n");
}
