// What a tick costs: requests to the cluster, which an API server of many canaries has to bear.
#include <catch2/catch.hpp>

#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;
using test::RolloutLab;

namespace {

class CountingCluster final : public kube::Cluster {
  public:
    explicit CountingCluster(kube::Cluster& below) : m_below(below) {}

    std::vector<kube::KindInfo> kinds() override { return m_below.kinds(); }
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override {
        told.push_back("get " + ref.gvk.kind + " " + ref.name);
        return m_below.get(ref);
    }
    std::vector<doc::Value> list(const kube::ListQuery& query) override {
        told.push_back("list " + query.gvk.kind);
        return m_below.list(query);
    }
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override { return m_below.watch(query, stop); }
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override {
        told.push_back("remove " + ref.gvk.kind + " " + ref.name);
        return m_below.remove(ref, options);
    }
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override {
        told.push_back("apply");
        return m_below.apply(object, options);
    }
    doc::Value write(const kube::Write& change) override {
        told.push_back("write");
        return m_below.write(change);
    }

    std::vector<std::string> told;

  private:
    kube::Cluster& m_below;
};

std::string canary(const std::string& provider) {
    return R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  provider: )" + provider + R"(
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis:
    interval: 10s
    stages: [50, 100]
    successes: 2
    maxFailures: 1
    metrics: [{name: accuracy, thresholdRange: {min: 99}}]
)";
}

/// A runner over a lab's cluster whose requests are counted.
struct Counted {
    explicit Counted(RolloutLab& lab, rollout::Claim claim = rollout::Claim::at_once)
        : cluster(*lab.cluster), runner({cluster, *lab.clock, lab.events, *lab.checks, "anna@test"}, lab.spec, lab.settings) {
        lab.runner.reset();
        runner.start(claim);
    }
    /// The requests of the second of two ticks: the first may have had something to do.
    std::vector<std::string> tick(RolloutLab& lab) {
        for (int i = 0; i < 2; ++i) {
            cluster.told.clear();
            lab.clock->advance(base::Duration{500});
            runner.tick({});
        }
        return cluster.told;
    }

    CountingCluster cluster;
    rollout::CanaryRunner runner;
};

const std::string k_record = "gitopsctl-canary.yield-predictor";

}  // namespace

TEST_CASE("a tick of a canary that has nothing to do costs three requests", "[runner][requests]") {
    RolloutLab lab(canary("replicas"), "metrics: {accuracy: 99.5}");
    lab.run();
    Counted counted(lab);
    CHECK(counted.tick(lab) == std::vector<std::string>{"get Deployment yield-predictor", "get Deployment yield-predictor-primary",
                                                        "get ConfigMap " + k_record});
}

TEST_CASE("one of many that only looks costs three requests, too", "[runner][requests]") {
    RolloutLab lab(canary("replicas"), "metrics: {accuracy: 99.5}");
    lab.run();
    Counted counted(lab, rollout::Claim::when_needed);
    CHECK(counted.tick(lab) == std::vector<std::string>{"get ConfigMap " + k_record, "get Deployment yield-predictor",
                                                        "get Deployment yield-predictor-primary"});
}

TEST_CASE("a tick that configuration is tracked for costs one more for each kind of it", "[runner][requests]") {
    RolloutLab lab(canary("replicas"), "metrics: {accuracy: 99.5}");
    lab.apply(R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: model, namespace: wafer}
data: {depth: "12"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: limits, namespace: wafer}
data: {most: "5"}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: wafer}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: yield-predictor, namespace: wafer}
spec:
  selector: {matchLabels: {app: yield-predictor}}
  template:
    metadata: {labels: {app: yield-predictor}}
    spec:
      containers:
        - name: predictor
          image: wafer/yield-predictor:2.8
          envFrom: [{configMapRef: {name: model}}, {configMapRef: {name: limits}}, {secretRef: {name: key}}]
)");
    lab.run();
    Counted counted(lab);
    CHECK(counted.tick(lab).size() == 5);
}

TEST_CASE("a tick of a paused run costs as many as its route has objects, and at most six requests", "[runner][requests]") {
    const auto [provider, cost] =
        GENERATE(table<std::string, std::size_t>({{"replicas", 4}, {"istio", 6}, {"smi:v1alpha2", 4}, {"traefik", 4}}));
    CAPTURE(provider);
    RolloutLab lab(canary(provider), "metrics: {accuracy: 99.5}");
    lab.run();
    lab.set_image("wafer/yield-predictor:2.9");
    while (lab.runner->record().state.split.canary < 50) lab.tick();
    for (int i = 0; i < 3; ++i) {
        rollout::CanaryStore::ask(*lab.cluster, "wafer", "yield-predictor", rollout::Command::pause, "bob@ci");
        lab.tick();
    }
    REQUIRE(lab.runner->record().state.paused);
    Counted counted(lab);
    const auto told = counted.tick(lab);
    CAPTURE(told);
    CHECK(told.size() == cost);
    CHECK(told.size() <= 6);
}
