#include "core/deliver/health/health.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using deliver::HealthStatus;

namespace {

/// "Healthy", "Degraded: why", or "none".
std::string told(const std::string& yaml) {
    const auto health = deliver::health_of(doc::read_yaml_one(yaml));
    if (!health) return "none";
    const std::string name(deliver::health_name(health->status));
    return health->message.empty() ? name : name + ": " + health->message;
}

const std::string k_deployment = "apiVersion: apps/v1\nkind: Deployment\n";
const std::string k_stateful = "apiVersion: apps/v1\nkind: StatefulSet\n";
const std::string k_daemon = "apiVersion: apps/v1\nkind: DaemonSet\n";
const std::string k_pod = "apiVersion: v1\nkind: Pod\n";
const std::string k_job = "apiVersion: batch/v1\nkind: Job\n";
const std::string k_cron = "apiVersion: batch/v1\nkind: CronJob\n";
const std::string k_crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";
const std::string k_hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n";

}  // namespace

TEST_CASE("objects with a known answer of Argo CD get the same", "[health]") {
    std::ifstream file(std::string(GITOPS_SOURCE_DIR) + "/tests/data/health/builtin.jsonl");
    std::string line;
    int count = 0;
    while (std::getline(file, line)) {
        const auto row = doc::read_json(line);
        const auto object = doc::read_yaml_one(row.text_at("object"));
        const auto health = deliver::health_of(object);
        INFO(row.text_at("id"));
        REQUIRE(health);
        CHECK(deliver::health_name(health->status) == row.text_at("status"));
        const bool deleted = object.path("metadata", "deletionTimestamp") != nullptr;  // judged before any script runs
        if (!deleted && row.text_at("source") == "custom") CHECK(health->message == row.text_at("message"));
        ++count;
    }
    CHECK(count == 29);
}

TEST_CASE("deployments", "[health]") {
    CHECK(told(k_deployment + "spec: {paused: true}") == "Suspended: Deployment is paused");
    CHECK(told(k_deployment + "metadata: {generation: 2}\nstatus: {observedGeneration: 1}") ==
          "Progressing: Waiting for the controller to observe the new deployment spec");
    CHECK(told(k_deployment + "metadata: {name: web}\nstatus: {conditions: [{type: Progressing, reason: "
                              "ProgressDeadlineExceeded, message: web-1 timed out}]}") ==
          "Degraded: Deployment \"web\" exceeded its progress deadline: web-1 timed out");
    CHECK(told(k_deployment + "spec: {replicas: 3}\nstatus: {updatedReplicas: 1}") ==
          "Progressing: Waiting for rollout: 1 of 3 new replicas are updated");
    CHECK(told(k_deployment + "spec: {replicas: 3}\nstatus: {updatedReplicas: 3, replicas: 5}") ==
          "Progressing: Waiting for rollout: 2 old replicas are still to be terminated");
    CHECK(told(k_deployment + "spec: {replicas: 3}\nstatus: {updatedReplicas: 3, replicas: 4}") ==
          "Progressing: Waiting for rollout: 1 old replica is still to be terminated");
    CHECK(told(k_deployment + "spec: {replicas: 3}\nstatus: {updatedReplicas: 3, replicas: 3, availableReplicas: 2}") ==
          "Progressing: Waiting for rollout: 2 of 3 updated replicas are available");
    CHECK(told(k_deployment + "spec: {replicas: 3}\nstatus: {updatedReplicas: 3, replicas: 3, availableReplicas: 3}") ==
          "Healthy");
    CHECK(told(k_deployment + "status: {}") == "Healthy");  // absent replicas are not taken for 1
    CHECK(told(k_deployment + "spec: broken") == "Unknown: spec is a string, not a map");
    CHECK(told("apiVersion: apps/v1beta1\nkind: Deployment\n") == "Unknown: unsupported version of Deployment: apps/v1beta1");
}

TEST_CASE("stateful sets", "[health]") {
    const auto status = [](const std::string& more) { return "\nstatus: {observedGeneration: 1, readyReplicas: 2, " + more + "}"; };
    CHECK(told(k_stateful + "spec: {replicas: 2}") ==
          "Progressing: Waiting for the controller to observe the new stateful set spec");
    CHECK(told(k_stateful + "spec: {replicas: 3}" + status("")) == "Progressing: Waiting for pods: 2 of 3 are ready");
    CHECK(told(k_stateful + "spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}}" +
               status("updatedReplicas: 0")) == "Progressing: Waiting for partitioned rollout: 0 of 1 new pods are updated");
    // With a rollingUpdate block revisions are not compared.
    CHECK(told(k_stateful + "spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}}" +
               status("updatedReplicas: 2, updateRevision: b, currentRevision: a")) ==
          "Healthy: Partitioned rollout complete: 2 new pods are updated");
    CHECK(told(k_stateful + "spec: {replicas: 2, updateStrategy: {type: RollingUpdate}}" +
               status("updatedReplicas: 1, updateRevision: b, currentRevision: a")) ==
          "Progressing: Waiting for rolling update: 1 pods are at revision b");
    CHECK(told(k_stateful + "spec: {replicas: 2}" + status("updateRevision: a, currentRevision: a")) == "Healthy");
}

TEST_CASE("daemon sets and replica sets", "[health]") {
    const std::string replica_set = "apiVersion: apps/v1\nkind: ReplicaSet\n";
    CHECK(told(k_daemon + "status: {desiredNumberScheduled: 3, updatedNumberScheduled: 2}") ==
          "Progressing: Waiting for rollout: 2 of 3 new pods are updated");
    CHECK(told(k_daemon + "status: {desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 1}") ==
          "Progressing: Waiting for rollout: 1 of 3 updated pods are available");
    CHECK(told(k_daemon + "status: {desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1}") == "Healthy");
    CHECK(told(replica_set + "status: {conditions: [{type: ReplicaFailure, status: 'True', message: quota}]}") ==
          "Degraded: quota");
    CHECK(told(replica_set + "spec: {replicas: 2}\nstatus: {availableReplicas: 1}") ==
          "Progressing: Waiting for pods: 1 of 2 are available");
    CHECK(told(replica_set + "spec: {replicas: 2}\nstatus: {availableReplicas: 2}") == "Healthy");
}

TEST_CASE("pods", "[health]") {
    const std::string always = "spec: {restartPolicy: Always}\n", never = "spec: {restartPolicy: Never}\n";
    const std::string pulling =
        "status: {phase: Pending, containerStatuses: [{name: web, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}]}";
    CHECK(told(k_pod + always + pulling) == "Degraded: container web: ImagePullBackOff: no such image");
    CHECK(told(k_pod + never + pulling) == "Progressing");  // a hook's pod may still get its image
    CHECK(told(k_pod + always + "status: {phase: Succeeded}") == "Healthy");
    CHECK(told(k_pod + never + "status: {phase: Failed, message: Evicted}") == "Degraded: Evicted");
    CHECK(told(k_pod + never + "status: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {reason: "
                               "OOMKilled, exitCode: 137}}}]}") == "Degraded: container a: OOMKilled");
    CHECK(told(k_pod + never + "status: {phase: Failed, initContainerStatuses: [{name: i, state: {terminated: {exitCode: "
                               "3}}}]}") == "Degraded: container i failed with exit code 3");
    CHECK(told(k_pod + always + "status: {phase: Running, conditions: [{type: Ready, status: 'False', message: not yet}]}") ==
          "Progressing: not yet");
    CHECK(told(k_pod + always + "status: {phase: Running, containerStatuses: [{name: a, lastState: {terminated: {exitCode: "
                                "1}}}]}") == "Degraded: container a was restarted and is not ready");
    CHECK(told(k_pod + "status: {phase: Running}") == "Unknown");
}

TEST_CASE("jobs and cron jobs", "[health]") {
    CHECK(told(k_job + "status: {active: 1}") == "Progressing: Waiting for the job to complete");
    CHECK(told(k_job + "status: {conditions: [{type: Failed, status: 'True', message: backoff limit}]}") ==
          "Degraded: backoff limit");
    CHECK(told(k_job + "status: {conditions: [{type: Suspended, status: 'True', message: held}]}") == "Suspended: held");
    CHECK(told(k_job + "status: {conditions: [{type: Suspended, status: 'False', message: resumed}]}") == "Healthy: resumed");
    CHECK(told("apiVersion: batch/v1beta1\nkind: Job\n") == "Unknown: unsupported version of Job: batch/v1beta1");
    CHECK(told(k_cron + "spec: {suspend: true}") == "Healthy: CronJob is Suspended");
    CHECK(told(k_cron) == "Progressing: Waiting for the CronJob to be reconciled");
    CHECK(told(k_cron + "status: {}") == "Healthy: The CronJob has never been scheduled");
    CHECK(told(k_cron + "status: {lastScheduleTime: '2026-01-01T01:00:00Z', lastSuccessfulTime: '2026-01-01T00:00:09Z'}") ==
          "Degraded: The last execution of the CronJob failed");
    CHECK(told(k_cron + "status: {lastScheduleTime: '2026-01-01T01:00:00Z', lastSuccessfulTime: '2026-01-01T01:00:09Z'}") ==
          "Healthy: The last execution of the CronJob succeeded");
}

TEST_CASE("network, storage, autoscaling and platform kinds", "[health]") {
    CHECK(told("apiVersion: networking.k8s.io/v1\nkind: Ingress\n") ==
          "Progressing: Waiting for the ingress controller to give it an address");
    CHECK(told("apiVersion: extensions/v1beta1\nkind: Ingress\nstatus: {loadBalancer: {ingress: [{ip: 1.2.3.4}]}}") == "Healthy");
    CHECK(told("apiVersion: v1\nkind: PersistentVolumeClaim\nstatus: {phase: Lost}") == "Degraded: The bound volume is lost");
    CHECK(told("apiVersion: v1\nkind: PersistentVolumeClaim\n") == "Unknown");
    CHECK(told(k_hpa + "status: {conditions: [{type: AbleToScale, status: 'True'}, {type: ScalingActive, status: 'False', "
                       "reason: InvalidSelector, message: no selector}]}") == "Degraded: no selector");
    CHECK(told("apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {annotations: "
               "{autoscaling.alpha.kubernetes.io/conditions: '['}}")
              .starts_with("Unknown: annotation autoscaling.alpha.kubernetes.io/conditions is no JSON: "));
    CHECK(told("apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n") ==
          "Unknown: unsupported version of HorizontalPodAutoscaler: autoscaling/v2beta2");
    CHECK(told(k_crd + "status: {conditions: [{type: NamesAccepted, status: 'False', message: taken}]}") ==
          "Degraded: CRD names have not been accepted: taken");
    CHECK(told(k_crd + "status: {conditions: [{type: Established, status: 'False', reason: Installing}]}") ==
          "Progressing: CRD is being installed");
    CHECK(told(k_crd + "status: {conditions: [{type: NamesAccepted, status: 'True'}, {type: Established, status: 'True'}]}") ==
          "Healthy: CRD is healthy");
    CHECK(told(k_crd + "status: {conditions: [{type: Established, status: 'False', reason: InvalidCABundle, message: bad}]}") ==
          "Degraded: CRD is not established");
    CHECK(told("apiVersion: policy/v1\nkind: PodDisruptionBudget\nstatus: {conditions: [{status: 'False', reason: "
               "SyncFailed, message: no pods}]}") == "Degraded: SyncFailed: no pods");
    CHECK(told("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nstatus: {phase: Error, message: boom}") == "Degraded: boom");
}

TEST_CASE("what has no health, and what is being deleted", "[health]") {
    CHECK(told("apiVersion: v1\nkind: ConfigMap\n") == "none");
    CHECK(told("apiVersion: example.com/v1\nkind: Deployment\n") == "none");
    CHECK(told("apiVersion: argoproj.io/v1alpha1\nkind: Application\n") == "none");
    CHECK(told("apiVersion: v1\nkind: ConfigMap\nmetadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}") ==
          "Progressing: Pending deletion");
    CHECK(told(k_job + "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: "
                       "[argocd.argoproj.io/hook-finalizer]}\nstatus: {conditions: [{type: Complete, status: 'True'}]}") ==
          "Healthy");
}

TEST_CASE("an application is as well as its worst part", "[health]") {
    using Part = deliver::HealthPart;
    const auto sum = [](const std::vector<Part>& parts) {
        const auto health = deliver::aggregate(parts);
        return std::string(deliver::health_name(health.status)) + "|" + health.message;
    };
    const Part well{"Service prod/a", deliver::Health{}, true, true};
    const Part none{"ConfigMap prod/c", std::nullopt, true, true};
    const Part slow{"apps/Deployment prod/b", deliver::Health{HealthStatus::progressing, "1 of 2"}, true, true};
    const Part bad{"Pod prod/p", deliver::Health{HealthStatus::degraded, "crash"}, true, true};
    const Part missing{"Secret prod/s", std::nullopt, false, true};
    CHECK(sum({}) == "Healthy|");
    CHECK(sum({well, none, missing}) == "Healthy|");  // a missing object does not worsen the whole
    CHECK(sum({well, slow}) == "Progressing|apps/Deployment prod/b: 1 of 2");
    CHECK(sum({bad, slow, well}) == "Degraded|Pod prod/p: crash");
    CHECK(sum({missing, missing}) == "Missing|none of 2 resources exists");
    CHECK(sum({bad, bad, bad, bad}) == "Degraded|Pod prod/p: crash; Pod prod/p: crash; Pod prod/p: crash; and 1 more");
    auto hook = bad;
    hook.counts = false;
    CHECK(sum({hook, well}) == "Healthy|");
    const Part child{"argoproj.io/Application argocd/x", deliver::Health{HealthStatus::unknown, ""}, true, true};
    CHECK(sum({child, well}) == "Healthy|");
}
