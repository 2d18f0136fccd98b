// The record in the cluster: what a second machine, or one with an empty home, knows from it.
#include <catch2/catch.hpp>

#include "core/app/cluster_record.hpp"
#include "core/app/state/record_keeper.hpp"
#include "core/app/remove.hpp"
#include "core/app/rollback.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_write.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

/// Another machine with a home of its own, on the same repository and cluster.
class SecondMachine {
  public:
    explicit SecondMachine(Lab& lab)
        : services{state, *lab.clock, events, lab.services.open_repo, lab.services.open_cluster, "bob@ci",
                   lab.services.git_environment, 1} {
        state.put_application(lab.state.application("shop"), lab.clock->now());
    }

    StateDb state{":memory:"};
    base::RecordingSink events;
    Services services;
};

void commit_shop(Lab& lab, const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names) all += config_map(name, "1") + "---\n";
    lab.repo.commit({{"prod/all.yaml", all}});
}

SyncReport sync_on(const Services& services, deliver::PrunePolicy prune = deliver::PrunePolicy::keep) {
    SyncRequest request;
    request.compare.prune = prune;
    return sync(services, "shop", request, {});
}

std::string record_text(Lab& lab) {
    auto object = lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"});
    return object ? std::string(object->find("data")->text_at("inventory")) : "none";
}

}  // namespace

TEST_CASE("a record is the same after it was written and read") {
    ClusterRecord record;
    record.app = "shop";
    record.definition = doc::Value::map({{"kind", "Application"}});
    record.inventory = {{"", "ConfigMap", "prod", "a"}, {"", "Namespace", "", "prod"}, {"apps", "Deployment", "prod", "web"},
                        {"rbac.authorization.k8s.io", "ClusterRole", "", "system:shop:reader"}};
    record.synced_revision = "1234";
    record.pinned_revision = "0123";
    record.history = {{.id = 3, .app = "shop", .revision = "1234", .started_at = base::Time(base::Duration(1000)),
                       .deployed_at = base::Time(base::Duration(2500)), .author = "Anna", .message = "Say \"two\"",
                       .initiated_by = "bob@ci", .strategy = "revert", .revert_of = "0999", .created = 1, .updated = 2,
                       .pruned = 3, .unchanged = 4}};
    record.holder = RecordHolder{"bob@ci", "sync", base::Time(base::Duration(7000)), "5678", {"ci", "boot", 12, 34}, 5};

    const auto object = to_config_map(record, "prod");

    CHECK(doc::write_yaml(object) ==
          "apiVersion: v1\n"
          "data:\n"
          "  application: '{\"kind\":\"Application\"}'\n"
          "  history: '[{\"id\":3,\"revision\":\"1234\",\"startedAt\":\"1970-01-01T00:00:01.000Z\",\"deployedAt\":\"1970-01-01T00:00:02.500Z\",\"author\":\"Anna\",\"message\":\"Say\n"
          "    \\\"two\\\"\",\"initiatedBy\":\"bob@ci\",\"strategy\":\"revert\",\"revertOf\":\"0999\",\"created\":1,\"updated\":2,\"pruned\":3,\"unchanged\":4}]'\n"
          "  inventory: |\n"
          "    ConfigMap prod: a\n"
          "    Namespace -: prod\n"
          "    apps/Deployment prod: web\n"
          "    rbac.authorization.k8s.io/ClusterRole -: system:shop:reader\n"
          "  name: shop\n"
          "  operation: '{\"actor\":\"bob@ci\",\"action\":\"sync\",\"since\":\"1970-01-01T00:00:07.000Z\",\"revision\":\"5678\",\"host\":\"ci\",\"boot\":\"boot\",\"pid\":12,\"started\":34,\"beat\":5}'\n"
          "  pinned: \"0123\"\n"
          "  revision: \"1234\"\n"
          "kind: ConfigMap\n"
          "metadata:\n"
          "  labels:\n"
          "    app.kubernetes.io/managed-by: gitopsctl\n"
          "    gitopsctl.io/application: shop\n"
          "  name: gitopsctl.shop\n"
          "  namespace: prod\n");
    CHECK(to_config_map(read_config_map(object), "prod") == object);
}

TEST_CASE("a ConfigMap that is no record is refused by its name") {
    auto object = to_config_map({.app = "shop", .definition = {}, .inventory = {}, .synced_revision = "", .pinned_revision = "",
                                 .history = {}, .holder = {}, .resource_version = ""}, "prod");
    object.at("data").set("inventory", "nonsense");
    CHECK_THROWS_WITH(read_config_map(object), "ConfigMap prod/gitopsctl.shop is no record of gitopsctl: its inventory has a "
                                               "line that is none: \"nonsense\"");
}

TEST_CASE("a machine with an empty home prunes what another one applied") {
    Lab lab;
    commit_shop(lab, {"a", "b"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    CHECK(record_text(lab) == "ConfigMap prod: a b\n");
    commit_shop(lab, {"a"});

    SecondMachine second(lab);
    const auto report = sync_on(second.services, deliver::PrunePolicy::prune);

    CHECK(counts_text(report) == "1 pruned, 1 unchanged");
    CHECK(record_text(lab) == "ConfigMap prod: a\n");
}

TEST_CASE("a machine with an empty home shows the history and rolls back") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    const auto first = sync_on(lab.services).revision.sha;
    commit_shop(lab, {"a", "b"});
    sync_on(lab.services);

    SecondMachine second(lab);
    const auto report = rollback(second.services, "shop", {}, {});

    CHECK(report.to_revision == first);
    std::vector<std::string> who;
    for (const auto& row : second.state.history("shop")) who.push_back(row.initiated_by + " " + row.strategy);
    CHECK(who == std::vector<std::string>{"anna@test ", "anna@test ", "bob@ci revert"});
    CHECK(lab.live("v1 ConfigMap prod/b", "/data/value") == "");
    pull_record(lab.services, lab.state.application("shop"));
    CHECK(lab.state.history("shop").size() == 3);
    CHECK(lab.state.state("shop").synced_revision == report.commit);
}

TEST_CASE("a sync that changes nothing writes nothing") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    const kube::ObjectRef record{{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"};
    const std::string before(kube::resource_version_of(*lab.cluster->get(record)));
    sync_on(lab.services);
    CHECK(std::string(kube::resource_version_of(*lab.cluster->get(record))) == before);
}

namespace {

/// Writes `holder` into the record, as another machine does when it begins.
void hold(Lab& lab, std::optional<RecordHolder> holder) {
    auto record = read_config_map(*lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"}));
    record.holder = std::move(holder);
    lab.cluster->write({kube::Replace{to_config_map(record, "prod")}, "gitopsctl", kube::DryRun::no});
}

RecordHolder carol(const Lab& lab) { return {"carol@elsewhere", "sync", lab.clock->now(), "", {"elsewhere", "b", 7, 8}, 0}; }

}  // namespace

TEST_CASE("who must not wait is told who is at it") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    commit_shop(lab, {"a", "b"});
    hold(lab, carol(lab));

    SyncRequest request;
    request.wait_for_lock = Wait::no;
    const auto report = sync(lab.services, "shop", request, {});

    CHECK(report.phase == "Error");
    CHECK(report.message == "another operation is in progress: carol@elsewhere is running sync since " +
                                base::to_rfc3339(lab.clock->now()) + " (pid 7 on elsewhere)");
    CHECK(lab.live("v1 ConfigMap prod/b", "/data/value") == "");
}

TEST_CASE("who finds nothing to do while another machine is at it leaves its claim alone") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    hold(lab, carol(lab));

    const auto report = sync_on(lab.services);

    CHECK(report.message == "1 unchanged");
    const auto record = read_config_map(*lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"}));
    CHECK(record.holder == carol(lab));
}

TEST_CASE("who finds nothing to do says nothing of a record that was written meanwhile") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    const auto looked = compare(lab.services, lab.state.application("shop"), {});
    hold(lab, carol(lab));
    lab.state.update_state("shop", [](AppState& state) { state.synced_revision = "another"; });
    lab.events.events.clear();

    looked.record->finish();

    CHECK(lab.events.events.empty());
    CHECK(read_config_map(*lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"})).holder == carol(lab));
}

TEST_CASE("a change that is no sync is not written over another machine's claim, and that is told") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    hold(lab, carol(lab));
    lab.events.events.clear();

    push_record(lab.services, lab.state.application("shop"));

    REQUIRE(lab.events.events.size() == 1);
    CHECK(lab.events.events[0].message == "the record in the cluster could not be used: another operation is in progress: "
                                          "carol@elsewhere is running sync since " +
                                              base::to_rfc3339(lab.clock->now()) + " (pid 7 on elsewhere)");
}

TEST_CASE("a holder on another machine that shows no sign of life for a minute is taken over") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    commit_shop(lab, {"a", "b"});
    hold(lab, carol(lab));
    const auto before = lab.clock->now();

    const auto report = sync_on(lab.services);

    CHECK(report.message == "1 created, 1 unchanged");
    CHECK(lab.clock->now() - before >= std::chrono::seconds(60));
    CHECK_FALSE(read_config_map(*lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"})).holder);
}

TEST_CASE("of two machines that begin at once one is let through and the other looks again") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    commit_shop(lab, {"a", "b"});
    SecondMachine second(lab);
    const auto application = lab.state.application("shop");
    const auto ours = compare(lab.services, application, {});
    const auto theirs = compare(second.services, application, {});

    CHECK(ours.record->begin(ours.plan, "sync") == RecordKeeper::Begun::yes);
    CHECK(theirs.record->begin(theirs.plan, "sync") == RecordKeeper::Begun::changed);
    ours.record->finish();
}

TEST_CASE("deleting an application takes its record along") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    CHECK(record_text(lab) == "ConfigMap prod: a\n");
    SecondMachine second(lab);
    remove_application(second.services, "shop", Cascade::yes, {});
    CHECK(record_text(lab) == "none");
    CHECK(lab.live("v1 ConfigMap prod/a", "/data/value") == "");
}

TEST_CASE("a cluster that lets nobody write the record is synced all the same, and says so") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    lab.services.find_cluster = [](const std::string&) {
        ClusterRow row;
        row.name = "local";
        row.kind = "embedded";
        row.record_namespace = "nowhere";
        return row;
    };
    const auto report = sync_on(lab.services);
    CHECK(report.phase == "Succeeded");
    std::vector<std::string> told;
    for (const auto& event : lab.events.events)
        if (event.kind == "record") told.push_back(event.message);
    CHECK(told == std::vector<std::string>{"the cluster keeps no record of shop: namespace \"nowhere\" does not exist; pruning "
                                           "and history know only what this machine did"});
}

TEST_CASE("nothing is deleted while another machine is at it") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    hold(lab, carol(lab));
    SecondMachine second(lab);

    CHECK_THROWS_WITH(remove_application(second.services, "shop", Cascade::yes, {}),
                      "another operation is in progress: carol@elsewhere is running sync since " +
                          base::to_rfc3339(lab.clock->now()) + " (pid 7 on elsewhere)");
    CHECK(lab.live("v1 ConfigMap prod/a", "/data/value") == "1");
}

TEST_CASE("an application of the same name from another source is not taken for ours") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.repo.commit({{"other/cm.yaml", config_map("mine", "1")}});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    SecondMachine second(lab);
    auto document = lab.state.application("shop").document;
    document.at("spec").at("source").set("path", "other");
    std::vector<std::string> warnings;
    second.state.put_application(read_application(document, "", warnings), lab.clock->now());

    const auto report = sync_on(second.services, deliver::PrunePolicy::prune);

    CHECK(report.message == "namespace prod already holds an application \"shop\", from " + lab.repo.path() + " path \"prod\"");
    CHECK(lab.live("v1 ConfigMap prod/a", "/data/value") == "1");
}

TEST_CASE("a name that several records have is not chosen from") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    CHECK(recorded_definition(*lab.cluster, "shop").has_value());
    SecondMachine second(lab);
    auto document = lab.state.application("shop").document;
    document.at("spec").at("destination").set("namespace", "test");
    std::vector<std::string> warnings;
    second.state.put_application(read_application(document, "", warnings), lab.clock->now());
    sync_on(second.services);
    CHECK_THROWS_WITH(recorded_definition(*lab.cluster, "shop"),
                      "the cluster has several applications \"shop\", recorded in the namespaces prod, test");
}

TEST_CASE("who leaves conflicts alone leaves what kubectl applied alone, too") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    lab.cluster->apply(doc::Value::map({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", doc::Value::map({{"name", "prod"}})}}),
                       {"setup", kube::OnConflict::fail, kube::DryRun::no});
    const auto theirs = doc::Value::map({{"apiVersion", "v1"}, {"kind", "ConfigMap"},
                                         {"metadata", doc::Value::map({{"name", "a"}, {"namespace", "prod"}})},
                                         {"data", doc::Value::map({{"value", "theirs"}})}});
    lab.cluster->write({kube::Create{theirs}, "kubectl-client-side-apply", kube::DryRun::no});
    SyncRequest request;
    request.on_conflict = kube::OnConflict::fail;

    const auto report = sync(lab.services, "shop", request, {});

    CHECK(report.phase == "Failed");
    CHECK(report.message.find("data.value is owned by kubectl-client-side-apply") != std::string::npos);
    CHECK(lab.live("v1 ConfigMap prod/a", "/data/value") == "theirs");
}

TEST_CASE("what a machine had begun before it died is not forgotten when it is taken over") {
    Lab lab;
    commit_shop(lab, {"a"});
    lab.create("shop", "prod", "prod");
    sync_on(lab.services);
    commit_shop(lab, {"a", "b"});
    const auto looked = compare(lab.services, lab.state.application("shop"), {});
    auto begun = read_config_map(*lab.cluster->get({{"", "v1", "ConfigMap"}, "prod", "gitopsctl.shop"}));
    begun.inventory.push_back({"", "ConfigMap", "prod", "theirs"});
    begun.holder = carol(lab);
    lab.cluster->write({kube::Replace{to_config_map(begun, "prod")}, "gitopsctl", kube::DryRun::no});

    REQUIRE(looked.record->begin(looked.plan, "sync") == RecordKeeper::Begun::taken);
    looked.record->wait_for_holder(lab.clock->now() + std::chrono::minutes(5), {});

    CHECK(lab.state.inventory("shop", "local") ==
          std::vector<kube::ResourceKey>{{"", "ConfigMap", "prod", "a"}, {"", "ConfigMap", "prod", "theirs"}});
}
