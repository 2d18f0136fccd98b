#include <catch2/catch.hpp>

#include "core/deliver/executor.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/support/fake_cluster.hpp"

using namespace gitops;
using namespace gitops::deliver;
using test::FakeCluster;

namespace {

doc::Value job(const std::string& name, const std::string& condition = "") {
    const auto status = condition.empty() ? "" : "{type: " + condition + ", status: 'True', message: " + condition + "}";
    return doc::read_yaml_one("{apiVersion: batch/v1, kind: Job, metadata: {name: " + name +
                              ", namespace: prod}, status: {conditions: [" + status + "]}}");
}

struct Bench {
    FakeCluster cluster;
    base::ManualClock clock{base::Time{}};
    base::RecordingSink events;
    int watches = 0;
    std::function<void(int)> at_watch = [](int) {};

    Bench() {
        cluster.on_watch = [this](base::Duration span) {
            at_watch(++watches);
            clock.advance(span);
        };
    }
    std::string wait(const std::vector<doc::Value>& objects) {
        std::vector<kube::ObjectRef> refs;
        for (const auto& object : objects) refs.push_back(kube::ref_of(object));
        const auto waited = wait_for_health(cluster, refs, base::Time{} + std::chrono::seconds(30), clock, events, {});
        return std::string(waited.healthy ? "healthy" : waited.timed_out ? "timed out" : "not healthy") + ": " +
               std::string(health_name(waited.health.status)) + " " + waited.health.message;
    }
    std::string told() const {
        std::string text;
        for (const auto& event : events.events) text += event.subject + " " + event.message + "\n";
        return text;
    }
};

}  // namespace

TEST_CASE("what is well, or has no health, needs no waiting", "[wait]") {
    Bench bench;
    const auto config = doc::read_yaml_one("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: prod}}");
    bench.cluster.put(config);
    bench.cluster.put(job("a", "Complete"));
    CHECK(bench.wait({config, job("a")}) == "healthy: Healthy ");
    CHECK(bench.watches == 0);
    CHECK(bench.wait({}) == "healthy: Healthy ");
}

TEST_CASE("waiting ends when the last object is well, and every change is told once", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    bench.cluster.put(job("b"));
    bench.at_watch = [&](int n) {
        if (n == 2) bench.cluster.put(job("a", "Complete"));
        if (n == 3) bench.cluster.put(job("stranger", "Failed"));
        if (n == 4) bench.cluster.put(job("b", "Complete"));
    };
    CHECK(bench.wait({job("a"), job("b")}) == "healthy: Healthy ");
    CHECK(bench.told() ==
          "batch/Job prod/a Progressing: Waiting for the job to complete\n"
          "batch/Job prod/b Progressing: Waiting for the job to complete\n"
          "batch/Job prod/a Healthy: Complete\nbatch/Job prod/b Healthy: Complete\n");
}

TEST_CASE("a degraded object ends the wait at once and is named", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    bench.cluster.put(job("b"));
    bench.at_watch = [&](int) { bench.cluster.put(job("b", "Failed")); };
    CHECK(bench.wait({job("a"), job("b")}) == "not healthy: Degraded batch/Job prod/b: Failed");
    CHECK(bench.watches == 1);
}

TEST_CASE("time passes the deadline", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    CHECK(bench.wait({job("a"), job("missing")}) == "timed out: Missing batch/Job prod/missing: does not exist");
    CHECK(bench.clock.now() == base::Time{} + std::chrono::seconds(30));
}

TEST_CASE("a cluster that answers at once does not keep the processor busy", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    bench.cluster.on_watch = [&](base::Duration) { ++bench.watches; };
    CHECK(bench.wait({job("a")}).starts_with("timed out"));
    CHECK(bench.watches == 600);  // 30 s in pauses of 50 ms
}

TEST_CASE("many objects of one kind are read by one list", "[wait]") {
    Bench bench;
    std::vector<doc::Value> jobs;
    for (int i = 0; i < 50; ++i) jobs.push_back(job("j" + std::to_string(i), "Complete"));
    for (const auto& one : jobs) bench.cluster.put(one);
    CHECK(bench.wait(jobs) == "healthy: Healthy ");
    CHECK(bench.cluster.calls == std::vector<std::string>{"list Job prod"});
}
