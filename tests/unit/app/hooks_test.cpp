// Hooks and waves from Git to the embedded cluster, whose Jobs run, end, and fail when a fault says so.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "core/app/approval.hpp"
#include "core/app/remove.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"
#include "core/app/sync_rows.hpp"
#include "core/app/termination.hpp"
#include "core/base/error.hpp"
#include "core/deliver/hooks.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::deployment;
using test::Lab;

namespace {

std::string job(const std::string& name, const std::string& annotations, const std::string& image = "tool:1") {
    return "apiVersion: batch/v1\nkind: Job\nmetadata:\n  " + name + "\n  annotations: {" + annotations +
           "}\nspec:\n  backoffLimit: 0\n  template: {spec: {restartPolicy: Never, containers: [{name: main, image: \"" + image + "\"}]}}\n";
}
std::string hook(const std::string& phases, const std::string& policy = "") {
    return "argocd.argoproj.io/hook: '" + phases + "'" + (policy.empty() ? "" : ", argocd.argoproj.io/hook-delete-policy: '" + policy + "'");
}
std::string wave(int number) { return "argocd.argoproj.io/sync-wave: '" + std::to_string(number) + "'"; }
std::string with_annotations(const std::string& object, const std::string& annotations) {
    auto text = object;
    const auto at = text.find("metadata: {") + 11;
    return text.insert(at, "annotations: {" + annotations + "}, ");
}

/// What was written and which hooks ended, in the order of the events: "apply apps/Deployment shop/web".
std::string order(const base::RecordingSink& events) {
    std::string text;
    for (const auto& event : events.events)
        if (event.kind == "apply" || event.kind == "hook") text += event.kind + " " + event.subject + ": " + event.message + "\n";
    return text;
}

std::string steps_text(const SyncReport& report) {
    std::string text;
    for (const auto& outcome : report.outcomes)
        text += std::string(deliver::phase_name(outcome.phase)) + " " + std::to_string(outcome.wave) + " " + outcome.key.text() + ": " +
                std::string(deliver::result_name(outcome.result)) + "\n";
    return text;
}

struct HookLab : Lab {
    explicit HookLab(const std::map<std::string, std::string>& files, const std::string& spec = {}) {
        repo.commit(files);
        create("shop", "prod", "shop", spec);
    }
    SyncReport sync_now(SyncRequest request = {}) {
        events.events.clear();
        return sync(services, "shop", request, {});
    }
    std::string jobs() const {
        std::string text;
        for (const auto& object : cluster->list({{"batch", "v1", "Job"}, "shop", ""})) text += std::string(kube::name_of(object)) + " ";
        return text;
    }
    std::string uid(const std::string& name) const { return live("batch/v1 Job shop/" + name, "/metadata/uid"); }
};

/// Dies, as far as the sync can see, when the event comes: the exception goes through everything.
class DieAt final : public base::EventSink {
  public:
    explicit DieAt(std::function<bool(const base::Event&)> when) : m_when(std::move(when)) {}
    void emit(const base::Event& event) override {
        if (m_when(event)) m_hit();
    }
    void on_hit(std::function<void()> hit) { m_hit = std::move(hit); }

  private:
    std::function<bool(const base::Event&)> m_when;
    std::function<void()> m_hit = [] {};
};

}  // namespace

TEST_CASE("PreSync completes before anything is applied, PostSync runs when all is healthy", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + deployment("web", 1, "web:1") + "---\n" +
                                       job("name: smoke", hook("PostSync", "HookSucceeded"))}});
    const auto report = lab.sync_now();
    CHECK(report.message == "2 created, 2 hooks");
    CHECK(order(lab.events) ==
          "apply Namespace shop: created\n"
          "apply batch/Job shop/migrate: created\n"
          "hook batch/Job shop/migrate: completed\n"
          "apply apps/Deployment shop/web: created\n"
          "apply batch/Job shop/smoke: created\n"
          "hook batch/Job shop/smoke: completed\n"
          "hook batch/Job shop/smoke: deleted\n");
    CHECK(lab.jobs() == "migrate ");
    CHECK(lab.state.history("shop").size() == 1);
}

TEST_CASE("a second sync runs the hooks anew and changes nothing else", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + config_map("a", "1")}});
    lab.sync_now();
    const auto before = lab.uid("migrate");
    const auto version = lab.live("v1 ConfigMap shop/a", "/metadata/resourceVersion");
    CHECK(lab.sync_now().message == "1 unchanged, 1 hook");
    CHECK(lab.uid("migrate") != before);
    CHECK(lab.live("v1 ConfigMap shop/a", "/metadata/resourceVersion") == version);
    CHECK(lab.state.history("shop").size() == 1);
}

TEST_CASE("a failing PreSync hook stops the sync, SyncFail hooks run and policies are kept", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync", "HookFailed"), "bad:1") + "---\n" + config_map("a", "1") + "---\n" +
                                       job("name: page", hook("SyncFail"))}},
                "  syncPolicy: {syncOptions: [CreateNamespace=true], retry: {limit: 0}}\n");
    lab.cluster->add_fault(embedded::FaultKind::crash_loop, "bad:*", {});
    const auto report = lab.sync_now();
    CHECK(report.phase == "Failed");
    CHECK(report.message.starts_with("batch/Job shop/migrate: Degraded: "));
    CHECK(steps_text(report) == "PreSync 0 Namespace shop: Synced\nPreSync 0 batch/Job shop/migrate: SyncFailed\nSyncFail 0 batch/Job shop/page: Synced\n");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "");
    CHECK(lab.jobs() == "page ");  // HookFailed deleted the other
    CHECK(lab.state.history("shop").empty());
}

TEST_CASE("hooks are no part of a status", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + config_map("a", "1")}});
    lab.sync_now();
    const auto status = status_of(lab.services, lab.state.application("shop"), Fetch::cached);
    CHECK(status.word() == "Synced");
    REQUIRE(status.resources.size() == 1);
    REQUIRE(status.hooks.size() == 1);
    CHECK(status.hooks[0].hook == "PreSync");
    CHECK(status.hooks[0].live);
}

TEST_CASE("one hook in two phases runs twice", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: both", hook("PreSync,PostSync")) + "---\n" + config_map("a", "1")}});
    const auto report = lab.sync_now();
    CHECK(report.message == "2 created, 2 hooks");
    CHECK(lab.live("batch/v1 Job shop/both", "/metadata/annotations").find("/PostSync") != std::string::npos);
}

TEST_CASE("what runs no hooks: chosen resources, the strategy apply, a pin; and what does when told", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + config_map("a", "1")}});
    SyncRequest request;
    request.hooks = Hooks::never;
    CHECK(lab.sync_now(request).message == "2 created");
    request = {};
    request.compare.only = {deliver::parse_resource_filter(":ConfigMap:a")};
    CHECK(lab.sync_now(request).hooks == 0);
    request = {};
    request.strategy = "pin";
    request.trigger = Trigger::rollback;
    CHECK(lab.sync_now(request).hooks == 0);
    request = {};
    request.trigger = Trigger::self_heal;
    CHECK(lab.sync_now(request).hooks == 0);
    CHECK(lab.jobs() == "");
    request.hooks = Hooks::always;
    CHECK(lab.sync_now(request).hooks == 1);
    request = {};
    request.compare.sync_options = {"ApplyOutOfSyncOnly=true"};
    CHECK(lab.sync_now(request).hooks == 1);  // unlike a sync of chosen resources
}

TEST_CASE("a dry run names the hooks and runs none", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("generateName: migrate-", hook("PreSync")) + "---\n" + config_map("a", "1")}});
    SyncRequest request;
    request.dry_run = true;
    const auto report = lab.sync_now(request);
    CHECK(report.succeeded);
    REQUIRE(report.plan.steps.size() == 3);
    CHECK(report.plan.steps[1].key.name.starts_with("migrate-" + lab.repo.tip().substr(0, 7) + "-presync-17000"));
    CHECK(lab.jobs() == "");
}

TEST_CASE("waves wait for each other, and a wave that breaks stops the next", "[hooks]") {
    HookLab lab({{"prod/db.yaml", with_annotations(deployment("db", 1, "db:1"), wave(-1))}, {"prod/web.yaml", deployment("web", 1, "web:1")}});
    CHECK(lab.sync_now().succeeded);
    const auto& events = lab.events.events;
    const auto at = [&](const std::string& kind, const std::string& subject, const std::string& message) {
        return std::ranges::find_if(events, [&](const base::Event& e) { return e.kind == kind && e.subject == subject && e.message.starts_with(message); }) - events.begin();
    };
    CHECK(at("health", "apps/Deployment shop/db", "Healthy") < at("apply", "apps/Deployment shop/web", "created"));

    HookLab broken({{"prod/db.yaml", with_annotations(deployment("db", 1, "bad:1"), wave(-1))}, {"prod/web.yaml", deployment("web", 1, "web:1")}},
                   "  syncPolicy: {syncOptions: [CreateNamespace=true], retry: {limit: 0}}\n");
    broken.cluster->add_fault(embedded::FaultKind::crash_loop, "bad:*", {});
    SyncRequest request;
    request.timeout = base::Duration{120'000};
    const auto report = broken.sync_now(request);
    CHECK(report.phase == "Failed");
    CHECK(broken.live("apps/v1 Deployment shop/web", "/metadata/name") == "");
}

TEST_CASE("an operation that is stopped ends as terminated, and takes its running hooks along", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + config_map("a", "1")}});
    std::stop_source source;
    DieAt sink([](const base::Event& event) { return event.kind == "apply" && event.subject == "batch/Job shop/migrate"; });
    SECTION("by a signal") {
        sink.on_hit([&] { source.request_stop(); });
        CHECK_THROWS_WITH(sync(lab.services.told_to(sink), "shop", {}, source.get_token()), "Operation terminated");
    }
    SECTION("from another terminal") {
        sink.on_hit([&] { request_termination(lab.services, "shop"); });
        CHECK(sync(lab.services.told_to(sink), "shop", {}, {}).message == "Operation terminated");
    }
    CHECK(lab.state.state("shop").phase == "Failed");
    CHECK(lab.state.state("shop").message == "Operation terminated");
    CHECK(lab.jobs() == "");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "");
    CHECK(lab.sync_now().succeeded);  // the request was for that operation alone
    CHECK_THROWS_WITH(request_termination(lab.services, "shop"), "no operation is in progress on shop on this machine");
}

TEST_CASE("an operation whose process died goes on where it was: what completed is not run again", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + config_map("a", "1") + "---\n" + job("name: smoke", hook("PostSync"))}});
    lab.sync_now();
    // As it stood when the process died before PostSync: Running, with its revision, its first hook done.
    auto state = lab.state.state("shop");
    const auto revision = state.revision;
    const auto operation = lab.live("batch/v1 Job shop/migrate", "/metadata/annotations");
    const auto mark = operation.substr(operation.find("shop-") + 5);
    state.phase = "Running";
    state.started_at = base::Time{base::Duration{std::stoll(mark.substr(0, mark.find('/')))}};
    lab.state.put_state("shop", state);
    lab.cluster->remove({{"batch", "v1", "Job"}, "shop", "smoke"}, {});
    const auto migrate = lab.uid("migrate");

    CHECK(lab.sync_now().succeeded);
    CHECK(lab.uid("migrate") == migrate);
    CHECK(lab.jobs() == "migrate smoke ");
    CHECK(lab.state.state("shop").revision == revision);

    CHECK(lab.sync_now().succeeded);  // a new operation runs all
    CHECK(lab.uid("migrate") != migrate);
}

TEST_CASE("a hook that Argo CD held with its finalizer is let go", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate\n  finalizers: [argocd.argoproj.io/hook-finalizer]", hook("PreSync"))}});
    lab.sync_now();
    CHECK(lab.live("batch/v1 Job shop/migrate", "/metadata/finalizers") == "");
    lab.patch("batch/v1 Job shop/migrate", R"({"metadata":{"finalizers":["argocd.argoproj.io/hook-finalizer"]}})");
    const auto before = lab.uid("migrate");
    CHECK(lab.sync_now().succeeded);
    CHECK(lab.uid("migrate") != before);
}

TEST_CASE("PreDelete and PostDelete hooks run around the deletion, and hooks of syncs go with it", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: migrate", hook("PreSync")) + "---\n" + job("name: backup", hook("PreDelete", "HookSucceeded")) + "---\n" +
                                       job("name: notify", hook("PostDelete")) + "---\n" + config_map("a", "1")}});
    lab.sync_now();
    CHECK(lab.jobs() == "migrate ");
    lab.events.events.clear();
    remove_application(lab.services, "shop", Cascade::yes, {});
    std::string text;
    for (const auto& event : lab.events.events)
        if (event.kind != "health" && event.kind != "lock") text += event.kind + " " + event.subject + ": " + event.message + "\n";
    CHECK(text ==
          "apply batch/Job shop/backup: created\n"
          "hook batch/Job shop/backup: completed\n"
          "hook batch/Job shop/backup: deleted\n"
          "delete ConfigMap shop/a: deleted\n"
          "delete batch/Job shop/migrate: deleted\n"
          "apply batch/Job shop/notify: created\n"
          "hook batch/Job shop/notify: completed\n");
    CHECK(lab.jobs() == "notify ");
}

TEST_CASE("a failing PreDelete hook keeps the application", "[hooks]") {
    HookLab lab({{"prod/all.yaml", job("name: backup", hook("PreDelete"), "bad:1") + "---\n" + config_map("a", "1")}});
    lab.cluster->add_fault(embedded::FaultKind::crash_loop, "bad:*", {});
    lab.sync_now();
    CHECK_THROWS_AS(remove_application(lab.services, "shop", Cascade::yes, {}), base::Error);
    CHECK(lab.state.has_application("shop"));
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "1");
    RemoveRequest request;
    request.hooks = Hooks::never;
    remove_application(lab.services, "shop", request, {});
    CHECK_FALSE(lab.state.has_application("shop"));
}

TEST_CASE("a deletion goes through the waves in reverse and keeps what is to be kept", "[hooks]") {
    const std::string keep = "helm.sh/resource-policy: keep", stays = "argocd.argoproj.io/sync-options: 'Delete=false'";
    HookLab lab({{"prod/all.yaml", with_annotations(config_map("first", "1"), wave(-1)) + "---\n" + config_map("middle", "1") + "---\n" +
                                       with_annotations(config_map("last", "1"), wave(2)) + "---\n" + with_annotations(config_map("kept", "1"), keep) +
                                       "---\n" + with_annotations(config_map("stays", "1"), stays)}});
    lab.sync_now();
    const auto report = remove_application(lab.services, "shop", Cascade::yes, {});
    std::string text;
    for (const auto& key : report.deleted) text += key.name + " ";
    for (const auto& kept : report.kept) text += "| " + kept.key.name + ": " + kept.reason + " ";
    CHECK(text == "last middle first | kept: helm.sh/resource-policy: keep | stays: Delete=false ");
}

TEST_CASE("deletions that ask for confirmation wait for it", "[hooks]") {
    const std::string asks = "argocd.argoproj.io/sync-options: 'Prune=confirm,Delete=confirm'";
    HookLab lab({{"prod/a.yaml", with_annotations(config_map("a", "1"), asks)}, {"prod/b.yaml", with_annotations(config_map("b", "1"), asks)},
                 {"prod/c.yaml", config_map("c", "1")}});
    lab.sync_now();
    lab.repo.remove("prod/a.yaml").commit("drop a");
    SyncRequest request;
    request.compare.prune = deliver::PrunePolicy::prune;
    CHECK(lab.sync_now(request).requires_pruning == 1);
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "1");
    lab.clock->advance(base::Duration{1000});
    approve_deletions(lab.services, "shop");
    CHECK(lab.sync_now(request).pruned == 1);

    lab.clock->advance(base::Duration{1000});
    CHECK(lab.sync_now().succeeded);  // the agreement was for one question
    CHECK_THROWS_WITH(remove_application(lab.services, "shop", Cascade::yes, {}), "1 object with Delete=confirm: ConfigMap shop/b");
    CHECK(lab.live("v1 ConfigMap shop/c", "/data/value") == "1");
    RemoveRequest agreed;
    agreed.confirmation = deliver::Confirmation::given;
    remove_application(lab.services, "shop", agreed, {});
    CHECK(lab.live("v1 ConfigMap shop/b", "/data/value") == "");
}

TEST_CASE("the story of sync waves: schema, backend, maintenance page up, frontend, page down", "[hooks]") {
    const auto replica_set = [](const std::string& name, const std::string& annotations) {
        return "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: " + name + ", annotations: {" + annotations +
               "}}\nspec:\n  replicas: 1\n  selector: {matchLabels: {tier: " + name + "}}\n  template:\n    metadata: {labels: {tier: " + name +
               "}}\n    spec: {containers: [{name: main, image: \"nginx:latest\"}]}\n---\n";
    };
    HookLab lab({{"prod/all.yaml", job("generateName: upgrade-schema", hook("PreSync")) + "---\n" + replica_set("backend", "") +
                                       job("name: page-up", hook("Sync", "BeforeHookCreation") + ", " + wave(1)) + "---\n" + replica_set("frontend", wave(2)) +
                                       job("name: page-down", hook("Sync", "BeforeHookCreation") + ", " + wave(3))}});
    CHECK(lab.sync_now().message == "3 created, 3 hooks");
    auto text = order(lab.events);
    const auto schema = "upgrade-schema" + lab.repo.tip().substr(0, 7) + "-presync-1700000000";
    for (auto at = text.find(schema); at != std::string::npos; at = text.find(schema)) text.replace(at, schema.size(), "SCHEMA");
    CHECK(text ==
          "apply Namespace shop: created\n"
          "apply batch/Job shop/SCHEMA: created\n"
          "hook batch/Job shop/SCHEMA: completed\n"
          "apply apps/ReplicaSet shop/backend: created\n"
          "apply batch/Job shop/page-up: created\n"
          "hook batch/Job shop/page-up: completed\n"
          "apply apps/ReplicaSet shop/frontend: created\n"
          "apply batch/Job shop/page-down: created\n"
          "hook batch/Job shop/page-down: completed\n");
}

TEST_CASE("Argo CD's own example applications settle", "[hooks][corpus]") {
    const auto root = std::filesystem::path(GITOPS_SOURCE_DIR) / ".." / "shared" / "corpora" / "argocd-example-apps";
    if (!std::filesystem::exists(root)) {
        WARN("no example applications beside the project");
        return;
    }
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path());
        std::stringstream text;
        text << file.rdbuf();
        files["examples/" + entry.path().lexically_relative(root).generic_string()] = text.str();
    }
    for (const auto& [path, hooks] : std::map<std::string, int>{{"guestbook", 0}, {"kustomize-guestbook", 0}, {"sync-waves", 3}, {"pre-post-sync", 2},
                                                                {"helm-hooks", 3}, {"sock-shop", 0}}) {
        HookLab lab({{"unused/a.yaml", config_map("a", "1")}});
        lab.repo.commit(files);
        lab.create("example", "examples/" + path, "example");
        const auto report = sync(lab.services, "example", {}, {});
        INFO(path << ": " << report.message);
        CHECK(report.succeeded);
        CHECK(report.hooks == hooks);
        CHECK(status_of(lab.services, lab.state.application("example"), Fetch::cached).sync == SyncStatus::synced);
    }
}
