#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "tests/unit/embedded/embedded.hpp"

using namespace gitops;
using namespace gitops::test;
using embedded::FaultKind;

namespace {

constexpr base::Duration k_no_delay{0};

std::int64_t restarts(Embedded& on) {
    return on.list("Pod")[0].path("status", "containerStatuses")->items()[0].find("restartCount")->to_int().value_or(-1);
}

}  // namespace

TEST_CASE("a crash loop stops the rollout and is named in its condition") {
    Embedded on;
    on.apply(deployment("web", 3, "web:1"));
    on.pass(120);
    on.cluster.add_fault(FaultKind::crash_loop, "web:2*", k_no_delay);
    on.apply(deployment("web", 3, "web:2.0"));
    on.pass(120);
    CHECK(on.pods_by_image() == "1 crashing web:2.0, 3 running web:1");
    on.pass(1079);
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("True ReplicaSetUpdated"));
    on.pass(1);
    CHECK(on.condition("Deployment", "web", "Progressing") ==
          "False ProgressDeadlineExceeded: ReplicaSet \"web-HASH\" has timed out progressing: pod web-HASH-SUFFIX: "
          "container main: CrashLoopBackOff (image web:2.0)");
    CHECK(on.condition("Deployment", "web", "Available") == "True MinimumReplicasAvailable: 3 of 3 available");
}

TEST_CASE("the faulty time is bounded by the Deployment's own deadline") {
    Embedded on;
    on.cluster.set_pod_start(std::chrono::minutes(1));
    on.cluster.add_fault(FaultKind::crash_loop, "web:*", k_no_delay);
    on.apply(deployment("web", 1, "web:1", "progressDeadlineSeconds: 90"));
    on.pass(89'999);
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("True"));
    on.pass(1);
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("False ProgressDeadlineExceeded"));
}

TEST_CASE("restarts follow the kubelet's pauses: 10, 20, 40 s and so on to 5 min") {
    Embedded on;
    on.cluster.set_pod_start(k_no_delay);
    on.cluster.add_fault(FaultKind::crash_loop, "web:1", k_no_delay);
    on.apply(deployment("web", 1, "web:1"));
    CHECK(restarts(on) == 1);
    std::vector<std::int64_t> counted;
    for (int seconds : {9, 1, 19, 1, 40, 80, 160, 299, 1, 300}) {
        on.pass(seconds * 1000);
        counted.push_back(restarts(on));
    }
    CHECK(counted == std::vector<std::int64_t>{1, 2, 2, 3, 4, 5, 6, 6, 7, 8});
    on.pass(7 * 24 * 3'600'000);
    CHECK(restarts(on) == 8 + 7 * 24 * 12);
}

TEST_CASE("removing a fault heals, and the rollout goes on") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1"));
    on.pass(120);
    auto fault = on.cluster.add_fault(FaultKind::crash_loop, "web:2", k_no_delay);
    on.apply(deployment("web", 1, "web:2"));
    on.pass(5000);
    CHECK(on.pods_by_image() == "1 crashing web:2, 1 running web:1");
    CHECK(on.cluster.remove_fault(fault.id));
    CHECK_FALSE(on.cluster.remove_fault(fault.id));
    on.pass(120);
    CHECK(on.pods_by_image() == "1 running web:2");
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("True NewReplicaSetAvailable"));
}

TEST_CASE("a fault strikes what runs already") {
    Embedded on;
    on.apply(deployment("web", 2, "web:1"));
    on.pass(10'000);
    CHECK(on.rollout("web") == "2/2 updated, 2 available, 2 pods");
    on.cluster.add_fault(FaultKind::crash_loop, "*", k_no_delay);
    CHECK(on.rollout("web") == "2/2 updated, 0 available, 2 pods");
    on.pass(1200);
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("False ProgressDeadlineExceeded"));
    CHECK(on.condition("Deployment", "web", "Available") ==
          "False MinimumReplicasUnavailable: 0 of 2 available; pod web-HASH-SUFFIX: container main: CrashLoopBackOff "
          "(image web:1)");
}

TEST_CASE("an image that cannot be pulled") {
    Embedded on;
    on.cluster.add_fault(FaultKind::pull_failure, "registry.example.org/*", k_no_delay);
    on.apply(deployment("web", 1, "registry.example.org/team/web:1"));
    CHECK(on.pods_by_image() == "1 starting registry.example.org/team/web:1");
    on.pass(60);
    CHECK(on.pods_by_image() == "1 pull error registry.example.org/team/web:1");
    on.pass(60);
    CHECK(on.pods_by_image() == "1 pull waiting registry.example.org/team/web:1");
    on.pass(1200);
    CHECK(on.condition("Deployment", "web", "Progressing") ==
          "False ProgressDeadlineExceeded: ReplicaSet \"web-HASH\" has timed out progressing: pod web-HASH-SUFFIX: "
          "container main: ImagePullBackOff (image registry.example.org/team/web:1)");
}

TEST_CASE("a pull failure leaves running Pods alone") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1"));
    on.pass(120);
    on.cluster.add_fault(FaultKind::pull_failure, "web:*", k_no_delay);
    on.pass(5000);
    CHECK(on.pods_by_image() == "1 running web:1");
}

TEST_CASE("a slow start takes its delay and is no failure") {
    Embedded on;
    on.cluster.add_fault(FaultKind::slow_start, "web:1", std::chrono::seconds(20));
    on.apply(deployment("web", 1, "web:1"));
    on.pass(19'999);
    CHECK(on.pods_by_image() == "1 starting web:1");
    CHECK(on.condition("Deployment", "web", "Progressing").starts_with("True ReplicaSetUpdated"));
    on.pass(1);
    CHECK(on.pods_by_image() == "1 running web:1");
}

TEST_CASE("faults are listed, numbered once and checked") {
    Embedded on;
    CHECK(on.cluster.add_fault(FaultKind::crash_loop, "a:*", k_no_delay).id == "f1");
    CHECK(on.cluster.add_fault(FaultKind::slow_start, "b:*", std::chrono::seconds(1)).id == "f2");
    CHECK(on.cluster.remove_fault("f2"));
    CHECK(on.cluster.add_fault(FaultKind::pull_failure, "c:*", k_no_delay).id == "f3");
    std::string listed;
    for (const embedded::Fault& fault : on.cluster.faults())
        listed += fault.id + " " + std::string(embedded::fault_name(fault.kind)) + " " + fault.image_glob + "\n";
    CHECK(listed == "f1 crash-loop a:*\nf3 pull-failure c:*\n");
    CHECK_THROWS_AS(on.cluster.add_fault(FaultKind::crash_loop, "", k_no_delay), base::Error);
    CHECK_THROWS_AS(on.cluster.add_fault(FaultKind::slow_start, "a", std::chrono::seconds(-1)), base::Error);
    CHECK_FALSE(on.cluster.remove_fault("nonsense"));
    CHECK(embedded::parse_fault("crash-loop") == FaultKind::crash_loop);
    CHECK(embedded::parse_fault("crash") == std::nullopt);
}
