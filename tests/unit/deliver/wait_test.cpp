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

namespace {

doc::Value web(int available) {
    return doc::read_yaml_one("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: prod}, spec: {replicas: 1, "
                              "selector: {matchLabels: {app: web}}, template: {}}, status: {replicas: 1, updatedReplicas: 1, availableReplicas: " +
                              std::to_string(available) + "}}");
}

doc::Value pod_of_web(const std::string& reason) {
    return doc::read_yaml_one("{apiVersion: v1, kind: Pod, metadata: {name: web-5d8-a, namespace: prod, labels: {app: web}}, "
                              "status: {containerStatuses: [{name: web, state: {waiting: {reason: " + reason + "}}}]}}");
}

}  // namespace

TEST_CASE("a workload that gets no further tells why, once, and the verdict says it again", "[wait]") {
    Bench bench;
    bench.cluster.put(web(0));
    bench.cluster.put(pod_of_web("ErrImagePull"));
    bench.at_watch = [&](int n) {
        if (n == 4) bench.cluster.put(pod_of_web("ImagePullBackOff"));
    };
    const std::string waiting = "Waiting for rollout: 0 of 1 updated replicas are available";
    CHECK(bench.wait({web(0)}) == "timed out: Progressing apps/Deployment prod/web: " + waiting + " (Pod web-5d8-a: ImagePullBackOff)");
    CHECK(bench.told() == "apps/Deployment prod/web Progressing: " + waiting +
                              "\napps/Deployment prod/web Progressing: Pod web-5d8-a: ErrImagePull"
                              "\napps/Deployment prod/web Progressing: Pod web-5d8-a: ImagePullBackOff\n");
}

TEST_CASE("waiting costs a watch, not requests", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    std::vector<int> looked;
    bench.at_watch = [&](int) {
        for (const auto& call : bench.cluster.calls)
            if (call.starts_with("list Event")) looked.push_back(static_cast<int>((bench.clock.now() - base::Time{}).count()) / 1000);
        std::erase_if(bench.cluster.calls, [](const auto& call) { return call.starts_with("list Event"); });
    };
    CHECK(bench.wait({job("a")}).starts_with("timed out"));
    // Read, read again once the watch stands, and never after that; why it takes so long is asked after 1 s, then every 5 s.
    CHECK(bench.cluster.calls == std::vector<std::string>{"get batch/Job prod/a", "get batch/Job prod/a", "list Event prod"});
    CHECK(looked == std::vector<int>{1, 6, 11, 16, 21, 26});
}

namespace {

/// A cluster whose watch is the test's.
class Watched final : public kube::Cluster {
  public:
    using Watch = std::function<kube::WatchBatch(const kube::WatchQuery&)>;
    Watched(FakeCluster& cluster, Watch watch) : m_cluster(cluster), m_watch(std::move(watch)) {}
    std::vector<kube::KindInfo> kinds() override { return m_cluster.kinds(); }
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override { return m_cluster.get(ref); }
    std::vector<doc::Value> list(const kube::ListQuery& query) override { return m_cluster.list(query); }
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override { return m_cluster.apply(object, options); }
    doc::Value write(const kube::Write& write) override { return m_cluster.write(write); }
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override { return m_cluster.remove(ref, options); }
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token) override { return m_watch(query); }

  private:
    FakeCluster& m_cluster;
    Watch m_watch;
};

}  // namespace

TEST_CASE("a place in the stream that was forgotten is taken anew", "[wait]") {
    Bench bench;
    bench.cluster.put(job("a"));
    int calls = 0;
    Watched cluster(bench.cluster, [&](const kube::WatchQuery& query) {
        if (++calls != 2) return bench.cluster.watch(query, {});
        bench.cluster.put(job("a", "Complete"));
        bench.cluster.watch({}, {});  // what was told is lost
        throw base::Error(base::Code::conflict, "too old");
    });
    const auto deadline = base::Time{} + std::chrono::seconds(30);
    CHECK(wait_for_health(cluster, {kube::ref_of(job("a"))}, deadline, bench.clock, bench.events, {}).healthy);
    CHECK(bench.clock.now() == base::Time{} + std::chrono::milliseconds(50));
}

TEST_CASE("who may read and not watch, reads every two seconds", "[wait]") {
    for (const int refused : {1, 2}) {
        Bench bench;
        bench.cluster.put(job("a"));
        int calls = 0;
        Watched cluster(bench.cluster, [&](const kube::WatchQuery& query) {
            if (++calls < refused) return bench.cluster.watch(query, {});
            bench.cluster.put(job("a", "Complete"));
            throw base::Error(base::Code::denied, "cannot watch");
        });
        const auto deadline = base::Time{} + std::chrono::seconds(30);
        CHECK(wait_for_health(cluster, {kube::ref_of(job("a"))}, deadline, bench.clock, bench.events, {}).healthy);
        CHECK(calls == refused);
        CHECK(bench.clock.now() <= base::Time{} + std::chrono::seconds(2));
    }
}
