// The real program on a real server, killed with SIGKILL at random points of a sync, and run twice at once.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "core/doc/path.hpp"
#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

constexpr int k_objects = 12;
constexpr int k_kills = 200;
const std::vector<std::string> k_sync{"app", "sync", "web", "--prune", "--no-wait"};

std::string name_of(int index) { return "cm-" + std::to_string(index); }
std::string value_of(int version) { return "v" + std::to_string(version); }

/// One of the objects comes with a version and goes with the next.
void commit(Stage& stage, int version) {
    std::vector<std::pair<std::string, std::string>> files;
    for (int i = 0; i < k_objects; ++i) files.emplace_back(name_of(i) + ".yaml", config_map(name_of(i), value_of(version)));
    files.emplace_back("visit.yaml", config_map("visit-" + std::to_string(version), value_of(version)));
    stage.commit(files);
}

/// "name=value" of every ConfigMap that is somebody's, sorted. One that waits for the garbage collector is gone.
std::vector<std::string> values(Stage& stage) {
    std::vector<std::string> values;
    for (const auto& object : stage.cluster().list({{"", "v1", "ConfigMap"}, stage.ns(), ""})) {
        if (object.path("metadata", "deletionTimestamp") != nullptr) continue;
        if (const auto* color = doc::find(object, {"data", "color"}))
            values.push_back(std::string(kube::name_of(object)) + "=" + std::string(color->text()));
    }
    std::ranges::sort(values);
    return values;
}

std::vector<std::string> expected(int version) {
    std::vector<std::string> values{"foreign=theirs", "visit-" + std::to_string(version) + "=" + value_of(version)};
    for (int i = 0; i < k_objects; ++i) values.push_back(name_of(i) + "=" + value_of(version));
    std::ranges::sort(values);
    return values;
}

/// A home as a new machine has it.
void start_afresh(Stage& stage, const std::string& home) {
    stage.make_home(home, Stage::kubeconfig());
    stage.create_app({}, home);
}

}  // namespace

REAL_CASE("after a kill at any point the next sync, here or elsewhere, finishes; no object of ours stays behind", "[kube][slow]") {
    commit(stage, 0);
    stage.create_app();
    stage.must(k_sync);
    stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: foreign, namespace: NS}, data: {color: theirs}}");
    int version = 0;
    auto full = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        commit(stage, ++version);
        const auto began = std::chrono::steady_clock::now();
        stage.must(k_sync);
        full = std::min(full, std::chrono::steady_clock::now() - began);
    }
    std::mt19937 random(20260101 + Catch::rngSeed());  // --rng-seed N: other points

    int cut_short = 0;
    for (int kill = 1; kill <= k_kills; ++kill) {
        CAPTURE(kill);
        commit(stage, ++version);
        auto process = stage.start(k_sync);
        const auto share = std::uniform_real_distribution<double>(0.05, 1.2)(random);
        std::this_thread::sleep_for(std::chrono::duration_cast<std::chrono::microseconds>(full * share));
        process->kill_hard();
        const auto killed = process->wait();
        cut_short += killed.status == 128 + 9 ? 1 : 0;
        // What the killed one had begun is given up by Git, too: only the record in the cluster knows of it.
        commit(stage, ++version);
        const bool elsewhere = kill % 8 == 0;
        const auto home = elsewhere ? "machine-" + std::to_string(kill) : "home";
        if (elsewhere) start_afresh(stage, home);
        const auto next = stage.run(k_sync, home);
        INFO("killed:\n" << killed.out << killed.err << "\nnext:\n" << next.out << next.err);
        REQUIRE(next.status == 0);
        REQUIRE(values(stage) == expected(version));
    }
    // The kills must have hit something for this test to mean anything.
    CHECK(cut_short > k_kills / 4);
}

REAL_CASE("of two machines that sync at once one wins, and the other says so or follows", "[kube]") {
    commit(stage, 0);
    stage.create_app();
    stage.must(k_sync);
    start_afresh(stage, "other");
    for (int version = 1; version <= 5; ++version) {
        commit(stage, version);
        auto first = stage.start(k_sync, "first");
        auto second = stage.start(k_sync, "second", "other");
        const auto a = first->wait();
        const auto b = second->wait();
        CAPTURE(version, a.err, b.err);
        CHECK((a.status == 0 || b.status == 0));
        for (const auto& result : {a, b})
            if (result.status != 0) CHECK(result.err.find("in progress") != std::string::npos);
        auto wanted = expected(version);
        std::erase(wanted, "foreign=theirs");
        REQUIRE(values(stage) == wanted);
    }
}
