#include <catch2/catch.hpp>

#include "core/embedded/documents.hpp"
#include "tests/unit/embedded/embedded.hpp"

using namespace gitops;
using namespace gitops::test;
using embedded::FaultKind;

namespace {

std::string stateful(int replicas, std::string_view image, std::string_view spec = "serviceName: db") {
    return R"(
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: default}
spec:
  )" + std::string(spec) + R"(
  replicas: )" + std::to_string(replicas) + R"(
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: ")" + std::string(image) + "\"}]}\n";
}

std::string daemon(std::string_view image, std::string_view pod = "") {
    return R"(
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: default}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {)" + std::string(pod) + "containers: [{name: agent, image: \"" + std::string(image) + "\"}]}\n";
}

std::string job(std::string_view spec) {
    return R"(
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: default}
spec:
  )" + std::string(spec) + R"(
  template: {spec: {restartPolicy: Never, containers: [{name: run, image: "job:1"}]}}
)";
}

std::string field(const doc::Value& object, std::string_view name) {
    const doc::Value* value = object.path("status", name);
    return value == nullptr ? "" : std::string(value->text());
}

}  // namespace

TEST_CASE("a StatefulSet makes its Pods in order") {
    Embedded on;
    on.apply(stateful(3, "db:1"));
    CHECK(on.pods() == "db-0 starting");
    on.pass(120);
    CHECK(on.pods() == "db-0 running, db-1 starting");
    on.pass(240);
    CHECK(on.pods() == "db-0 running, db-1 running, db-2 running");
    doc::Value db = on.get("StatefulSet", "db");
    CHECK(field(db, "readyReplicas") == "3");
    CHECK(field(db, "currentRevision") == field(db, "updateRevision"));
}

TEST_CASE("a StatefulSet is updated from the highest number down, each Pod ready before the next") {
    Embedded on;
    on.apply(stateful(2, "db:1", "podManagementPolicy: Parallel"));
    CHECK(on.pods() == "db-0 starting, db-1 starting");
    on.pass(120);
    std::string before = field(on.get("StatefulSet", "db"), "currentRevision");
    on.apply(stateful(2, "db:2", "podManagementPolicy: Parallel"));
    CHECK(on.pods() == "db-0 running, db-1 starting");
    doc::Value db = on.get("StatefulSet", "db");
    CHECK(field(db, "currentRevision") == before);
    CHECK(field(db, "updateRevision") != before);
    on.pass(120);
    CHECK(on.pods_by_image() == "1 running db:2, 1 starting db:2");
    on.pass(120);
    db = on.get("StatefulSet", "db");
    CHECK(field(db, "updatedReplicas") == "2");
    CHECK(field(db, "currentRevision") == field(db, "updateRevision"));
}

TEST_CASE("a partition keeps the lower Pods as they are") {
    Embedded on;
    on.apply(stateful(2, "db:1"));
    on.pass(240);
    on.apply(stateful(2, "db:2", "serviceName: db\n  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}"));
    on.pass(500);
    CHECK(on.pods_by_image() == "1 running db:1, 1 running db:2");
}

TEST_CASE("a StatefulSet stuck on a bad image heals when the good one comes back") {
    Embedded on;
    on.apply(stateful(2, "db:1"));
    on.pass(240);
    on.cluster.add_fault(FaultKind::crash_loop, "db:2", base::Duration(0));
    on.apply(stateful(2, "db:2"));
    on.pass(2000);
    CHECK(on.pods_by_image() == "1 crashing db:2, 1 running db:1");
    on.apply(stateful(2, "db:1"));
    on.pass(500);
    CHECK(on.pods_by_image() == "2 running db:1");
}

TEST_CASE("scaling a StatefulSet down takes the highest Pods, and claims stay") {
    Embedded on;
    auto spec = "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], "
                "resources: {requests: {storage: 1Gi}}}}]";
    on.apply(stateful(2, "db:1", spec));
    on.pass(240);
    on.scale("StatefulSet", "db", 1);
    CHECK(on.pods() == "db-0 running");
    std::string claims;
    for (const doc::Value& claim : on.list("PersistentVolumeClaim"))
        claims += std::string(kube::name_of(claim)) + " " + field(claim, "phase") + "\n";
    CHECK(claims == "data-db-0 Bound\ndata-db-1 Bound\n");
}

TEST_CASE("a DaemonSet runs on the one node and replaces its Pod") {
    Embedded on;
    on.apply(daemon("agent:1"));
    on.pass(120);
    CHECK(on.pods_by_image() == "1 running agent:1");
    doc::Value agent = on.get("DaemonSet", "agent");
    CHECK(field(agent, "desiredNumberScheduled") + field(agent, "numberAvailable") +
              field(agent, "updatedNumberScheduled") == "111");
    on.apply(daemon("agent:2"));
    CHECK(on.pods_by_image() == "1 starting agent:2");
    on.pass(120);
    CHECK(field(on.get("DaemonSet", "agent"), "numberAvailable") == "1");
}

TEST_CASE("a DaemonSet for other nodes wants no Pod") {
    Embedded on;
    on.apply(daemon("agent:1", "nodeSelector: {disk: ssd}, "));
    on.pass(120);
    CHECK(on.pods().empty());
    CHECK(field(on.get("DaemonSet", "agent"), "desiredNumberScheduled") == "0");
}

TEST_CASE("a Job completes after its Pods have run") {
    Embedded on;
    on.apply(job("completions: 3\n  parallelism: 2"));
    on.pass(120);
    CHECK(on.pods_by_image() == "2 working job:1");
    CHECK(on.condition("Job", "once", "Complete").empty());
    on.pass(120);
    CHECK(on.pods_by_image() == "1 starting job:1, 2 succeeded job:1");
    on.pass(240);
    CHECK(on.condition("Job", "once", "Complete") == "True CompletionsReached: all Pods ended well");
    CHECK(field(on.get("Job", "once"), "succeeded") == "3");
}

TEST_CASE("a failing Job gives up after backoffLimit and says why") {
    Embedded on;
    on.cluster.add_fault(FaultKind::crash_loop, "job:*", base::Duration(0));
    on.apply(job("backoffLimit: 1"));
    on.pass(240);
    CHECK(field(on.get("Job", "once"), "failed") == "1");
    on.pass(360);
    CHECK(on.condition("Job", "once", "Failed") ==
          "True BackoffLimitExceeded: 2 Pods failed, backoffLimit is 1: pod once-SUFFIX: container run: ended with exit "
          "code 1 (image job:1)");
    on.pass(60'000);
    CHECK(on.pods_by_image() == "2 failed job:1");
}

TEST_CASE("a suspended Job has no Pods until it goes on") {
    Embedded on;
    on.apply(job("suspend: true"));
    on.pass(1000);
    CHECK(on.condition("Job", "once", "Suspended").starts_with("True"));
    CHECK(on.pods().empty());
    on.apply(job("suspend: false"));
    on.pass(240);
    CHECK(on.condition("Job", "once", "Complete").starts_with("True"));
}

TEST_CASE("a finished Job goes when its time is over, with its Pods") {
    Embedded on;
    on.apply(job("ttlSecondsAfterFinished: 10"));
    on.pass(9000);
    CHECK(field(on.get("Job", "once"), "succeeded") == "1");
    on.pass(3000);
    CHECK(on.get("Job", "once").is_null());
    CHECK(on.pods().empty());
}

TEST_CASE("a CronJob starts a Job at its minute, and only the latest of those nobody saw") {
    Embedded on;
    on.apply(R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: default}
spec:
  schedule: "*/10 * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: run, image: "job:1"}]}}}}
)");
    // Its health waits for a status, though there is nothing to say yet.
    REQUIRE(on.get("CronJob", "nightly").find("status") != nullptr);
    CHECK(*on.get("CronJob", "nightly").find("status") == doc::Value::map());
    on.pass(9 * 60'000);
    CHECK(on.list("Job").empty());
    on.pass(61'000);
    CHECK(on.list("Job").size() == 1);
    CHECK(field(on.get("CronJob", "nightly"), "lastScheduleTime") == "2026-01-01T00:10:00Z");
    CHECK(field(on.get("CronJob", "nightly"), "lastSuccessfulTime") == "2026-01-01T00:10:00Z");
    on.pass(3 * 3'600'000);
    CHECK(on.list("Job").size() == 2);
    CHECK(field(on.get("CronJob", "nightly"), "lastScheduleTime") == "2026-01-01T03:10:00Z");
    for (int i = 0; i < 6; ++i) {
        on.pass(600'000);
        on.list("Job");
    }
    CHECK(on.list("Job").size() == 3);  // successfulJobsHistoryLimit
}

TEST_CASE("load balancers and ingresses get an address after a moment") {
    Embedded on;
    on.apply("{apiVersion: v1, kind: Service, metadata: {name: a, namespace: default}, "
             "spec: {type: LoadBalancer, ports: [{port: 80}]}}");
    on.apply("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: b, namespace: default}, "
             "spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}");
    auto has_address = [&](std::string_view kind, std::string_view name) {
        const doc::Value* given = nullptr;
        doc::Value object = on.get(kind, name);
        given = object.path("status", "loadBalancer", "ingress");
        return given != nullptr && !given->empty();
    };
    CHECK_FALSE(has_address("Service", "a"));
    CHECK_FALSE(has_address("Ingress", "b"));
    on.pass(120);
    CHECK(has_address("Service", "a"));
    CHECK(has_address("Ingress", "b"));
}

TEST_CASE("an autoscaler keeps its target within bounds, as its own field manager") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1"));
    on.pass(120);
    on.apply("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: default}, "
             "spec: {minReplicas: 3, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}");
    on.pass(500);
    CHECK(on.rollout("web") == "3/3 updated, 3 available, 3 pods");
    CHECK(kube::owner_of(on.get("Deployment", "web"), "spec.replicas")->name == "horizontal-pod-autoscaler");
    CHECK(on.condition("HorizontalPodAutoscaler", "web", "AbleToScale").starts_with("True"));
}

TEST_CASE("a disruption budget counts the Pods it selects") {
    Embedded on;
    on.apply("{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web, namespace: default}, "
             "spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}}");
    on.apply(deployment("web", 3, "web:1"));
    on.pass(60);
    CHECK(on.condition("PodDisruptionBudget", "web", "DisruptionAllowed") ==
          "False InsufficientPods: 0 of 2 needed Pods are healthy");
    on.pass(60);
    CHECK(on.condition("PodDisruptionBudget", "web", "DisruptionAllowed") ==
          "True SufficientPods: 3 of 2 needed Pods are healthy");
}

TEST_CASE("a new cluster is furnished, and so is a new namespace") {
    Embedded on;
    on.apply("{apiVersion: v1, kind: Namespace, metadata: {name: prod}}");
    std::string spaces;
    for (const doc::Value& account : on.list("ServiceAccount"))
        spaces += std::string(kube::namespace_of(account)) + "/" + std::string(kube::name_of(account)) + " ";
    CHECK(spaces == "default/default kube-node-lease/default kube-public/default kube-system/default prod/default ");
    CHECK(field(on.get("Namespace", "prod"), "phase") == "Active");
    CHECK(on.list("Node").size() == 1);
}
