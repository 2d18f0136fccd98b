#include "core/deliver/reasons.hpp"

#include <catch2/catch.hpp>

#include "core/deliver/pod_trouble.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/support/fake_cluster.hpp"

using namespace gitops;
using namespace gitops::deliver;
using test::FakeCluster;

namespace {

doc::Value read(const std::string& yaml) { return doc::read_yaml_one(yaml); }

/// What the status of a Pod with one container "web" says.
std::string trouble(const std::string& status) {
    return pod_trouble(read("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: web}]}, status: " + status + "}")).text;
}

std::string of_container(const std::string& state) { return trouble("{containerStatuses: [{name: web, ready: false, " + state + "}]}"); }

doc::Value deployment(const std::string& name, const std::string& more = "") {
    return read("{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name + ", namespace: prod, uid: uid-" + name +
                ", generation: 1}, spec: {replicas: 2, selector: {matchLabels: {app: " + name + "}}, template: {}}, "
                "status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 0" + more + "}}");
}

/// A Pod of the Deployment `app`, by way of its ReplicaSet.
doc::Value pod(const std::string& app, const std::string& name, const std::string& status) {
    return read("{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: prod, uid: uid-" + name + ", labels: {app: " + app +
                "}, ownerReferences: [{kind: ReplicaSet, name: " + app + "-5d8, uid: u}]}, spec: {containers: [{name: web}]}, status: " + status + "}");
}

doc::Value waiting(const std::string& app, const std::string& name, const std::string& reason, const std::string& message) {
    return pod(app, name, "{phase: Pending, containerStatuses: [{name: web, state: {waiting: {reason: " + reason + ", message: '" + message + "'}}}]}");
}

doc::Value event(const std::string& name, const std::string& kind, const std::string& object, const std::string& reason,
                 const std::string& message, const std::string& time = "2026-01-01T00:00:00Z") {
    return read("{apiVersion: v1, kind: Event, metadata: {name: " + name + ", namespace: prod}, type: Warning, reason: " + reason +
                ", message: '" + message + "', lastTimestamp: '" + time + "', involvedObject: {kind: " + kind + ", name: " + object + "}}");
}

/// "kind name: reason" of each explained object.
std::string told(FakeCluster& cluster, const std::vector<doc::Value>& objects) {
    std::string text;
    for (const auto& [key, reason] : explain(cluster, objects)) text += key.kind + " " + key.name + ": " + reason + "\n";
    return text;
}

}  // namespace

TEST_CASE("what a container's state says", "[reasons]") {
    CHECK(of_container("state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image \"x\"'}}") ==
          "ImagePullBackOff: Back-off pulling image \"x\"");
    CHECK(of_container("state: {waiting: {reason: CreateContainerConfigError, message: 'secret \"s\" not found'}}") ==
          "CreateContainerConfigError: secret \"s\" not found");
    CHECK(of_container("state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s}}, "
                       "lastState: {terminated: {exitCode: 2, reason: Error, message: \"panic:\\n no config\\n\"}}") ==
          "CrashLoopBackOff: exit code 2: panic: no config");
    CHECK(of_container("state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}") ==
          "CrashLoopBackOff: exit code 137 (OOMKilled)");
    CHECK(of_container("state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s}}") == "CrashLoopBackOff: back-off 40s");
    CHECK(of_container("state: {running: {}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}") ==
          "restarted after exit code 137 (OOMKilled)");
    CHECK(of_container("state: {terminated: {exitCode: 3}}") == "exit code 3");
    CHECK(of_container("state: {waiting: {reason: ContainerCreating}}") == "");
    CHECK(of_container("state: {terminated: {exitCode: 0, reason: Completed}}") == "");
}

TEST_CASE("what a Pod's status says besides", "[reasons]") {
    CHECK(trouble("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/3 nodes are available'}]}") ==
          "Unschedulable: 0/3 nodes are available");
    CHECK(trouble("{phase: Failed, reason: Evicted, message: The node was low on resource}") == "Evicted: The node was low on resource");
    CHECK(trouble("{initContainerStatuses: [{name: setup, state: {waiting: {reason: ErrImagePull}}}]}") == "init container setup: ErrImagePull");
    CHECK(trouble("{phase: Pending}") == "");
    CHECK(trouble("7") == "");
}

TEST_CASE("text from a cluster is one bounded line without credentials", "[reasons]") {
    CHECK(one_line(" a\n\tb\x01 ") == "a b");
    CHECK(one_line("pull https://me:secret@registry.example/x failed") == "pull https://***@registry.example/x failed");
    CHECK(one_line(std::string(100000, 'x')).size() == 243);
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "\xC3\xA9";
    CHECK(one_line("x" + wide) == "x" + wide.substr(0, 238) + "...");
}

TEST_CASE("a workload's reason is its worst Pod's", "[reasons]") {
    FakeCluster cluster;
    cluster.put(pod("web", "web-5d8-a", "{phase: Running, conditions: [{type: Ready, status: 'True'}]}"));
    cluster.put(pod("web", "web-5d8-b", "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', message: full}]}"));
    cluster.put(waiting("web", "web-5d8-c", "ImagePullBackOff", "Back-off pulling image \"x\""));
    cluster.put(waiting("api", "api-5d8-a", "ErrImagePull", ""));
    CHECK(told(cluster, {deployment("web")}) ==
          "Deployment web: Pod web-5d8-c: ImagePullBackOff: Back-off pulling image \"x\" (and 1 other Pod)\n");
    CHECK(cluster.calls == std::vector<std::string>{"list Pod prod app=web"});
}

TEST_CASE("several workloads of one namespace share one list of Pods", "[reasons]") {
    FakeCluster cluster;
    cluster.put(waiting("web", "web-5d8-a", "ErrImagePull", "no"));
    cluster.put(waiting("api", "api-5d8-a", "InvalidImageName", "bad"));
    CHECK(told(cluster, {deployment("web"), deployment("api")}) ==
          "Deployment api: Pod api-5d8-a: InvalidImageName: bad\nDeployment web: Pod web-5d8-a: ErrImagePull: no\n");
    CHECK(cluster.calls == std::vector<std::string>{"list Pod prod"});
}

TEST_CASE("Pods of another owner do not speak for a workload", "[reasons]") {
    FakeCluster cluster;
    cluster.put(waiting("web", "web-api-1", "ErrImagePull", "no"));
    auto other = waiting("web", "web-api-1", "ErrImagePull", "no");
    other.at("metadata").set("ownerReferences", read("[{kind: ReplicaSet, name: web-api-5d8, uid: u}]"));
    cluster.put(other);
    CHECK(told(cluster, {deployment("web")}) == "");
}

TEST_CASE("Events say what the status of a Pod does not", "[reasons]") {
    FakeCluster cluster;
    cluster.put(pod("web", "web-5d8-a", "{phase: Running, containerStatuses: [{name: web, ready: false, state: {running: {}}}]}"));
    cluster.put(event("e1", "Pod", "web-5d8-a", "FailedMount", "old", "2026-01-01T00:00:00Z"));
    cluster.put(event("e2", "Pod", "web-5d8-a", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "2026-01-01T00:01:00Z"));
    auto earlier = event("e3", "Pod", "web-5d8-a", "Failed", "of an earlier Pod of that name", "2026-01-01T00:02:00Z");
    earlier.at("involvedObject").set("uid", "another");
    cluster.put(earlier);
    CHECK(told(cluster, {deployment("web")}) ==
          "Deployment web: Pod web-5d8-a: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503\n");
    CHECK(cluster.calls == std::vector<std::string>{"list Pod prod app=web", "list Event prod"});
}

TEST_CASE("a quota that lets no Pod come to be", "[reasons]") {
    FakeCluster cluster;
    const std::string quota = "Error creating: pods \"web-5d8-x\" is forbidden: exceeded quota: small";
    cluster.put(event("e", "ReplicaSet", "web-5d8", "FailedCreate", quota));
    CHECK(told(cluster, {deployment("web")}) == "Deployment web: FailedCreate: " + quota + "\n");
    CHECK(told(cluster, {deployment("web", ", conditions: [{type: Progressing, status: 'True', lastUpdateTime: '2026-01-02T00:00:00Z'}]")}) == "");
    cluster.calls.clear();
    CHECK(told(cluster, {deployment("web", ", conditions: [{type: ReplicaFailure, status: 'True', reason: FailedCreate, message: no room}]")}) ==
          "Deployment web: FailedCreate: no room\n");
}

TEST_CASE("what cannot be read explains nothing, and what is well is not asked about", "[reasons]") {
    FakeCluster cluster;
    cluster.put(waiting("web", "web-5d8-a", "ErrImagePull", "no"));
    cluster.fail("list Pod prod app=web", base::Error(base::Code::denied, "forbidden"));
    cluster.fail("list Event prod", base::Error(base::Code::denied, "forbidden"));
    CHECK(told(cluster, {deployment("web")}) == "");
    cluster.calls.clear();
    auto well = deployment("web");
    well.at("status").set("availableReplicas", 2);
    CHECK(told(cluster, {well, read("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: prod}}")}) == "");
    CHECK(cluster.calls.empty());
}

TEST_CASE("a message tells a reason also without its label, or cut short", "[reasons]") {
    const std::string message = "Degraded: Job has reached the specified backoff limit";
    CHECK(tells(message, "BackoffLimitExceeded: Job has reached the specified backoff limit"));
    CHECK(tells(message, "BackoffLimitExceeded: Job has reached the spec..."));
    CHECK(tells("ErrImagePull", "Pod a: ErrImagePull: no"));
    CHECK_FALSE(tells(message, "DeadlineExceeded: Job was active longer than specified deadline"));
    CHECK_FALSE(tells(message, "BackoffLimitExceeded"));
    CHECK_FALSE(tells("Progressing", "Pod a: ErrImagePull: no"));
}

TEST_CASE("a reason is added to a message that does not tell it", "[reasons]") {
    const kube::ResourceKey web{"apps", "Deployment", "prod", "web"};
    const auto told = [](const kube::ResourceKey& key, const std::string& message, const std::string& reason) {
        return with_reason({HealthStatus::progressing, message}, key, reason).message;
    };
    CHECK(told(web, "0 of 1 available", "Pod a: ErrImagePull: no") == "0 of 1 available (Pod a: ErrImagePull: no)");
    CHECK(told(web, "timed out: pod a: container web: ErrImagePull", "Pod a: ErrImagePull: no") == "timed out: pod a: container web: ErrImagePull");
    CHECK(told(web, "0 of 1 available", "") == "0 of 1 available");
    CHECK(told(web, "", "FailedCreate: no room") == "FailedCreate: no room");
    CHECK(told({"", "Pod", "prod", "a"}, "not ready", "Unhealthy: probe failed") == "Unhealthy: probe failed");
}
