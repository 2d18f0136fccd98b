// The real program, a real Prometheus and an exporter that says what v2.9 and v3.0 are like; the cluster is the embedded one.
#include <catch2/catch.hpp>

#include <chrono>

#include "core/embedded/local_cluster.hpp"
#include "core/rollout/canary_record.hpp"
#include "tests/metrics/real_prometheus.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

const char* const k_objects = R"(
apiVersion: v1
kind: Namespace
metadata: {name: wafer}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: yield-predictor, namespace: wafer}
spec:
  replicas: 4
  selector: {matchLabels: {app: yield-predictor}}
  template:
    metadata: {labels: {app: yield-predictor}}
    spec: {containers: [{name: predictor, image: "wafer/yield-predictor:v2.8", ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: yield-predictor, namespace: wafer}
spec: {selector: {app: yield-predictor}, ports: [{name: http, port: 80, targetPort: http}]}
)";

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  provider: replicas
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis:
    interval: 200ms
    stages: [5, 10, 25, 50, 100]
    successes: 1
    maxFailures: 0
    budget: {unreachable: 1}
    metrics:
      - {name: request-success-rate, thresholdRange: {min: 99}, interval: 1s}
      - {name: request-duration, thresholdRange: {max: 150}, interval: 1s}
      - {name: accuracy, thresholdRange: {min: 99}, query: 'avg(accuracy{app="yield-predictor"})'}
)";

std::string of_pod(const std::string& metric, const std::string& label) {
    return "http_request_duration_seconds_" + metric +
           R"({kubernetes_namespace="wafer",kubernetes_pod_name="yield-predictor-7d9f-x2x",)" + label + "}";
}

/// What the Pods of the canary tell: of 1000 requests so many succeed; the slowest 2 % take up to 150 or 210 ms.
void measure(RealPrometheus& server, double good, bool slow, const std::string& accuracy) {
    server.exporter.grow({{of_pod("count", "status=\"200\""), good}, {of_pod("count", "status=\"503\""), 1000 - good}});
    server.exporter.grow({{of_pod("bucket", "le=\"0.1\""), 980}, {of_pod("bucket", "le=\"0.15\""), slow ? 980.0 : 1000.0},
                          {of_pod("bucket", "le=\"0.21\""), 1000}, {of_pod("bucket", "le=\"+Inf\""), 1000}});
    server.exporter.set("accuracy{app=\"yield-predictor\"}", accuracy);
    const std::string requests = "sum(rate(http_request_duration_seconds_count{kubernetes_namespace=\"wafer\"";
    const auto rate = "100 * " + requests + ",status=\"200\"}[1s])) / " + requests + "}[1s]))";
    REQUIRE(eventually([&] {
        const auto reading = server.ask(rate);
        const auto told = server.ask("accuracy{app=\"yield-predictor\"}");
        return reading.kind == rollout::Reading::Kind::value && reading.value == Approx(good / 10) && text_of(told) == accuracy;
    }));
}

class Machine {
  public:
    ProcessResult run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), GITOPSCTL_BINARY);
        return Process(arguments, {{"HOME", dir.path()}, {"GITOPSCTL_HOME", dir / "home"}}, dir.path(), dir / "process").wait();
    }
    std::string image(const std::string& name) const {
        const auto found = cluster().get({{"apps", "v1", "Deployment"}, "wafer", name});
        return found ? std::string(found->path("spec", "template", "spec", "containers")->items().front().text_at("image")) : "none";
    }
    rollout::RunRecord last_run() const {
        return rollout::read_canary_record(*cluster().get(rollout::canary_record_ref("wafer", "yield-predictor"))).runs.back();
    }

    TempDir dir;

  private:
    embedded::LocalCluster cluster() const { return {dir / "home/clusters/local.db", std::make_shared<base::SystemClock>()}; }
};

/// Of the last entry with checks: "request-success-rate 99.6 pass".
std::vector<std::string> checks_of(const rollout::RunRecord& run) {
    std::vector<std::string> lines;
    for (const auto& entry : run.entries) {
        if (entry.checks.empty()) continue;
        lines.clear();
        for (const auto& check : entry.checks) {
            const auto rounded = static_cast<long>(check.value.value_or(-1) * 10 + 0.5);
            lines.push_back(check.name + " " + std::to_string(rounded / 10) + "." + std::to_string(rounded % 10) + " " +
                            std::string(rollout::verdict_name(check.verdict)));
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("yield-predictor v2.9 is promoted and v3.0 taken back by what a real Prometheus says", "[metrics][canary]") {
    if (!has_prometheus()) return;
    RealPrometheus server;
    Machine machine;
    machine.dir.write("objects.yaml", k_objects);
    machine.dir.write("canary.yaml", k_canary);
    const auto roll_out = [&](const std::string& version) {
        return machine.run({"canary", "run", "-f", "canary.yaml", "--metrics", "http://" + server.address(), "--image",
                            "wafer/yield-predictor:" + version});
    };
    REQUIRE(machine.run({"cluster", "apply", "-f", "objects.yaml"}).status == 0);
    REQUIRE(machine.run({"canary", "run", "-f", "canary.yaml", "--metrics", "http://" + server.address()}).status == 0);

    measure(server, 996, false, "99.5");
    const auto good = roll_out("v2.9");
    INFO(good.out << good.err);
    CHECK(good.status == 0);
    CHECK(machine.image("yield-predictor-primary") == "wafer/yield-predictor:v2.9");
    CHECK(checks_of(machine.last_run()) == std::vector<std::string>{"request-success-rate 99.6 pass", "request-duration 125.0 pass",
                                                                    "accuracy 99.5 pass"});

    measure(server, 972, true, "98.1");
    const auto bad = roll_out("v3.0");
    INFO(bad.out << bad.err);
    CHECK(bad.status == 1);
    CHECK(bad.out.find("wafer/yield-predictor:v2.9 has all traffic") != std::string::npos);
    CHECK(machine.image("yield-predictor-primary") == "wafer/yield-predictor:v2.9");
    CHECK(checks_of(machine.last_run()) == std::vector<std::string>{"request-success-rate 97.2 fail", "request-duration 180.0 fail",
                                                                    "accuracy 98.1 fail"});
    for (const auto& entry : machine.last_run().entries) CHECK(entry.weight <= 5);

    // A server that is gone says nothing about the version: held, and taken back when that goes on.
    measure(server, 996, false, "99.5");
    server.stop();
    const auto blind = roll_out("v3.1");
    INFO(blind.out << blind.err);
    CHECK(blind.status == 1);
    CHECK(blind.out.find("checks in a row without an answer of the metrics server") != std::string::npos);
    CHECK(machine.image("yield-predictor-primary") == "wafer/yield-predictor:v2.9");
}
