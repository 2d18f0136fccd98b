#include "core/rollout/config_tracking.hpp"

#include <catch2/catch.hpp>

#include "core/base/digest.hpp"
#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

std::string sixteen(const std::string& json) { return base::sha256_hex(json).substr(0, 16); }

doc::Value config_map(const std::string& name, const std::string& rest) {
    return document("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", namespace: shop}, " + rest + "}");
}
doc::Value secret(const std::string& name, const std::string& type, const std::string& rest = "data: {a: eA==}") {
    return document("{apiVersion: v1, kind: Secret, metadata: {name: " + name + ", namespace: shop}, type: " + type + ", " + rest + "}");
}

ConfigRef map_ref(const std::string& name, bool is_optional = false) { return {ConfigKind::config_map, name, is_optional}; }
ConfigRef secret_ref(const std::string& name) { return {ConfigKind::secret, name, false}; }

}  // namespace

TEST_CASE("every way a pod refers to a config is tracked, once", "[config_tracking]") {
    const auto target = document(R"(
kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - envFrom: [{secretRef: {name: s1, optional: true}}]
      containers:
      - env:
        - {name: A, valueFrom: {configMapKeyRef: {name: m1, key: a, optional: true}}}
        - {name: B, valueFrom: {secretKeyRef: {name: s2, key: a}}}
        - {name: C, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        envFrom: [{configMapRef: {name: m2}}]
      volumes:
      - configMap: {name: m1}
      - secret: {secretName: s3}
      - projected: {sources: [{configMap: {name: m3, optional: true}}, {secret: {name: s1, optional: true}}, {serviceAccountToken: {}}]}
      - emptyDir: {}
)");
    std::string told;
    for (const auto& ref : tracked_refs(target)) told += ref.key() + (ref.is_optional ? "?" : "") + " ";
    CHECK(told == "configmap/m1 configmap/m2 configmap/m3? secret/s1? secret/s2 secret/s3 ");
    CHECK(tracked_refs(document("{kind: Service, spec: {selector: {app: a}}}")).empty());
}

TEST_CASE("a checksum is Flagger's", "[config_tracking]") {
    const auto of = [](const std::string& rest, Compat compat = Compat::none) { return config_checksum(config_map("m", rest), compat); };
    CHECK(of("data: {b: x, a: y}") == sixteen(R"({"a":"y","b":"x"})"));
    CHECK(of("immutable: true") == sixteen("null"));
    CHECK(of("data: {}") == sixteen("{}"));
    CHECK(of(R"(data: {a: "<b>&\"\\\n\t\u0001\u2028\u00e9"})") == sixteen(R"({"a":"\u003cb\u003e\u0026\"\\\n\t\u0001\u2028é"})"));
    CHECK(config_checksum(secret("s", "Opaque"), Compat::none) == sixteen(R"({"a":"eA=="})"));
}

TEST_CASE("binary data counts, but not for Flagger", "[config_tracking]") {
    const auto config = config_map("m", "data: {a: y}, binaryData: {b: eA==}");
    CHECK(config_checksum(config, Compat::flagger) == sixteen(R"({"a":"y"})"));
    CHECK(config_checksum(config, Compat::none) == sixteen(R"({"a":"y"}{"b":"eA=="})"));
}

TEST_CASE("what is tracked and what is missing", "[config_tracking]") {
    const auto spec = canary("istio");
    const std::vector<doc::Value> live{
        config_map("m1", "data: {a: y}"), secret("s1", "Opaque"), secret("s2", "kubernetes.io/dockerconfigjson"), secret("s3", "kubernetes.io/tls"),
        document("{apiVersion: v1, kind: ConfigMap, metadata: {name: m2, namespace: shop, annotations: {flagger.app/config-tracking: disabled}}}")};
    const auto sums = config_checksums(spec, {map_ref("m1"), map_ref("m2"), map_ref("m3", true), secret_ref("s1"), secret_ref("s2"), secret_ref("s3")},
                                       live, Compat::none);
    std::string keys;
    for (const auto& [key, sum] : sums) keys += key + " ";
    CHECK(keys == "configmap/m1 secret/s1 secret/s3 ");
    CHECK(refusal([&] { config_checksums(spec, {map_ref("m4"), secret_ref("s9")}, live, Compat::none); }) ==
          "Deployment shop/web needs configmap/m4, secret/s9, which are not in the cluster");
}

TEST_CASE("the primary has copies of its own", "[config_tracking]") {
    const auto spec = canary("istio");
    std::vector<doc::Value> live{
        document("{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: shop, labels: {app: web, team: blue}, resourceVersion: '3'}, "
                 "immutable: true, data: {a: y}, binaryData: {b: eA==}}"),
        secret("s", "Opaque")};
    const std::vector<ConfigRef> refs{map_ref("m"), secret_ref("s"), map_ref("untracked")};
    const ConfigSums sums{{"configmap/m", "1"}, {"secret/s", "2"}};
    const auto copies = primary_configs(spec, refs, sums, live, {.label_prefixes = {"team"}});
    CHECK(yaml(copies) == R"(apiVersion: v1
binaryData:
  b: eA==
data:
  a: "y"
kind: ConfigMap
metadata:
  labels:
    gitopsctl.io/canary: web
    team: blue
  name: m-primary
  namespace: shop
---
apiVersion: v1
data:
  a: eA==
kind: Secret
metadata:
  labels:
    gitopsctl.io/canary: web
  name: s-primary
  namespace: shop
type: Opaque
)");
    for (const auto& copy : living(copies)) live.push_back(copy);
    CHECK(primary_configs(spec, refs, sums, live, {.label_prefixes = {"team"}}).empty());
    live[0].at("data").set("a", "z");
    const auto changed = primary_configs(spec, refs, sums, live, {.label_prefixes = {"team"}});
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].path("data", "a")->text() == "z");
    CHECK(kube::resource_version_of(changed[0]) == "7");
}

TEST_CASE("a copy that two canaries share has both as owners and one controller", "[config_tracking]") {
    const auto spec = canary("istio");
    const std::vector<doc::Value> live{
        config_map("m", "data: {a: y}"),
        document("{apiVersion: v1, kind: ConfigMap, metadata: {name: m-primary, namespace: shop, resourceVersion: '3', ownerReferences: "
                 "[{apiVersion: flagger.app/v1beta1, kind: Canary, name: api, uid: c-1, controller: true}]}, data: {a: y}}")};
    const auto copies = primary_configs(spec, {map_ref("m")}, {{"configmap/m", "1"}}, live, {.owner_uid = "c-2"});
    REQUIRE(copies.size() == 1);
    CHECK(yaml(*copies[0].path("metadata", "ownerReferences")) ==
          "- apiVersion: flagger.app/v1beta1\n  controller: true\n  kind: Canary\n  name: api\n  uid: c-1\n"
          "- apiVersion: flagger.app/v1beta1\n  kind: Canary\n  name: web\n  uid: c-2\n");
}
