// A runner that dies before or after any of its writes, and the one after it.
#include <catch2/catch.hpp>

#include "core/kube/selector.hpp"
#include "tests/unit/rollout/rollout_lab.hpp"

using namespace gitops;
using test::RolloutLab;

namespace {

struct Killed {};

/// Dies at one write, and looks after each whether who calls the apex reaches a Pod that is ready.
class DeadlyCluster final : public kube::Cluster {
  public:
    DeadlyCluster(embedded::LocalCluster& below) : m_below(below) {}

    std::vector<kube::KindInfo> kinds() override { return m_below.kinds(); }
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override { return m_below.get(ref); }
    std::vector<doc::Value> list(const kube::ListQuery& query) override { return m_below.list(query); }
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override { return m_below.watch(query, stop); }
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override { return m_below.remove(ref, options); }
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override { return m_below.apply(object, options); }
    doc::Value write(const kube::Write& change) override {
        ++writes;
        if (writes == dies_before) throw Killed{};
        auto written = m_below.write(change);
        if (!serves()) ++unserved;
        if (writes == dies_after) throw Killed{};
        return written;
    }

    int writes = 0;
    int dies_before = 0;
    int dies_after = 0;
    int unserved = 0;

  private:
    bool serves() {
        const auto apex = m_below.get({{"", "v1", "Service"}, "wafer", "yield-predictor"});
        const auto selector = kube::Selector::from_value(*apex->path("spec", "selector"));
        for (const auto& pod : m_below.list({{"", "v1", "Pod"}, "wafer", ""})) {
            if (!selector.matches(*pod.path("metadata", "labels")) || kube::is_being_deleted(pod)) continue;
            const auto* conditions = pod.path("status", "conditions");
            if (conditions == nullptr) continue;
            for (const auto& condition : conditions->items())
                if (condition.text_at("type") == "Ready" && condition.text_at("status") == "True") return true;
        }
        return false;
    }

    embedded::LocalCluster& m_below;
};

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: yield-predictor, namespace: wafer}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}
  service: {port: 80, targetPort: http}
  analysis:
    interval: 10s
    stages: [20, 60]
    metrics:
      - {name: accuracy, thresholdRange: {min: 99}}
)";

struct End {
    std::string primary, target, routed, phase;
    bool operator==(const End&) const = default;
};

/// A run of `image` whose runner dies once; what the cluster looks like when the next one has ended it.
End run_with_death(const std::string& image, int before, int after, int& writes, int& unserved, bool& died) {
    RolloutLab lab(k_canary, "metrics:\n  accuracy:\n    - {image: \"*:3.0\", weight: \">=60\", value: 90}\n    - 99.5\n");
    lab.clock->advance(std::chrono::seconds(30));  // the target is ready before anybody looks
    DeadlyCluster cluster(*lab.cluster);
    auto start = [&] {
        lab.runner.reset();
        lab.runner = std::make_unique<rollout::CanaryRunner>(rollout::RunnerPorts{cluster, *lab.clock, lab.events, *lab.checks, "anna@test"},
                                                             lab.spec, lab.settings);
        lab.runner->start();
    };
    start();
    cluster.writes = 0;
    lab.run();
    lab.set_image(image);
    cluster.dies_before = before;
    cluster.dies_after = after;
    died = false;
    for (int i = 0; i < 300; ++i) {
        try {
            if (lab.tick().settled) break;
        } catch (const Killed&) {
            died = true;
            cluster.dies_before = cluster.dies_after = 0;
            start();
        }
    }
    writes = cluster.writes;
    unserved = cluster.unserved;
    const End end{lab.workload("yield-predictor-primary"), lab.workload("yield-predictor"), lab.routed(),
                  std::string(rollout::phase_name(lab.runner->record().state.phase))};
    lab.runner.reset();  // it writes to the cluster once more
    return end;
}

}  // namespace

TEST_CASE("a runner that is killed at any write is followed by one that ends the run, and users are always served", "[runner][kill]") {
    for (const std::string image : {"wafer/yield-predictor:2.9", "wafer/yield-predictor:3.0"}) {
        int writes = 0, unserved = 0;
        bool died = false;
        const auto whole = run_with_death(image, 0, 0, writes, unserved, died);
        CAPTURE(image, writes);
        CHECK(unserved == 0);
        CHECK(whole.phase == (image.ends_with("2.9") ? "Succeeded" : "Failed"));
        const int all = writes;
        REQUIRE(all > 15);
        for (int at = 1; at <= all; ++at) {
            CAPTURE(at);
            for (const bool before : {true, false}) {
                CAPTURE(before);
                const auto end = run_with_death(image, before ? at : 0, before ? 0 : at, writes, unserved, died);
                CHECK(unserved == 0);
                CHECK(end.primary == whole.primary);
                CHECK(end.target == whole.target);
                CHECK(end.routed == whole.routed);
                CHECK(end.phase == whole.phase);
            }
        }
    }
}
