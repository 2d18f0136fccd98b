#include "core/deliver/executor.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

#include "core/doc/yaml_read.hpp"
#include "tests/support/fake_cluster.hpp"

using namespace gitops;
using namespace gitops::deliver;
using test::FakeCluster;

namespace {

doc::Value read(const std::string& yaml) { return doc::read_yaml_one(yaml); }

doc::Value config(const std::string& name, const std::string& data = "x: '1'") {
    return read("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", namespace: prod}, data: {" + data + "}}");
}

Step step(Action action, const doc::Value& object, int wave = 0) {
    Step made;
    made.action = action;
    made.wave = wave;
    made.key = kube::key_of(object);
    if (action != Action::prune) made.desired = object;
    if (action != Action::create) made.live = object;
    return made;
}

/// One "result key: message" line per outcome, then the verdict.
std::string told(const Execution& execution) {
    std::string text;
    for (const auto& outcome : execution.outcomes)
        text += std::string(result_name(outcome.result)) + " " + outcome.key.text() + ": " + outcome.message + "\n";
    return text + (execution.succeeded ? "ok" : "failed: " + execution.message);
}

struct Bench {
    FakeCluster cluster;
    base::RecordingSink events;
    ExecuteOptions options;
    Bench() { options.manager = "gitopsctl"; }
    std::string run(std::vector<Step> steps, std::stop_token stop = {}) {
        return told(execute(Plan{std::move(steps), {}}, cluster, options, events, std::move(stop)));
    }
};

const base::Error k_refused(base::Code::invalid, "data: wrong");

}  // namespace

TEST_CASE("steps are followed in order", "[executor]") {
    Bench bench;
    bench.cluster.put(config("old"));
    bench.cluster.put(config("b", "x: '0'"));
    std::vector<std::string> written;
    bench.options.on_step = [&](const StepOutcome& outcome) { written.push_back(outcome.key.text()); };
    CHECK(bench.run({step(Action::prune, config("old")), step(Action::create, config("a")), step(Action::update, config("b")),
                     step(Action::unchanged, config("c"))}) ==
          "Pruned ConfigMap prod/old: pruned\nSynced ConfigMap prod/a: created\nSynced ConfigMap prod/b: configured\n"
          "Synced ConfigMap prod/c: unchanged\nok");
    CHECK(bench.cluster.calls == std::vector<std::string>{"remove ConfigMap prod/old", "apply ConfigMap prod/a",
                                                          "apply ConfigMap prod/b"});
    CHECK(written == std::vector<std::string>{"ConfigMap prod/old", "ConfigMap prod/a", "ConfigMap prod/b"});
    CHECK(bench.events.events.size() == 3);
}

TEST_CASE("a failed apply spares the rest of its wave, later waves do not start", "[executor]") {
    Bench bench;
    bench.cluster.fail("apply ConfigMap prod/a", k_refused);
    const auto service = read("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: prod}}");
    CHECK(bench.run({step(Action::create, config("a")), step(Action::create, config("b")), step(Action::create, service),
                     step(Action::create, config("later"), 1)}) ==
          "SyncFailed ConfigMap prod/a: data: wrong\nSynced ConfigMap prod/b: created\nSynced Service prod/s: created\n"
          "failed: ConfigMap prod/a: data: wrong");
}

TEST_CASE("custom resources of several kinds are under way at once, kinds the order knows are not", "[executor]") {
    const auto of_kind = [](const std::string& version, const std::string& kind) {
        return step(Action::create, read("{apiVersion: " + version + ", kind: " + kind + ", metadata: {name: a, namespace: prod}}"));
    };
    const auto most_at_once = [](std::vector<Step> steps) {
        FakeCluster cluster(8);
        std::mutex mutex;
        std::condition_variable arrived;
        std::size_t under_way = 0, most = 0;
        cluster.on_apply = [&](const kube::ResourceKey&) {
            std::unique_lock lock(mutex);
            most = std::max(most, ++under_way);
            arrived.notify_all();
            // Who is alone waits a moment for others; that nobody comes is what the second question asks.
            arrived.wait_for(lock, std::chrono::milliseconds(steps.front().key.group.empty() ? 20 : 10'000), [&] { return most == steps.size(); });
            --under_way;
        };
        base::RecordingSink events;
        const Plan plan{steps, {}};
        ExecuteOptions options;
        options.manager = "gitopsctl";
        CHECK(execute(plan, cluster, options, events, {}).succeeded);
        return most;
    };
    CHECK(most_at_once({of_kind("x.io/v1", "Door"), of_kind("x.io/v1", "Wall"), of_kind("y.io/v1", "Roof")}) == 3);
    CHECK(most_at_once({of_kind("v1", "ConfigMap"), of_kind("v1", "Service"), of_kind("v1", "Pod")}) == 1);
}

TEST_CASE("a failed prune stops the applies of its wave", "[executor]") {
    Bench bench;
    bench.cluster.fail("remove ConfigMap prod/p", base::Error(base::Code::denied, "forbidden"));
    CHECK(bench.run({step(Action::prune, config("p")), step(Action::prune, config("q")), step(Action::create, config("a"))}) ==
          "SyncFailed ConfigMap prod/p: forbidden\nPruned ConfigMap prod/q: was already gone\n"
          "failed: ConfigMap prod/p: forbidden");
}

TEST_CASE("skipped steps write nothing", "[executor]") {
    Bench bench;
    auto kept = step(Action::prune, config("kept"));
    kept.action = Action::skip;
    kept.reason = "requires pruning, but pruning is off";
    auto hook = step(Action::skip, config("hook"));
    hook.reason = "PreSync hook; this sync runs no hooks";
    CHECK(bench.run({kept, hook}) ==
          "PruneSkipped ConfigMap prod/kept: requires pruning, but pruning is off\n"
          "Skipped ConfigMap prod/hook: PreSync hook; this sync runs no hooks\nok");
    CHECK(bench.cluster.calls.empty());
}

TEST_CASE("a dry run asks the cluster and changes nothing", "[executor]") {
    Bench bench;
    bench.options.dry_run = kube::DryRun::yes;
    bench.cluster.put(config("old"));
    CHECK(bench.run({step(Action::prune, config("old")), step(Action::create, config("a"))}) ==
          "Pruned ConfigMap prod/old: pruned (dry run)\nSynced ConfigMap prod/a: created (dry run)\nok");
    CHECK(bench.cluster.calls ==
          std::vector<std::string>{"remove ConfigMap prod/old (dry run)", "apply ConfigMap prod/a (dry run)"});
    CHECK(bench.cluster.objects().size() == 1);
}

TEST_CASE("an immutable field: a hint without force, delete and create with it", "[executor]") {
    const base::Error immutable(base::Code::invalid, "spec.selector: field is immutable");
    Bench bench;
    bench.cluster.put(config("a", "x: '0'"));
    bench.cluster.fail("apply ConfigMap prod/a", immutable);
    CHECK(bench.run({step(Action::update, config("a"))}) ==
          "SyncFailed ConfigMap prod/a: spec.selector: field is immutable (--force (or the sync option Force=true) deletes "
          "the object and creates it again)\nfailed: ConfigMap prod/a: spec.selector: field is immutable (--force (or the sync "
          "option Force=true) deletes the object and creates it again)");
    bench.cluster.calls.clear();
    bench.cluster.fail("apply ConfigMap prod/a", immutable);
    auto forced = step(Action::update, config("a"));
    forced.options.force = true;
    CHECK(bench.run({forced}) == "Synced ConfigMap prod/a: deleted and created again\nok");
    CHECK(bench.cluster.writes() ==
          std::vector<std::string>{"apply ConfigMap prod/a", "remove ConfigMap prod/a", "apply ConfigMap prod/a"});
}

TEST_CASE("an object the cluster names in its refusal is named once", "[executor]") {
    Bench bench;
    bench.cluster.fail("apply ConfigMap prod/a", base::Error(base::Code::invalid, "ConfigMap prod/a: data.x: wrong"));
    CHECK(bench.run({step(Action::create, config("a"))}) ==
          "SyncFailed ConfigMap prod/a: data.x: wrong\nfailed: ConfigMap prod/a: data.x: wrong");
}

TEST_CASE("Replace writes whole objects", "[executor]") {
    Bench bench;
    auto fresh = step(Action::create, config("a"));
    auto known = step(Action::update, config("b"));
    auto forced = step(Action::update, config("c"));
    bench.cluster.put(config("b", "y: '2'"));
    bench.cluster.put(config("c"));
    fresh.options.replace = known.options.replace = forced.options.replace = forced.options.force = true;
    CHECK(bench.run({fresh, known, forced}) ==
          "Synced ConfigMap prod/a: created\nSynced ConfigMap prod/b: replaced\n"
          "Synced ConfigMap prod/c: deleted and created again\nok");
    CHECK(bench.cluster.writes() ==
          std::vector<std::string>{"create ConfigMap prod/a", "replace ConfigMap prod/b", "remove ConfigMap prod/c",
                                   "create ConfigMap prod/c"});
    CHECK(*bench.cluster.find({"", "ConfigMap", "prod", "b"})->find("data") == *config("b").find("data"));
}

TEST_CASE("conflicts are told by field and owner, every one", "[executor]") {
    Bench bench;
    bench.options.on_conflict = kube::OnConflict::fail;
    auto live = kube::server_side_apply({}, config("a", "x: '0'"), "helm", kube::OnConflict::fail, {}).object;
    live = kube::server_side_apply(live, config("a", "y: '0'"), "operator", kube::OnConflict::fail, {}).object;
    bench.cluster.put(live);
    const std::string why = ".data.x is owned by helm, .data.y is owned by operator (leave these fields to their owners, out of Git or "
                            "under ignoreDifferences, or let the sync take them over)";
    CHECK(bench.run({step(Action::update, config("a", "x: '1', y: '1'"))}) ==
          "SyncFailed ConfigMap prod/a: " + why + "\nfailed: ConfigMap prod/a: " + why);
}

TEST_CASE("taking fields from a controller is told, winning over a hand is not", "[executor]") {
    Bench bench;
    auto live = kube::server_side_apply({}, config("a", "x: '0', y: '0', z: '0'"), "gitopsctl", kube::OnConflict::fail, {}).object;
    const auto change = [&](const std::string& key, const std::string& manager) {
        auto changed = live;
        changed.at("data").set(key, "9");
        live = kube::track_update(live, changed, manager, "", {});
    };
    change("x", "kube-controller-manager");
    change("y", "kubectl-edit");
    bench.cluster.put(live);
    auto update = step(Action::update, config("a", "x: '1', y: '1', z: '1'"));
    update.live = live;
    CHECK(bench.run({update}) == "Synced ConfigMap prod/a: configured\nok");
    REQUIRE(bench.events.events.size() == 2);
    CHECK(bench.events.events[1].kind == "conflict");
    CHECK(bench.events.events[1].message ==
          "takes .data.x from kube-controller-manager; if that is to decide, leave it out of Git or put it under ignoreDifferences");
}

namespace {

/// As `kubectl apply` left it: two keys of its own.
doc::Value applied_on_client() {
    return kube::track_update({}, config("a", "x: '1', y: '2'"), "kubectl-client-side-apply", "", {});
}

std::string data_of(const FakeCluster& cluster) {
    std::string text;
    for (const auto& entry : cluster.find({"", "ConfigMap", "prod", "a"})->find("data")->entries())
        text += std::string(entry.name()) + "=" + std::string(entry.value.text()) + " ";
    return text;
}

}  // namespace

TEST_CASE("what kubectl apply set and Git does not have leaves with the first apply", "[executor]") {
    Bench bench;
    bench.cluster.put(applied_on_client());
    auto update = step(Action::update, config("a", "x: '1'"));
    update.live = *bench.cluster.find(update.key);
    CHECK(bench.run({update}) == "Synced ConfigMap prod/a: configured\nok");
    CHECK(bench.cluster.writes() == std::vector<std::string>{"patch ConfigMap prod/a", "apply ConfigMap prod/a"});
    CHECK(data_of(bench.cluster) == "x=1 ");
}

TEST_CASE("a take-over reads again what was changed under it", "[executor]") {
    Bench bench;
    bench.cluster.put(applied_on_client());
    auto update = step(Action::update, config("a", "x: '1'"));
    update.live = *bench.cluster.find(update.key);
    bench.cluster.put(*bench.cluster.find(update.key));  // a newer resourceVersion
    CHECK(bench.run({update}) == "Synced ConfigMap prod/a: configured\nok");
    CHECK(bench.cluster.calls == std::vector<std::string>{"patch ConfigMap prod/a", "get ConfigMap prod/a", "patch ConfigMap prod/a",
                                                          "apply ConfigMap prod/a"});
    CHECK(data_of(bench.cluster) == "x=1 ");
}

TEST_CASE("ClientSideApplyMigration=false, and a dry run, leave ownership alone", "[executor]") {
    Bench bench;
    bench.cluster.put(applied_on_client());
    auto update = step(Action::update, config("a", "x: '5'"));
    update.live = *bench.cluster.find(update.key);
    std::vector<std::string> warnings;
    update.options = read_sync_options({}, {"ClientSideApplyMigration=false"}, warnings);
    CHECK(bench.run({update}) == "Synced ConfigMap prod/a: configured\nok");
    CHECK(bench.cluster.writes() == std::vector<std::string>{"apply ConfigMap prod/a"});
    CHECK(data_of(bench.cluster) == "x=5 y=2 ");
    bench.cluster.calls.clear();
    update.options = {};
    bench.options.dry_run = kube::DryRun::yes;
    CHECK(bench.run({update}) == "Synced ConfigMap prod/a: configured (dry run)\nok");
    CHECK(bench.cluster.writes() == std::vector<std::string>{"apply ConfigMap prod/a (dry run)"});
}

TEST_CASE("a missing namespace comes with the way out", "[executor]") {
    Bench bench;
    bench.cluster.fail("apply ConfigMap prod/a", base::Error(base::Code::not_found, "namespace \"prod\" not found"));
    CHECK(bench.run({step(Action::create, config("a"))}).starts_with(
        "SyncFailed ConfigMap prod/a: namespace \"prod\" not found (create it: with a manifest in Git, or, "
        "if it is the destination namespace, with CreateNamespace=true)\n"));
}

TEST_CASE("objects wait until their definition is established", "[executor]") {
    Bench bench;
    const auto crd = read("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: ks.x.io}, "
                          "spec: {group: x.io}}");
    const auto kafka = read("{apiVersion: x.io/v1, kind: Kafka, metadata: {name: k, namespace: prod}}");
    int waits = 0;
    const auto with_condition = [&](const std::string& condition) {
        auto changed = crd;
        changed.set("status", read("{conditions: [{type: " + condition + ", status: 'True'}]}"));
        return changed;
    };
    bench.cluster.on_watch = [&](base::Duration) {
        bench.cluster.calls.push_back("watch");
        bench.cluster.put(with_condition(++waits == 1 ? "NamesAccepted" : "Established"));
    };
    CHECK(bench.run({step(Action::create, crd), step(Action::create, kafka)}) ==
          "Synced apiextensions.k8s.io/CustomResourceDefinition ks.x.io: created\nSynced x.io/Kafka prod/k: created\nok");
    const std::string name = "apiextensions.k8s.io/CustomResourceDefinition ks.x.io";
    CHECK(bench.cluster.calls == std::vector<std::string>{"apply " + name, "get " + name, "watch", "watch", "apply x.io/Kafka prod/k"});
}

TEST_CASE("a stop request ends the run between two objects", "[executor]") {
    Bench bench;
    std::stop_source source;
    bench.options.on_step = [&](const StepOutcome&) { source.request_stop(); };
    CHECK(bench.run({step(Action::create, config("a")), step(Action::create, config("b"))}, source.get_token()) ==
          "Synced ConfigMap prod/a: created\nfailed: Operation terminated");
}

TEST_CASE("several jobs give the same outcomes in the same order", "[executor]") {
    std::vector<Step> steps;
    for (int i = 0; i < 40; ++i) steps.push_back(step(Action::create, config("c" + std::to_string(i)), i / 20));
    Bench one, four;
    four.options.jobs = 4;
    CHECK(one.run(steps) == four.run(steps));
    CHECK(one.cluster.objects().size() == four.cluster.objects().size());
}
