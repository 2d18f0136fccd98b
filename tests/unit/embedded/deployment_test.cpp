#include <catch2/catch.hpp>

#include "tests/unit/embedded/embedded.hpp"

using namespace gitops;
using namespace gitops::test;

TEST_CASE("a Deployment rolls out within one Pod start") {
    Embedded on;
    on.apply(deployment("web", 3, "web:1"));
    CHECK(on.rollout("web") == "3/3 updated, 0 available, 3 pods");
    CHECK(on.condition("Deployment", "web", "Progressing") ==
          "True ReplicaSetUpdated: ReplicaSet \"web-HASH\" is progressing: 3 of 3 updated, 0 available");
    on.pass(119);
    CHECK(on.rollout("web") == "3/3 updated, 0 available, 3 pods");
    on.pass(1);
    CHECK(on.rollout("web") == "3/3 updated, 3 available, 3 pods");
    CHECK(on.condition("Deployment", "web", "Progressing") ==
          "True NewReplicaSetAvailable: ReplicaSet \"web-HASH\" is rolled out");
    CHECK(on.condition("Deployment", "web", "Available") == "True MinimumReplicasAvailable: 3 of 3 available");
}

TEST_CASE("the result does not depend on when somebody looks") {
    Embedded watched, left_alone;
    for (Embedded* on : {&watched, &left_alone}) {
        on->apply(deployment("web", 4, "web:1"));
        on->pass(1000);
        on->apply(deployment("web", 4, "web:2"));
    }
    for (int i = 0; i < 100; ++i) {
        watched.pass(10);
        watched.rollout("web");
    }
    left_alone.pass(1000);
    CHECK(watched.list("Pod") == left_alone.list("Pod"));
    CHECK(watched.get("Deployment", "web") == left_alone.get("Deployment", "web"));
}

TEST_CASE("a rolling update stays within maxSurge and maxUnavailable") {
    Embedded on;
    auto spec = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    on.apply(deployment("web", 3, "web:1", spec));
    on.pass(120);
    on.apply(deployment("web", 3, "web:2", spec));
    std::vector<std::string> seen;
    for (int i = 0; i < 5; ++i) {
        seen.push_back(on.pods_by_image());
        on.pass(120);
    }
    CHECK(seen == std::vector<std::string>{"3 running web:1, 1 starting web:2",
                                           "2 running web:1, 1 running web:2, 1 starting web:2",
                                           "1 running web:1, 2 running web:2, 1 starting web:2", "3 running web:2",
                                           "3 running web:2"});
}

TEST_CASE("Recreate waits until the old Pods are gone") {
    Embedded on;
    on.apply(deployment("web", 2, "web:1", "strategy: {type: Recreate}"));
    on.pass(120);
    on.apply(deployment("web", 2, "web:2", "strategy: {type: Recreate}"));
    CHECK(on.pods_by_image() == "2 starting web:2");
}

TEST_CASE("a paused Deployment rolls nothing but follows its replicas") {
    Embedded on;
    on.apply(deployment("web", 2, "web:1"));
    on.pass(120);
    on.apply(deployment("web", 2, "web:2", "paused: true"));
    on.pass(500);
    CHECK(on.pods_by_image() == "2 running web:1");
    on.scale("Deployment", "web", 3);
    CHECK(on.pods_by_image() == "2 running web:1, 1 starting web:1");
    on.apply(deployment("web", 3, "web:2", "paused: false"));
    on.pass(2000);
    CHECK(on.pods_by_image() == "3 running web:2");
}

TEST_CASE("a template that comes back reuses its ReplicaSet under a new revision") {
    Embedded on;
    for (auto image : {"web:1", "web:2", "web:1"}) {
        on.apply(deployment("web", 1, image));
        on.pass(1000);
        on.rollout("web");
    }
    CHECK(on.list("ReplicaSet").size() == 2);
    CHECK(kube::annotation_of(on.get("Deployment", "web"), "deployment.kubernetes.io/revision") == "3");
}

TEST_CASE("revisionHistoryLimit bounds the old ReplicaSets") {
    Embedded on;
    for (int i = 0; i < 6; ++i) {
        on.apply(deployment("web", 1, "web:" + std::to_string(i), "revisionHistoryLimit: 2"));
        on.pass(1000);
        on.rollout("web");
    }
    CHECK(on.list("ReplicaSet").size() == 3);
}

TEST_CASE("a Pod deleted by hand comes back") {
    Embedded on;
    on.apply(deployment("web", 2, "web:1"));
    on.pass(120);
    on.remove("Pod", kube::name_of(on.list("Pod")[0]));
    CHECK(on.pods_by_image() == "1 running web:1, 1 starting web:1");
    on.pass(120);
    CHECK(on.rollout("web") == "2/2 updated, 2 available, 2 pods");
}

TEST_CASE("minReadySeconds keeps a ready Pod from counting as available") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1", "minReadySeconds: 5"));
    on.pass(3000);
    CHECK(on.rollout("web") == "1/1 updated, 0 available, 1 pods");
    on.pass(3000);
    CHECK(on.rollout("web") == "1/1 updated, 1 available, 1 pods");
}

TEST_CASE("a slower cluster rolls out slower") {
    Embedded on;
    on.cluster.set_pod_start(std::chrono::seconds(30));
    on.apply(deployment("web", 1, "web:1"));
    on.pass(29'999);
    CHECK(on.pods_by_image() == "1 starting web:1");
    on.pass(1);
    CHECK(on.pods_by_image() == "1 running web:1");
}

TEST_CASE("an absurd number of replicas is bounded and says so") {
    Embedded on;
    on.apply(deployment("web", 1'000'000, "web:1"));
    on.pass(120);
    CHECK(on.list("Pod").size() == 1000);
    CHECK(on.condition("ReplicaSet", kube::name_of(on.list("ReplicaSet")[0]), "ReplicaFailure") ==
          "True FailedCreate: the embedded cluster runs at most 1000 Pods of one workload");
}

TEST_CASE("what controllers did can be read as Events") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1"));
    on.pass(120);
    CHECK(on.events("web") == "ScalingReplicaSet: scaled up ReplicaSet web-HASH from 0 to 1\n");
    CHECK(on.events(kube::name_of(on.list("Pod")[0])) ==
          "Scheduled: placed on local-node\nPulled: pulled web:1\nStarted: started\n");
}
