// Canaries of the real program, killed with SIGKILL at random points, on the embedded cluster.
#include <catch2/catch.hpp>

#include <chrono>
#include <random>
#include <thread>

#include "core/doc/yaml_read.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/rollout/canary_record.hpp"
#include "tests/support/process.hpp"
#include "tests/support/served.hpp"
#include "tests/support/temp_dir.hpp"

using namespace gitops;
using test::Process;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int k_kills = 100;
constexpr int k_worlds = 10;  ///< at once: most of the time they wait for Pods

const char* const k_objects = R"(
apiVersion: v1
kind: Namespace
metadata: {name: wafer}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: wafer}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:good-0", ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: wafer}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
)";

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: web, namespace: wafer}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  service: {port: 80, targetPort: http}
  analysis: {interval: 100ms, stages: [50, 100], successes: 1, maxFailures: 0, metrics: [{name: accuracy, thresholdRange: {min: 99}}]}
)";

const char* const k_metrics = "metrics: {accuracy: [{image: '*:bad-*', weight: '>=50', value: 91}, 99.5]}\n";

const kube::ObjectRef k_apex{{"", "v1", "Service"}, "wafer", "web"};

/// One home with one canary.
class World {
  public:
    World() {
        dir.write("canary.yaml", k_canary);
        dir.write("metrics.yaml", k_metrics);
        dir.write("objects.yaml", k_objects);
        must({"cluster", "apply", "-f", "objects.yaml"});
        must(roll_out("good-0"));
    }

    static std::vector<std::string> roll_out(const std::string& version) {
        return {"canary", "run", "-f", "canary.yaml", "--metrics", "metrics.yaml", "--image", "web:" + version};
    }

    std::unique_ptr<Process> start(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), GITOPSCTL_BINARY);
        const std::map<std::string, std::string> environment{{"HOME", dir.path()}, {"GITOPSCTL_HOME", dir / "home"}};
        return std::make_unique<Process>(arguments, environment, dir.path(), dir / "process");
    }
    test::ProcessResult run(const std::vector<std::string>& arguments) const { return start(arguments)->wait(); }
    void must(const std::vector<std::string>& arguments) const {
        const auto result = run(arguments);
        if (result.status != 0) throw std::runtime_error("exit " + std::to_string(result.status) + " " + result.out + result.err);
    }

    std::shared_ptr<kube::Cluster> cluster() const {
        return std::make_shared<embedded::LocalCluster>(dir / "home/clusters/local.db", std::make_shared<base::SystemClock>());
    }

    static std::string image(kube::Cluster& cluster, const std::string& name) {
        const auto found = cluster.get({{"apps", "v1", "Deployment"}, "wafer", name});
        if (!found) return "none";
        return std::string(found->path("spec", "template", "spec", "containers")->items().front().text_at("image"));
    }

    test::TempDir dir;
};

struct Tally {
    int cut_short = 0;
    int before_it_began = 0;
    std::vector<std::string> wrong;
};

std::string version_of(int kill) { return (kill % 3 == 2 ? "bad-" : "good-") + std::to_string(kill + 1); }
bool is_good(const std::string& version) { return version.starts_with("good"); }

/// One kill, and what the next one makes of it.
void kill_once(const World& world, const std::string& version, Clock::duration after, std::string& serving, Tally& tally) {
    const auto wrong = [&](const std::string& what) { tally.wrong.push_back(version + ": " + what); };
    auto process = world.start(World::roll_out(version));
    std::this_thread::sleep_for(after);
    process->kill_hard();
    const auto killed = process->wait();
    tally.cut_short += killed.status == 128 + 9 ? 1 : 0;

    const auto live = world.cluster();
    auto& cluster = *live;
    if (auto why = test::unserved(cluster, k_apex); !why.empty()) wrong("after the kill " + why);
    const bool has_begun = World::image(cluster, "web") == "web:" + version;
    tally.before_it_began += has_begun ? 0 : 1;
    const auto next = world.run(has_begun ? std::vector<std::string>{"canary", "run", "web", "-n", "wafer", "--resume"}
                                          : World::roll_out(version));
    if (next.status != (is_good(version) ? 0 : 1)) wrong("exit " + std::to_string(next.status) + " " + next.out + next.err);
    if (is_good(version)) serving = version;
    if (auto why = test::unserved(cluster, k_apex); !why.empty()) wrong("at the end " + why);
    const auto service = cluster.get(k_apex);
    if (service.value().path("spec", "selector", "app")->text() != "web-primary") wrong("the apex does not lead to the primary");
    if (World::image(cluster, "web-primary") != "web:" + serving) wrong("the primary runs " + World::image(cluster, "web-primary"));
    const auto record = rollout::read_canary_record(cluster.get(rollout::canary_record_ref("wafer", "web")).value());
    if (record.state.phase != (is_good(version) ? rollout::Phase::succeeded : rollout::Phase::failed))
        wrong("it ended as " + std::string(rollout::phase_name(record.state.phase)));
    if (record.runs.back().to_image != "web:" + version) wrong("the last run is of " + record.runs.back().to_image);
    if (record.runner) wrong("the record still has a runner");
}

Clock::duration time_of(const World& world, const std::string& version) {
    const auto began = Clock::now();
    world.run(World::roll_out(version));
    return Clock::now() - began;
}

Tally kill_often(unsigned seed, int kills) {
    const World world;
    const auto good = time_of(world, "good-first"), bad = time_of(world, "bad-first");
    std::mt19937 random(seed);
    std::string serving = "good-first";
    Tally tally;
    test::Callers callers(world.cluster(), k_apex);
    for (int kill = 0; kill < kills; ++kill) {
        const auto version = version_of(kill);
        const auto share = std::uniform_real_distribution<double>(0.02, 1.05)(random);
        kill_once(world, version, std::chrono::duration_cast<Clock::duration>((is_good(version) ? good : bad) * share), serving, tally);
    }
    for (auto& why : callers.hang_up()) tally.wrong.push_back("called " + why);
    return tally;
}

}  // namespace

TEST_CASE("a Service without a Pod that is ready is told from one that has some", "[canary]") {
    auto clock = std::make_shared<base::ManualClock>(base::Time{base::Duration{1'800'000'000'000}});
    embedded::LocalCluster cluster(":memory:", clock);
    for (const auto& object : doc::read_yaml(k_objects)) cluster.apply(object, {"test", kube::OnConflict::take_over, kube::DryRun::no});
    CHECK(test::unserved(cluster, k_apex) == "web (100 %) has no Pod that is ready: app=web");
    clock->advance(base::Duration{60'000});
    CHECK(test::unserved(cluster, k_apex) == "");
    auto service = *cluster.get(k_apex);
    service.at("spec").at("selector").set("app", "nobody");
    cluster.write({kube::Replace{service}, "test", kube::DryRun::no});
    CHECK(test::unserved(cluster, k_apex) == "web (100 %) has no Pod that is ready: app=nobody");
    cluster.remove(k_apex, {});
    CHECK(test::unserved(cluster, k_apex) == "Service web is not there");
}

TEST_CASE("a canary that is killed at any point never leaves callers without a ready Pod, and goes on to its end", "[canary]") {
    std::vector<Tally> tallies(k_worlds);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < k_worlds; ++i)
            threads.emplace_back([&tallies, i] {
                try {
                    tallies[i] = kill_often(20261128 + Catch::rngSeed() + i, k_kills / k_worlds);
                } catch (const std::exception& error) {
                    tallies[i].wrong.push_back(error.what());
                }
            });
    }
    int cut_short = 0, early = 0;
    for (const auto& tally : tallies) {
        cut_short += tally.cut_short;
        early += tally.before_it_began;
        CHECK(tally.wrong == std::vector<std::string>{});
    }
    std::printf("canaries: %d kills, %d cut short, %d before the image was set\n", k_kills, cut_short, early);
    CHECK(cut_short > k_kills / 2);
}
