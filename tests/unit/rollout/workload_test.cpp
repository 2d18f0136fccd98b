#include "core/rollout/workload.hpp"

#include <catch2/catch.hpp>

#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

const std::string k_target = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  resourceVersion: "41"
  uid: u-1
  labels: {app: web, team: blue, kustomize.toolkit.fluxcd.io/name: shop}
  annotations:
    deployment.kubernetes.io/revision: "3"
    kubectl.kubernetes.io/last-applied-configuration: "{}"
    argocd.argoproj.io/tracking-id: "shop:apps/Deployment:shop/web"
    kustomize.toolkit.fluxcd.io/checksum: abc
    example.com/owner: blue
spec:
  replicas: 3
  minReadySeconds: 5
  progressDeadlineSeconds: 60
  revisionHistoryLimit: 2
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0}}
  selector:
    matchLabels: {tier: front, app: web}
  template:
    metadata:
      labels: {app: web, tier: front}
      annotations: {flagger-id: 9a, prometheus.io/scrape: "true"}
    spec:
      initContainers:
      - name: init
        image: busybox:1
        env:
        - name: MODE
          valueFrom: {configMapKeyRef: {name: web-env, key: mode}}
      containers:
      - name: web
        image: wafer/web:2.9
        env:
        - name: TOKEN
          valueFrom: {secretKeyRef: {name: web-token, key: token}}
        - name: PLAIN
          value: x
        envFrom:
        - configMapRef: {name: web-env}
        - secretRef: {name: untracked}
      volumes:
      - name: config
        configMap: {name: web-files}
      - name: secret
        secret: {secretName: web-token}
      - name: both
        projected:
          sources:
          - configMap: {name: web-files}
          - secret: {name: web-token}
      affinity:
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector: {matchLabels: {app: web}}
            topologyKey: zone
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm:
              labelSelector: {matchExpressions: [{key: app, operator: In, values: [web, other]}]}
              topologyKey: host
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector: {matchLabels: {app: web, tier: front}}
            topologyKey: host
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: zone
        whenUnsatisfiable: ScheduleAnyway
        labelSelector: {matchLabels: {app: web}}
)";

const std::string k_primary = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    example.com/owner: blue
    helm.toolkit.fluxcd.io/driftDetection: disabled
    kustomize.toolkit.fluxcd.io/reconcile: disabled
  labels:
    app: web-primary
    gitopsctl.io/canary: web
  name: web-primary
  namespace: shop
spec:
  minReadySeconds: 5
  progressDeadlineSeconds: 60
  replicas: 3
  revisionHistoryLimit: 2
  selector:
    matchLabels:
      app: web-primary
  strategy:
    rollingUpdate:
      maxUnavailable: 0
    type: RollingUpdate
  template:
    metadata:
      annotations:
        gitopsctl.io/configs: 458e7ea68f
        prometheus.io/scrape: "true"
      labels:
        app: web-primary
        tier: front
    spec:
      affinity:
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector:
              matchLabels:
                app: web
            topologyKey: zone
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - podAffinityTerm:
              labelSelector:
                matchExpressions:
                - key: app
                  operator: In
                  values:
                  - web-primary
                  - other
              topologyKey: host
            weight: 1
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector:
              matchLabels:
                app: web-primary
                tier: front
            topologyKey: host
      containers:
      - env:
        - name: TOKEN
          valueFrom:
            secretKeyRef:
              key: token
              name: web-token-primary
        - name: PLAIN
          value: x
        envFrom:
        - configMapRef:
            name: web-env-primary
        - secretRef:
            name: untracked
        image: wafer/web:2.9
        name: web
      initContainers:
      - env:
        - name: MODE
          valueFrom:
            configMapKeyRef:
              key: mode
              name: web-env-primary
        image: busybox:1
        name: init
      topologySpreadConstraints:
      - labelSelector:
          matchLabels:
            app: web-primary
        maxSkew: 1
        topologyKey: zone
        whenUnsatisfiable: ScheduleAnyway
      volumes:
      - configMap:
          name: web-files-primary
        name: config
      - name: secret
        secret:
          secretName: web-token-primary
      - name: both
        projected:
          sources:
          - configMap:
              name: web-files-primary
          - secret:
              name: web-token-primary
)";

const ConfigSums k_tracked{{"configmap/web-env", "1"}, {"configmap/web-files", "2"}, {"secret/web-token", "3"}};

std::string patched(const std::optional<kube::Patch>& patch) {
    if (!patch) return "nothing";
    return patch->ref.gvk.kind + " " + patch->ref.ns + "/" + patch->ref.name + ": " + yaml(patch->patch);
}

doc::Value deployment(const std::string& name, int replicas) {
    return document("{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name + ", namespace: shop}, spec: {replicas: " +
                    std::to_string(replicas) + "}}");
}

doc::Value daemon_set(const std::string& spec) {
    return document("{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: web, namespace: shop}, spec: " + spec + "}");
}

}  // namespace

TEST_CASE("the primary is a renamed copy of the target", "[workload]") {
    CHECK(yaml(make_primary(canary("istio"), document(k_target), k_tracked, {})) == k_primary);
}

TEST_CASE("the Canary owns the primary where it lives in the cluster", "[workload]") {
    const auto primary = make_primary(canary("istio"), document(k_target), {}, {.owner_uid = "c-9"});
    CHECK(yaml(*primary.path("metadata", "ownerReferences")) ==
          "- apiVersion: flagger.app/v1beta1\n  blockOwnerDeletion: true\n  controller: true\n  kind: Canary\n  name: web\n  uid: c-9\n");
}

TEST_CASE("listed labels of the target go to the primary", "[workload]") {
    const auto labels = [](const ObjectRules& rules) {
        return yaml(*make_primary(canary("istio"), document(k_target), {}, rules).path("metadata", "labels"));
    };
    CHECK(labels({.label_prefixes = {"te"}}) == "app: web-primary\ngitopsctl.io/canary: web\nteam: blue\n");
    CHECK(labels({.label_prefixes = {"*"}}) == "app: web-primary\ngitopsctl.io/canary: web\nteam: blue\n");
    CHECK(labels({.label_prefixes = {""}}) == "app: web-primary\ngitopsctl.io/canary: web\n");
}

TEST_CASE("Flagger renames selectors by the name of the Deployment, we by the label", "[workload]") {
    const auto target = document(R"({apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {
      selector: {matchLabels: {app: front}}, template: {metadata: {labels: {app: front}}, spec: {topologySpreadConstraints: [
      {labelSelector: {matchLabels: {app: front, name: web}}}]}}}})");
    const auto labels = [&](Compat compat) {
        const auto primary = make_primary(canary("istio"), target, {}, {.compat = compat});
        return yaml(*primary.path("spec", "template", "spec", "topologySpreadConstraints"));
    };
    CHECK(labels(Compat::none) == "- labelSelector:\n    matchLabels:\n      app: front-primary\n      name: web\n");
    CHECK(labels(Compat::flagger) == "- labelSelector:\n    matchLabels:\n      app: front\n      name: web-primary\n");
}

TEST_CASE("the selector label", "[workload]") {
    const auto told = [](const std::string& labels) {
        const auto label = selector_label(document("{kind: Deployment, apiVersion: apps/v1, metadata: {name: web, namespace: shop}, spec: "
                                                   "{selector: {matchLabels: " + labels + "}}}"));
        return label.key + "=" + label.value;
    };
    CHECK(told("{app.kubernetes.io/name: a, name: b, app: c}") == "app=c");
    CHECK(told("{app.kubernetes.io/name: a, name: b}") == "name=b");
    CHECK(told("{app.kubernetes.io/name: a}") == "app.kubernetes.io/name=a");
    CHECK(refusal([&] { told("{tier: x}"); }) ==
          "apps/Deployment shop/web selects its pods by none of the labels app, name and app.kubernetes.io/name\n"
          "the primary is told apart by one of them: put it into spec.selector.matchLabels and spec.template.metadata.labels; a selector "
          "cannot be changed, so the workload has to be made anew");
    CHECK(refusal([&] { told("{app: " + std::string(56, 'a') + "}"); }) ==
          "the label app of apps/Deployment shop/web is too long: with -primary it has more than 63 characters");
}

TEST_CASE("a promotion that changes no pod writes nothing", "[workload]") {
    const auto spec = canary("istio");
    const auto target = document(k_target);
    auto primary = living(make_primary(spec, target, k_tracked, {}));
    CHECK_FALSE(promoted(spec, primary, target, k_tracked, {}));
    primary.at("spec").at("template").at("metadata").at("annotations").set("flagger-id", "f0");
    CHECK_FALSE(promoted(spec, primary, target, k_tracked, {}));
    auto sums = k_tracked;
    sums["configmap/web-env"] = "changed";
    CHECK(promoted(spec, primary, target, sums, {}));
}

TEST_CASE("a promotion takes over pods, strategy and replicas", "[workload]") {
    const auto spec = canary("istio");
    auto target = document(k_target);
    auto primary = living(make_primary(spec, target, {}, {}));
    kube::set_annotation(primary, "example.com/noted", "by somebody");
    target.at("spec").set("replicas", 5);
    target.at("spec").erase("minReadySeconds");
    target.at("spec").at("template").at("spec").at("containers").item(0).set("image", "wafer/web:3.0");
    auto wanted = make_primary(spec, target, {}, {});
    wanted.at("metadata").set("resourceVersion", "7");
    kube::set_annotation(wanted, "example.com/noted", "by somebody");
    CHECK(yaml(*promoted(spec, primary, target, {}, {})) == yaml(wanted));

    const auto scaled = canary("istio", "", "", "  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: web}\n");
    CHECK(replicas_of(*promoted(scaled, primary, target, {}, {})) == 3);
    target.at("spec").set("replicas", 0);
    CHECK(replicas_of(*promoted(spec, primary, target, {}, {})) == 3);
}

TEST_CASE("under Flagger's rules annotations vanish at the first promotion", "[workload]") {
    const auto spec = canary("istio");
    auto target = document(k_target);
    const auto primary = living(make_primary(spec, target, {}, {.compat = Compat::flagger}));
    CHECK(kube::annotation_of(primary, "example.com/owner") == "blue");
    target.at("spec").at("template").at("spec").at("containers").item(0).set("image", "wafer/web:3.0");
    const auto next = promoted(spec, primary, target, {}, {.compat = Compat::flagger});
    CHECK(kube::annotation_of(*next, "example.com/owner").empty());
}

TEST_CASE("the saved template goes back", "[workload]") {
    const auto before = document("{spec: {containers: [{name: web, image: a:1}]}}");
    auto primary = deployment("web-primary", 2);
    primary.at("spec").set("template", document("{spec: {containers: [{name: web, image: a:2}]}}"));
    const auto next = restored(primary, before);
    REQUIRE(next);
    CHECK(*next->path("spec", "template") == before);
    CHECK_FALSE(restored(*next, before));
    CHECK_FALSE(restored(primary, doc::Value()));
}

TEST_CASE("the target is scaled up to the first number that somebody names", "[workload]") {
    const auto spec = canary("istio");
    const auto primary = deployment("web-primary", 4);
    const auto autoscaler = [](const std::string& least) {
        return document("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {" + least + "}}");
    };
    const auto up = [&](int replicas, const doc::Value* scaler) { return patched(scale_up(spec, deployment("web", replicas), &primary, scaler)); };
    const auto two = autoscaler("minReplicas: 2");
    const auto none = autoscaler("maxReplicas: 9");
    CHECK(up(3, nullptr) == "nothing");
    CHECK(up(0, &two) == "Deployment shop/web: spec:\n  replicas: 2\n");
    CHECK(up(0, nullptr) == "Deployment shop/web: spec:\n  replicas: 4\n");
    CHECK(up(0, &none) == "Deployment shop/web: spec:\n  replicas: 1\n");
    CHECK(patched(scale_up(spec, deployment("web", 0), nullptr, nullptr)) == "Deployment shop/web: spec:\n  replicas: 1\n");
    CHECK(patched(scale_up(canary("replicas"), deployment("web", 0), &primary, nullptr)) == "Deployment shop/web: spec:\n  replicas: 1\n");
    CHECK(patched(scale_to_zero(deployment("web", 2))) == "Deployment shop/web: spec:\n  replicas: 0\n");
    CHECK(patched(scale_to_zero(deployment("web", 0))) == "nothing");
}

TEST_CASE("a DaemonSet is scaled by a selector no node has", "[workload]") {
    const auto spec = canary("istio");
    const auto runs = daemon_set("{selector: {matchLabels: {app: web}}, template: {spec: {nodeSelector: {disk: ssd}}}}");
    const auto rests = daemon_set("{selector: {matchLabels: {app: web}}, template: {spec: {nodeSelector: {disk: ssd, flagger.app/scale-to-zero: \"true\"}}}}");
    CHECK(patched(scale_to_zero(runs)) == "DaemonSet shop/web: spec:\n  template:\n    spec:\n      nodeSelector:\n        flagger.app/scale-to-zero: \"true\"\n");
    CHECK(patched(scale_to_zero(rests)) == "nothing");
    CHECK(patched(scale_up(spec, rests, nullptr, nullptr)) == "DaemonSet shop/web: spec:\n  template:\n    spec:\n      nodeSelector:\n        flagger.app/scale-to-zero: null\n");
    CHECK(patched(scale_up(spec, runs, nullptr, nullptr)) == "nothing");
    CHECK(yaml(*make_primary(spec, rests, {}, {}).find("spec")) ==
          "selector:\n  matchLabels:\n    app: web-primary\ntemplate:\n  metadata:\n    labels:\n      app: web-primary\n  spec:\n    nodeSelector:\n      disk: ssd\n");
    CHECK(refusal([&] { make_primary(spec, daemon_set("{updateStrategy: {type: OnDelete}}"), {}, {}); }) ==
          "apps/DaemonSet shop/web is updated by OnDelete, which nobody can wait for\nset spec.updateStrategy.type to RollingUpdate");
}

TEST_CASE("pods on both sides share a label where their number is the weight", "[workload]") {
    const auto spec = canary("replicas");
    const auto target = document(k_target);
    CHECK(patched(traffic_label_patch(spec, target)) ==
          "Deployment shop/web: spec:\n  template:\n    metadata:\n      labels:\n        gitopsctl.io/traffic: web\n");
    CHECK(patched(traffic_label_patch(spec, make_primary(spec, target, {}, {}))) == "nothing");
    CHECK(patched(traffic_label_patch(canary("istio"), target)) == "nothing");
}
