// What the embedded cluster's simulation writes is what explain() and wait_for_health() understand.
#include "core/deliver/reasons.hpp"

#include <catch2/catch.hpp>

#include "core/deliver/executor.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/embedded/local_cluster.hpp"

using namespace gitops;

namespace {

struct Stage {
    std::shared_ptr<base::ManualClock> clock =
        std::make_shared<base::ManualClock>(base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
    embedded::LocalCluster cluster{":memory:", clock};
    base::RecordingSink events;
    kube::ObjectRef web{{"apps", "v1", "Deployment"}, "default", "web"};

    void apply(const std::string& image) {
        const auto deployment = doc::read_yaml_one(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default}, spec: {replicas: 1, selector: "
            "{matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: '" + image + "'}]}}}}");
        cluster.apply(deployment, {"gitopsctl", kube::OnConflict::take_over, kube::DryRun::no});
    }
    deliver::Waited wait(base::Duration span) {
        return deliver::wait_for_health(cluster, {web}, clock->now() + span, *clock, events, {});
    }
    std::string reason() {
        const auto reasons = deliver::explain(cluster, {*cluster.get(web)});
        return reasons.empty() ? "" : reasons.begin()->second.substr(reasons.begin()->second.find(": ") + 2);
    }
};

}  // namespace

TEST_CASE("a rollout that goes well is waited for by the cluster's own news") {
    Stage stage;
    stage.apply("web:1");
    CHECK(stage.wait(std::chrono::seconds(30)).healthy);
    CHECK(stage.reason() == "");
}

TEST_CASE("an image that cannot be pulled is the reason") {
    Stage stage;
    stage.cluster.add_fault(embedded::FaultKind::pull_failure, "web:*", base::Duration{0});
    stage.apply("web:1");
    const auto waited = stage.wait(std::chrono::seconds(20));
    CHECK_FALSE(waited.healthy);
    REQUIRE(waited.reasons.size() == 1);
    CHECK(waited.reasons.begin()->second.ends_with("ImagePullBackOff: the image web:1 cannot be pulled; the next try waits"));
    CHECK(waited.health.message.find("ImagePullBackOff") != std::string::npos);
    CHECK(std::ranges::any_of(stage.events.events, [](const auto& event) {
        return event.kind == "health" && event.message.find("cannot be pulled") != std::string::npos;
    }));
}

TEST_CASE("a container that keeps ending is the reason, with its exit code") {
    Stage stage;
    stage.cluster.add_fault(embedded::FaultKind::crash_loop, "web:*", base::Duration{0});
    stage.apply("web:1");
    CHECK_FALSE(stage.wait(std::chrono::seconds(20)).healthy);
    CHECK(stage.reason() == "CrashLoopBackOff: exit code 1");
}
