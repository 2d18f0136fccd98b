// Plan, execute, plan again: what holds for every set of manifests.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "core/deliver/diff.hpp"
#include "core/deliver/executor.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/support/fake_cluster.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

const char* const k_manifests = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: prod, annotations: {argocd.argoproj.io/sync-wave: "2"}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hunter2}, data: {token: "YWJj"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {}, creationTimestamp: null}, data: {a: "1", b: "2"}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}, {port: 80, protocol: UDP, name: quic}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {argocd.argoproj.io/sync-wave: "1"}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, creationTimestamp: null}
    spec:
      initContainers: [{name: setup, image: "setup:1"}]
      containers:
      - name: web
        image: web:1
        args: [--fast]
        env: [{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {name: s, key: password}}}]
        resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {cpu: 0.5}}
        ports: [{containerPort: 80, name: http}]
        readinessProbe: {httpGet: {path: /, port: 80}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {}}]
      tolerations: []
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1"}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: j}, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: j, image: "j:1"}]}}}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n}, spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: p}, spec: {maxUnavailable: 25%, selector: {matchLabels: {app: web}}}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: []}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: r}, roleRef: {kind: Role, name: r, apiGroup: rbac.authorization.k8s.io}, subjects: [{kind: ServiceAccount, name: sa}]}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: kafkas.x.io}, spec: {group: x.io, scope: Namespaced, names: {kind: Kafka, plural: kafkas}, versions: [{name: v1, served: true, storage: true}]}, status: {conditions: [{type: Established, status: "True"}]}}
---
{apiVersion: x.io/v1, kind: Kafka, metadata: {name: k}, spec: {size: 3, empty: {}, users: [{name: a, roles: []}]}}
)";

struct World {
    test::FakeCluster cluster;
    base::RecordingSink events;

    PlanInput input(std::mt19937* random = nullptr) const {
        PlanInput made;
        made.app = "shop";
        made.destination_namespace = "prod";
        made.prune = PrunePolicy::prune;
        for (auto& object : doc::read_yaml(k_manifests)) made.desired.push_back({std::move(object), ""});
        if (random != nullptr) std::shuffle(made.desired.begin(), made.desired.end(), *random);
        made.live = cluster.objects();
        for (const auto& object : made.live) made.inventory.push_back(kube::key_of(object));
        return made;
    }
    Execution sync(const Plan& plan) {
        ExecuteOptions options;
        options.manager = k_manager;
        return execute(plan, cluster, options, events, {});
    }
};

std::string pending(const Plan& plan) {
    std::string text;
    for (const auto& step : plan.steps)
        if (step.action != Action::unchanged) text += step.key.text() + ": " + step.reason + "\n";
    return text;
}

/// Every scalar below spec and data of what Git wrote, as the way to reach it: fields a hand may have changed.
void collect(const doc::Value& value, std::vector<std::string> way, std::vector<std::vector<std::string>>& out) {
    for (const auto& entry : value.entries()) {
        auto next = way;
        next.emplace_back(entry.name());
        collect(entry.value, std::move(next), out);
    }
    for (std::size_t i = 0; i < value.items().size(); ++i) {
        auto next = way;
        next.push_back(std::to_string(i));
        collect(value.items()[i], std::move(next), out);
    }
    if (value.is_scalar() && !value.is_null()) out.push_back(std::move(way));
}

doc::Value* reach(doc::Value& object, const std::vector<std::string>& way) {
    auto* node = &object;
    for (const auto& step : way) {
        if (node->is_list()) node = &node->item(std::stoul(step));
        else node = node->find_mutable(step);
        if (node == nullptr) return nullptr;
    }
    return node;
}

/// Keys by which list items are told: changed, they make another item, which may be nobody's.
bool is_identity(const std::string& field) {
    return field == "name" || field == "port" || field == "protocol" || field == "containerPort" || field == "mountPath";
}

}  // namespace

TEST_CASE("after a sync the plan is empty, and a second sync writes nothing", "[roundtrip]") {
    World world;
    std::mt19937 random(3);
    const auto plan = make_plan(world.input(&random));
    const auto done = world.sync(plan);
    INFO(done.message);
    REQUIRE(done.succeeded);
    CHECK(done.outcomes.size() == plan.steps.size());
    const auto again = make_plan(world.input(&random));
    CHECK(pending(again) == "");
    CHECK(again.warnings.empty());
    const auto calls = world.cluster.calls.size();
    world.sync(again);
    CHECK(world.cluster.calls.size() == calls);
}

TEST_CASE("whatever a hand changes in a field of Git is found and restored", "[roundtrip]") {
    World world;
    REQUIRE(world.sync(make_plan(world.input())).succeeded);
    const auto before = world.cluster.objects();
    std::mt19937 random(11);
    int edits = 0;
    for (const auto& manifest : world.input().desired) {
        auto key = kube::key_of(manifest.object);
        if (key.kind == "CustomResourceDefinition" || key.kind == "Namespace" || key.kind == "Secret") continue;
        if (key.ns.empty()) key.ns = "prod";
        for (const auto part : {"spec", "data"}) {
            if (!manifest.object.has(part)) continue;
            std::vector<std::vector<std::string>> ways;
            collect(*manifest.object.find(part), {part}, ways);
            for (const auto& way : ways) {
                if (is_identity(way.back())) continue;
                const auto live = *world.cluster.find(key);
                auto changed = live;
                auto* field = reach(changed, way);
                if (field == nullptr) continue;
                *field = field->is_number() ? doc::Value(static_cast<int>(random() % 1000 + 1000)) : field->is_bool() ? doc::Value(!field->as_bool()) : doc::Value("changed");
                world.cluster.put(kube::track_update(live, changed, "kubectl", "", base::Time{}));
                const auto plan = make_plan(world.input());
                INFO(key.text() << " " << way.back() << "\n" << pending(plan));
                REQUIRE(std::count_if(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
                            return step.action == Action::update && step.key == key;
                        }) == 1);
                REQUIRE(world.sync(plan).succeeded);
                REQUIRE(pending(make_plan(world.input())) == "");
                ++edits;
            }
        }
    }
    CHECK(edits > 30);
    CHECK(world.cluster.objects().size() == before.size());
}
