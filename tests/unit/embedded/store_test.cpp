// The file: reopened, shared, damaged, and left behind by a killed process.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"
#include "core/io/sqlite.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/embedded/embedded.hpp"

using namespace gitops;
using namespace gitops::test;
using embedded::LocalCluster;

namespace {

std::shared_ptr<base::ManualClock> new_clock() {
    return std::make_shared<base::ManualClock>(base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
}

doc::Value config(int number) {
    return embedded::map_of({{"apiVersion", "v1"},
                            {"kind", "ConfigMap"},
                            {"metadata", embedded::map_of({{"name", "c" + std::to_string(number)}, {"namespace", "default"}})},
                            {"data", embedded::map_of({{"number", std::to_string(number)}})}});
}

void apply(LocalCluster& cluster, int number) { cluster.apply(config(number), {"test", {}, {}}); }

std::vector<doc::Value> configs(LocalCluster& cluster) {
    return cluster.list({{"", "v1", "ConfigMap"}, std::nullopt, ""});
}

}  // namespace

TEST_CASE("what was stored is there after reopening, and time has passed for it") {
    TempDir dir;
    auto clock = new_clock();
    doc::Value before;
    {
        LocalCluster cluster(dir / "a.db", clock);
        apply(cluster, 1);
        before = configs(cluster)[0];
        cluster.set_pod_start(std::chrono::seconds(2));
        cluster.add_fault(embedded::FaultKind::crash_loop, "bad:*", base::Duration(0));
    }
    LocalCluster cluster(dir / "a.db", clock);
    CHECK(configs(cluster) == std::vector<doc::Value>{before});
    CHECK(cluster.pod_start() == std::chrono::seconds(2));
    CHECK(cluster.faults().size() == 1);
}

TEST_CASE("two processes see each other's writes, and versions never repeat") {
    TempDir dir;
    auto clock = new_clock();
    LocalCluster one(dir / "a.db", clock), other(dir / "a.db", clock);
    std::thread writer([&] {
        for (int i = 0; i < 100; ++i) apply(one, i * 2);
    });
    for (int i = 0; i < 100; ++i) apply(other, i * 2 + 1);
    writer.join();
    std::set<std::string> versions;
    for (const doc::Value& object : configs(one)) versions.insert(std::string(kube::resource_version_of(object)));
    CHECK(versions.size() == 200);
    CHECK(configs(one) == configs(other));
}

TEST_CASE("a change of another process is not hidden by what this one remembers") {
    TempDir dir;
    auto clock = new_clock();
    LocalCluster one(dir / "a.db", clock), other(dir / "a.db", clock);
    apply(one, 1);
    REQUIRE(configs(one).size() == 1);
    kube::Patch patch{kube::ref_of(config(1)), kube::PatchKind::merge,
                      embedded::map_of({{"data", embedded::map_of({{"number", "changed"}})}}), "", ""};
    other.write({patch, "hand", kube::DryRun::no});
    CHECK(configs(one)[0].path("data", "number")->text() == "changed");
    other.remove(kube::ref_of(config(1)), {});
    CHECK(configs(one).empty());
}

TEST_CASE("a refused request leaves nothing behind") {
    Embedded on;
    auto before = on.cluster.watch({}, {}).next;
    CHECK_THROWS_AS(on.apply(deployment("web", 1, "web:1", "selector: {matchLabels: {app: other}}")), base::Error);
    CHECK(on.cluster.watch({}, {}).next == before);
    CHECK(on.get("Deployment", "web").is_null());
}

TEST_CASE("requests made together are stored together") {
    Embedded on;
    auto make = [&](int number) { apply(on.cluster, number); };
    CHECK_THROWS_AS(on.cluster.together([&] {
        make(1);
        throw base::Error(base::Code::cancelled, "stop");
    }),
                    base::Error);
    CHECK(configs(on.cluster).empty());
    on.cluster.together([&] {
        make(1);
        CHECK_THROWS_AS(on.apply(deployment("web", 1, "web:1", "selector: {}")), base::Error);
        make(2);
        CHECK(configs(on.cluster).size() == 2);
    });
    CHECK(configs(on.cluster).size() == 2);
    CHECK(on.get("Deployment", "web").is_null());
}

TEST_CASE("a file that is no database is refused with its name and a hint") {
    TempDir dir;
    std::string path = dir.write("broken.db", std::string(5000, 'x'));
    try {
        LocalCluster cluster(path, new_clock());
        FAIL("it was opened");
    } catch (const base::Error& error) {
        CHECK(error.code() == base::Code::invalid);
        CHECK(error.message().find(path) != std::string::npos);
        CHECK_FALSE(error.hint_text().empty());
    }
}

TEST_CASE("a damaged row is an error that names the object") {
    TempDir dir;
    auto clock = new_clock();
    { LocalCluster cluster(dir / "a.db", clock); apply(cluster, 1); }
    io::Database(dir / "a.db").run("UPDATE objects SET body='{\"cut' WHERE kind='ConfigMap'");
    LocalCluster cluster(dir / "a.db", clock);
    try {
        configs(cluster);
        FAIL("it was read");
    } catch (const base::Error& error) {
        CHECK(error.code() == base::Code::invalid);
        REQUIRE_FALSE(error.notes().empty());
        CHECK(error.notes()[0] == "while reading ConfigMap default/c1 from the embedded cluster's database");
    }
}

TEST_CASE("a killed process leaves every object before or after its write") {
    TempDir dir;
    std::string path = dir / "a.db";
    auto clock = new_clock();
    { LocalCluster cluster(path, clock); }
    int highest = 0;
    for (int round = 0; round < 15; ++round) {
        int told[2];
        REQUIRE(pipe(told) == 0);
        pid_t child = fork();
        if (child == 0) {
            LocalCluster cluster(path, clock);
            for (int i = highest; i < highest + 10'000; ++i) {
                apply(cluster, i);
                if (write(told[1], &i, sizeof i) != sizeof i) _exit(1);
            }
            _exit(0);
        }
        close(told[1]);
        int acknowledged = -1;
        for (int i = 0; i < 3 + round * 7; ++i)
            if (read(told[0], &acknowledged, sizeof acknowledged) != sizeof acknowledged) break;
        kill(child, SIGKILL);
        for (int last; read(told[0], &last, sizeof last) == sizeof last;) acknowledged = last;
        close(told[0]);
        int status = 0;
        waitpid(child, &status, 0);
        LocalCluster cluster(path, clock);
        int stored = static_cast<int>(configs(cluster).size());
        // All that was acknowledged, and at most the one write that was under way.
        REQUIRE(stored >= acknowledged + 1);
        REQUIRE(stored <= acknowledged + 2);
        highest = stored;
    }
    io::Database database(path);
    auto check = database.prepare("PRAGMA integrity_check");
    REQUIRE(check.step());
    CHECK(check.text(0) == "ok");
}

TEST_CASE("watching waits on the clock and ends at its time") {
    Embedded on;
    kube::WatchQuery query;
    query.at_most = std::chrono::hours(1);
    auto start = on.clock->now();
    kube::WatchBatch batch = on.cluster.watch(query, {});
    CHECK(batch.events.empty());
    CHECK(on.clock->now() - start == std::chrono::hours(1));
}

TEST_CASE("watching wakes up for what the simulation does") {
    Embedded on;
    on.apply(deployment("web", 1, "web:1"));
    kube::WatchQuery query;
    query.kinds = {{"", "v1", "Pod"}};
    query.since = on.cluster.watch(query, {}).next;
    query.at_most = std::chrono::hours(1);
    auto start = on.clock->now();
    kube::WatchBatch batch = on.cluster.watch(query, {});
    REQUIRE(batch.events.size() == 1);
    CHECK(on.clock->now() - start == base::Duration(120));
}

TEST_CASE("a stop request ends watching at once") {
    Embedded on;
    std::stop_source stop;
    stop.request_stop();
    kube::WatchQuery query;
    query.at_most = std::chrono::hours(1);
    auto start = on.clock->now();
    on.cluster.watch(query, stop.get_token());
    CHECK(on.clock->now() == start);
}

TEST_CASE("a watcher that stayed away too long has to list again") {
    Embedded on;
    kube::WatchQuery query;
    query.since = on.cluster.watch(query, {}).next;
    for (int i = 0; i < 4400; ++i) {
        on.cluster.apply(config(i), {"test", {}, {}});
        on.cluster.remove(kube::ref_of(config(i)), {});
    }
    auto watch_from = [&](std::string since) -> std::optional<base::Code> {
        query.since = std::move(since);
        try {
            on.cluster.watch(query, {});
        } catch (const base::Error& error) {
            return error.code();
        }
        return std::nullopt;
    };
    CHECK(watch_from(query.since) == base::Code::conflict);
    CHECK(watch_from("99999999") == base::Code::conflict);
    CHECK(watch_from("yesterday") == base::Code::invalid);
}

TEST_CASE("a dry run uses up no addresses and no versions") {
    Embedded on;
    auto service = [](std::string_view name) {
        return embedded::map_of(
            {{"apiVersion", "v1"},
             {"kind", "Service"},
             {"metadata", embedded::map_of({{"name", name}, {"namespace", "default"}})},
             {"spec", embedded::map_of({{"ports", doc::Value::list({embedded::map_of({{"port", 80}})})}})}});
    };
    auto before = on.cluster.watch({}, {}).next;
    on.cluster.apply(service("tried"), {"test", {}, kube::DryRun::yes});
    CHECK(on.cluster.watch({}, {}).next == before);
    kube::Applied made = on.cluster.apply(service("made"), {"test", {}, {}});
    CHECK(made.object.path("spec", "clusterIP")->text() == "10.96.0.10");
}
