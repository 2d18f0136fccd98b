// The real program, killed with SIGKILL at random points of a sync, and run twice at once.
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "core/app/state/state_db.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/doc/path.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using namespace gitops;
using test::Process;

namespace {

constexpr int k_objects = 24;
constexpr int k_kills = 200;

std::string config_map(int index, int version) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm-" + std::to_string(index) + "}\ndata: {value: v" +
           std::to_string(version) + "}\n";
}

/// One application of k_objects ConfigMaps, one of which comes and goes with every version.
class World {
  public:
    World() : repo(dir / "repo") {
        commit(0);
        run({"app", "create", "crash", "--repo", repo.path(), "--path", "app", "--dest-namespace", "crash",
             "--sync-option", "CreateNamespace=true"});
        run(sync_arguments());
    }

    static std::vector<std::string> sync_arguments() { return {"app", "sync", "crash", "--prune", "--no-wait"}; }

    std::string commit(int version) {
        for (int i = 0; i < k_objects; ++i) repo.write(path(i), config_map(i, version));
        repo.write("app/visit.yaml", config_map(100 + version, version));
        return repo.commit("version " + std::to_string(version));
    }

    std::unique_ptr<Process> start(std::vector<std::string> arguments, const std::string& name = "process") {
        arguments.insert(arguments.begin(), GITOPSCTL_BINARY);
        std::map<std::string, std::string> environment{{"HOME", dir.path()}, {"GITOPSCTL_HOME", dir / "home"}};
        return std::make_unique<Process>(arguments, environment, dir.path(), dir / name);
    }

    test::ProcessResult run(const std::vector<std::string>& arguments) {
        auto result = start(arguments)->wait();
        INFO(result.err);
        REQUIRE(result.status == 0);
        return result;
    }

    embedded::LocalCluster cluster() const {
        return {dir / "home/clusters/local.db", std::make_shared<base::SystemClock>()};
    }

    /// "name=version" of every object there is, sorted.
    std::vector<std::string> values() const {
        auto live = cluster();
        std::vector<std::string> values;
        for (const auto& object : live.list({{"", "v1", "ConfigMap"}, "crash", ""})) {
            if (kube::name_of(object) == "gitopsctl.crash") continue;  // the application's record
            const auto* value = doc::find(object, {"data", "value"});
            values.push_back(std::string(kube::name_of(object)) + "=" + std::string(value->text()));
        }
        std::ranges::sort(values);
        return values;
    }

    static std::vector<std::string> expected(int version) {
        std::vector<std::string> values;
        for (int i = 0; i < k_objects; ++i)
            values.push_back("cm-" + std::to_string(i) + "=v" + std::to_string(version));
        values.push_back("cm-" + std::to_string(100 + version) + "=v" + std::to_string(version));
        std::ranges::sort(values);
        return values;
    }

    test::TempDir dir;
    test::TestRepo repo;

  private:
    static std::string path(int index) { return "app/cm-" + std::to_string(index) + ".yaml"; }
};

void add_foreign(World& world) {
    auto live = world.cluster();
    auto object = doc::Value::map();
    object.set("apiVersion", "v1");
    object.set("kind", "ConfigMap");
    object.at("metadata").set("name", "foreign");
    object.at("metadata").set("namespace", "crash");
    object.at("data").set("value", "theirs");
    live.write({kube::Create{object}, "somebody", kube::DryRun::no});
}

bool before_or_after(const std::string& value, int version) {
    if (value == "foreign=theirs") return true;
    return value.ends_with("=v" + std::to_string(version)) || value.ends_with("=v" + std::to_string(version - 1));
}

}  // namespace

TEST_CASE("a sync that is killed at any point leaves each object before or after, and the next one finishes") {
    World world;
    add_foreign(world);
    auto began = std::chrono::steady_clock::now();
    world.run(World::sync_arguments());
    auto full = std::chrono::steady_clock::now() - began;
    std::mt19937 random(20260101);

    int cut_short = 0;
    for (int version = 1; version <= k_kills; ++version) {
        CAPTURE(version);
        auto sha = world.commit(version);
        auto process = world.start(World::sync_arguments());
        auto share = std::uniform_real_distribution<double>(0.05, 1.3)(random);
        std::this_thread::sleep_for(std::chrono::duration_cast<std::chrono::microseconds>(full * share));
        process->kill_hard();
        cut_short += process->wait().status == 128 + 9 ? 1 : 0;

        for (const auto& value : world.values()) {
            CAPTURE(value);
            REQUIRE(before_or_after(value, version));
        }
        world.run(World::sync_arguments());
        auto expected = World::expected(version);
        expected.emplace_back("foreign=theirs");
        std::ranges::sort(expected);
        REQUIRE(world.values() == expected);
        REQUIRE(app::StateDb(world.dir / "home/state.db").history("crash").back().revision == sha);
    }
    // The kills must have hit something for this test to mean anything.
    CHECK(cut_short > k_kills / 4);
}

TEST_CASE("two syncs at once both succeed, one after the other") {
    World world;
    for (int version = 1; version <= 10; ++version) {
        world.commit(version);
        auto first = world.start(World::sync_arguments(), "first");
        auto second = world.start(World::sync_arguments(), "second");
        auto a = first->wait();
        auto b = second->wait();
        CAPTURE(a.err, b.err);
        REQUIRE(a.status == 0);
        REQUIRE(b.status == 0);
        REQUIRE(world.values() == World::expected(version));
    }
    CHECK(app::StateDb(world.dir / "home/state.db").history("crash").size() == 10);
}
