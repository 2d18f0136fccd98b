#include <catch2/catch.hpp>

#include "core/app/controller/notifier.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/app_project.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using test::Lab;

namespace {

const char* const k_config = R"(
kind: ConfigMap
data:
  service.webhook.ops: "url: https://ops.example.com"
  service.slack: "token: s"
  subscriptions: |
    - recipients: [ops]
      triggers: [on-created, on-deployed, on-sync-running, on-sync-failed, on-health-degraded, on-deleted]
)";

/// Keeps what it is given, or fails as often as asked, before or after the other side has it.
class RecordingCourier final : public notify::Courier {
  public:
    void deliver(const notify::Letter& letter, std::stop_token) override {
        if (failures > 0) {
            --failures;
            throw base::Error(base::Code::unavailable, "the webhook ops answered with status 503");
        }
        told.push_back(letter.message);
        ids.push_back(letter.id);
        if (dies) throw std::runtime_error("killed");
    }
    std::vector<std::string> told, ids;
    int failures = 0;
    bool dies = false;
};

struct Watched {
    explicit Watched(std::string from = k_config, const std::string& policy = "automated: {}, ") : config(std::move(from)) {
        lab.repo.write("shop/web.yaml", test::config_map("web", "1"));
        lab.repo.commit("first");
        lab.create("shop", "shop", "prod", "  syncPolicy: {" + policy + "syncOptions: [CreateNamespace=true]}\n");
        restart();
    }

    /// As a controller that was started anew.
    void restart() { notifier.emplace(lab.services, notify::read_catalog(doc::read_yaml(config), "n.yaml", {}), courier); }
    void pass() {
        notifier->note(app::reconcile(lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
        notifier->tell_all({});
    }
    /// What was told since the last call.
    std::vector<std::string> told() { return std::exchange(courier.told, {}); }

    /// As `gitopsctl app sync` in another terminal.
    void sync_by_hand() {
        lab.clock->advance(base::Duration(1000));
        REQUIRE(app::sync(lab.services, "shop", {}, {}).succeeded);
    }

    std::string config;
    Lab lab;
    RecordingCourier courier;
    std::optional<app::Notifier> notifier;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("each event is told once, over passes and restarts") {
    Watched shop;
    const auto first = shop.lab.repo.tip();
    shop.pass();
    CHECK(shop.told() == Texts{"Application shop was created.", "Application shop is being synced since 2023-11-14T22:13:20Z.",
                               "Application shop runs " + first + " and is healthy."});
    shop.pass();
    shop.restart();
    shop.pass();
    CHECK(shop.told() == Texts{});
    shop.lab.repo.write("shop/web.yaml", test::config_map("web", "2"));
    const auto second = shop.lab.repo.commit("second");
    shop.pass();
    shop.pass();
    CHECK(shop.told() ==
          Texts{"Application shop is being synced since 2023-11-14T22:13:20Z.", "Application shop runs " + second + " and is healthy."});
}

TEST_CASE("what nobody took is told a minute later, with the same id, and said to have failed once") {
    Watched shop;
    shop.courier.failures = 2;
    shop.pass();
    CHECK(shop.told() == Texts{"Application shop runs " + shop.lab.repo.tip() + " and is healthy."});
    shop.pass();
    CHECK(shop.told() == Texts{});
    shop.lab.clock->advance(base::Duration(60'000));
    shop.pass();
    CHECK(shop.told() == Texts{"Application shop was created."});
    int warnings = 0;
    for (const auto& event : shop.lab.events.events) warnings += event.kind == "notify" && event.level == base::Level::warning;
    CHECK(warnings == 1);
}

TEST_CASE("who is killed after the letter was taken repeats it with the same id") {
    Watched shop;
    shop.courier.dies = true;
    CHECK_THROWS_WITH(shop.pass(), "killed");
    shop.courier.dies = false;
    shop.restart();
    shop.pass();
    CHECK(shop.told() == Texts{"Application shop was created.", "Application shop is being synced since 2023-11-14T22:13:20Z.",
                               "Application shop runs " + shop.lab.repo.tip() + " and is healthy."});
    shop.lab.clock->advance(base::Duration(60'000));
    shop.pass();
    REQUIRE(shop.courier.ids.size() == 4);
    CHECK(shop.courier.ids[3] == shop.courier.ids[0]);
    shop.pass();
    CHECK(shop.courier.ids.size() == 4);
}

TEST_CASE("a state that comes again is told again") {
    Watched shop;
    const auto fail = [&](const std::string& number) {
        shop.lab.repo.write("shop/web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: " + number + "}]}\n");
        shop.lab.repo.commit("port " + number);
        shop.pass();
        Texts failures;
        for (const auto& text : shop.told())
            if (text.starts_with("The sync of application shop failed")) failures.push_back(text);
        return failures.size();
    };
    CHECK(fail("70000") == 1);
    CHECK(fail("70001") == 1);  // between the two it was running
}

TEST_CASE("that an application was deleted is told, and of one that comes back everything anew") {
    Watched shop;
    shop.pass();
    shop.pass();
    shop.told();
    shop.lab.state.delete_application("shop");
    shop.notifier->tell_all({});
    CHECK(shop.told() == Texts{"Application shop was deleted."});
    shop.notifier->tell_all({});
    CHECK(shop.told() == Texts{});
    shop.lab.create("shop", "shop", "prod", "  syncPolicy: {automated: {}}\n");
    shop.pass();
    CHECK(shop.told().front() == "Application shop was created.");
}

namespace {

const char* const k_synced = R"(
kind: ConfigMap
data:
  service.webhook.ops: "url: https://ops.example.com"
  template.synced: |
    message: "{{.app.status.operationState.finishedAt}} {{.app.status.sync.status}}"
  trigger.on-synced: "[{when: app.status.operationState?.phase == 'Succeeded', send: [synced]}]"
  subscriptions: "[{recipients: [ops], triggers: [on-synced]}]"
)";

}  // namespace

TEST_CASE("syncs by hand are told as those of the controller, each once, over restarts") {
    Watched shop(k_synced, "");
    shop.pass();
    CHECK(shop.told() == Texts{});
    shop.sync_by_hand();
    shop.pass();
    CHECK(shop.told() == Texts{"2023-11-14T22:13:21Z Synced"});
    shop.pass();
    shop.restart();
    shop.pass();
    CHECK(shop.told() == Texts{});
    shop.sync_by_hand();
    shop.pass();
    CHECK(shop.told() == Texts{"2023-11-14T22:13:22Z Synced"});
    shop.sync_by_hand();  // while no controller runs
    shop.restart();
    shop.pass();
    shop.pass();
    CHECK(shop.told() == Texts{"2023-11-14T22:13:23Z Synced"});
}

TEST_CASE("the letter after a sync of the controller carries the status after it") {
    Watched shop(k_synced);
    shop.pass();
    CHECK(shop.told() == Texts{"2023-11-14T22:13:20Z Synced"});
}

TEST_CASE("annotations of the project subscribe for its applications, with their commits and history") {
    Watched shop(R"(
kind: ConfigMap
data:
  service.webhook.ops: "url: https://ops.example.com"
  template.facts: |
    message: |-
      {{with call .repo.GetCommitMetadata .app.status.sync.revision}}{{.Author}}: {{.Message}} {{.Tags}}{{end}}
      {{.app.status.sourceType}} {{.app.status.summary.images}} {{.app.status.reconciledAt}}
      {{with .app.status.operationState.operation}}{{.initiatedBy.username}} {{.initiatedBy.automated}} {{.info}}{{end}}
      {{range .app.status.history}}{{.id}} {{.deployedAt}} {{.initiatedBy.username}} {{.source.path}}{{end}}
  trigger.on-facts: "[{when: app.status.sync.status == 'Synced', send: [facts]}]"
)");
    auto project = sources::default_project_document();
    project.at("metadata").set("annotations", doc::read_yaml("{notifications.argoproj.io/subscribe.on-facts.ops: ''}").front());
    shop.lab.state.put_definition("AppProject", "default", project);
    shop.lab.repo.write("shop/run.yaml", test::deployment("run", 1, "wafer/run:v1"));
    shop.lab.repo.tag("v1", shop.lab.repo.commit("second"));
    shop.pass();
    CHECK(shop.told() == Texts{"Test <test@example.com>: second [v1]\n"
                               "Directory [wafer/run:v1] 2023-11-14T22:13:20Z\n"
                               "anna@test true [map[name:Reason value:new revision " + shop.lab.repo.tip().substr(0, 7) + "]]\n"
                               "0 2023-11-14T22:13:20Z anna@test shop"});
}

TEST_CASE("an operation that waits for a slow courier is queued by one pass, and told by whoever comes after who died with it") {
    const std::string config = R"(
kind: ConfigMap
data:
  service.webhook.ops: "url: https://ops.example.com"
  template.phase: |
    message: "{{.app.status.operationState.phase}}"
  trigger.on-running: "[{when: app.status.operationState?.phase == 'Running', send: [phase]}]"
  subscriptions: "[{recipients: [ops], triggers: [on-running]}]"
)";
    Watched shop(config, "");
    shop.pass();
    shop.sync_by_hand();
    const auto note = [&] { shop.notifier->note(app::reconcile(shop.lab.services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again)); };
    note();
    note();
    note();
    shop.notifier->tell_all({});
    CHECK(shop.told() == Texts{"Running"});
    shop.sync_by_hand();
    note();  // and dies
    shop.restart();
    shop.pass();
    CHECK(shop.told() == Texts{"Running"});
}

TEST_CASE("a state database that does not answer is a warning, and what was to be told then is told later") {
    Watched shop;
    const auto path = shop.lab.dir / "other.db";
    app::StateDb state(path);
    state.put_application(shop.lab.state.application("shop"), shop.lab.clock->now());
    const auto& lab = shop.lab.services;
    const app::Services services{state, *shop.lab.clock, shop.lab.events, lab.open_repo, lab.open_cluster, lab.actor, lab.git_environment, 1};
    app::Notifier notifier(services, notify::read_catalog(doc::read_yaml(k_config), "n.yaml", {}), shop.courier);
    notifier.note(app::reconcile(services, "shop", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    notifier.tell_all({});
    shop.told();
    state.delete_application("shop");
    const io::Database other(path);
    other.run("ALTER TABLE applications RENAME TO away");
    notifier.tell_all({});
    CHECK(shop.told() == Texts{});
    REQUIRE(!shop.lab.events.events.empty());
    CHECK(shop.lab.events.events.back().level == base::Level::warning);
    other.run("ALTER TABLE away RENAME TO applications");
    notifier.tell_all({});
    CHECK(shop.told() == Texts{"Application shop was deleted."});
}

TEST_CASE("nothing is left of applications that were deleted while no controller ran") {
    Watched shop;
    shop.pass();
    shop.lab.create("idle", "shop", "prod");
    shop.notifier->note(app::reconcile(shop.lab.services, "idle", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    shop.notifier->tell_all({});
    shop.told();
    CHECK(shop.lab.state.definitions("OperationSeen").size() == 2);
    shop.lab.state.delete_application("shop");
    shop.lab.state.delete_application("idle");
    shop.restart();
    CHECK(shop.lab.state.definitions("OperationSeen").empty());
    shop.lab.create("idle", "shop", "prod");
    shop.notifier->note(app::reconcile(shop.lab.services, "idle", app::AfterFailure::hold, {}, app::AfterSync::look_again));
    shop.notifier->tell_all({});
    CHECK(shop.told().front() == "Application idle was created.");
}
