#include <catch2/catch.hpp>

#include "core/app/controller/controller.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

constexpr const char* k_automated =
    "  syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}\n";

std::string pass(Lab& lab, const std::string& app) {
    auto report = reconcile(lab.services, app, AfterFailure::hold, {});
    if (!report.error.empty()) return "error: " + report.error;
    return report.verdict.reason + (report.operation ? " -> " + report.operation->message : "");
}

/// Stops the loop after it has told so many things.
class StopAfter final : public base::EventSink {
  public:
    explicit StopAfter(int count) : m_left(count) {}
    void emit(const base::Event& event) override {
        if (event.kind != "reconcile") return;
        lines.push_back(event.subject + ": " + event.message);
        if (--m_left == 0) stop.request_stop();
    }
    std::stop_source stop;
    std::vector<std::string> lines;

  private:
    int m_left;
};

}  // namespace

TEST_CASE("a new revision is synced once, drift is healed, peace is left alone") {
    Lab lab;
    auto sha = lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", k_automated);

    CHECK(pass(lab, "shop") == "new revision " + sha.substr(0, 7) + " -> 2 created");
    CHECK(pass(lab, "shop") == "in sync");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"2"}})");
    CHECK(pass(lab, "shop") == "the cluster drifted from Git -> 1 updated");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "1");
}

TEST_CASE("without selfHeal drift stays; without automation nothing happens") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");
    lab.create("hand", "prod", "hand");
    pass(lab, "shop");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"2"}})");

    CHECK(pass(lab, "shop") == "the cluster drifted and self-heal is off");
    CHECK(pass(lab, "hand") == "out of sync; auto-sync is off");
}

TEST_CASE("self-heal waits longer and longer when somebody keeps changing things") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", k_automated);
    pass(lab, "shop");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"2"}})");
    pass(lab, "shop");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"3"}})");

    CHECK(pass(lab, "shop").starts_with("healed a moment ago; next try at "));
    lab.clock->advance(std::chrono::seconds(2));
    CHECK(pass(lab, "shop") == "the cluster drifted from Git -> 1 updated");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"4"}})");
    lab.clock->advance(std::chrono::seconds(2));
    CHECK(pass(lab, "shop").starts_with("healed a moment ago; next try at "));
}

TEST_CASE("a repository that became empty does not wipe out the application") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", k_automated);
    pass(lab, "shop");
    lab.repo.remove("prod/a.yaml").write("prod/README.md", "gone\n").commit("empty");

    CHECK(pass(lab, "shop") ==
          "refused: it would delete every resource of the application (allowEmpty is off)");
    CHECK(lab.live("v1 ConfigMap shop/a", "/data/value") == "1");
}

TEST_CASE("a changed definition is worth a new attempt at the same revision") {
    Lab lab;
    auto sha = lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}}\n");
    pass(lab, "shop");
    CHECK(pass(lab, "shop").starts_with("the last sync of this revision failed: "));

    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n");

    CHECK(pass(lab, "shop") == "new revision " + sha.substr(0, 7) + " -> 2 created");
}

TEST_CASE("when to sync and how often to try is no change of what is deployed: the failed revision is held") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}}\n");
    pass(lab, "shop");
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {selfHeal: true}, retry: {limit: 3}}\n  revisionHistoryLimit: 3\n");
    CHECK(pass(lab, "shop").starts_with("the last sync of this revision failed: "));
}

TEST_CASE("a self-heal is no deployment: the history stays as it is") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", k_automated);
    pass(lab, "shop");
    lab.patch("v1 ConfigMap shop/a", R"({"data":{"value":"2"}})");
    CHECK(pass(lab, "shop") == "the cluster drifted from Git -> 1 updated");
    CHECK(lab.state.history("shop").size() == 1);
}

TEST_CASE("a failed sync is tried again by the loop as the retry policy says, and then held") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}, retry: {limit: 1, backoff: {duration: 10s}}}\n");
    StopAfter sink(3);
    const Services& base = lab.services;
    Services services{lab.state,  *lab.clock,           sink, base.open_repo, base.open_cluster,
                      base.actor, base.git_environment, 1};

    run_controller(services, {std::chrono::seconds(60), std::chrono::minutes(10)}, sink.stop.get_token());

    REQUIRE(sink.lines.size() == 3);
    CHECK(sink.lines[0].starts_with("shop: new revision"));
    CHECK(sink.lines[1].starts_with("shop: the last sync failed; trying again: "));
    CHECK(sink.lines[2].starts_with("shop: the last sync of this revision failed: "));
}

TEST_CASE("the loop looks within seconds at what another process did") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop");
    lab.create("other", "prod", "shop");
    std::vector<std::pair<std::string, std::int64_t>> looks;  // with seconds since the start
    std::stop_source stop;
    const auto start = lab.clock->now();
    LoopOptions options;
    options.on_report = [&](const ReconcileReport& report) {
        looks.emplace_back(report.app, (lab.clock->now() - start).count() / 1000);
        if (looks.size() == 2) REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
        if (looks.size() == 3) stop.request_stop();
    };
    run_controller(lab.services, options, stop.get_token());
    REQUIRE(looks.size() == 3);
    CHECK(looks[2].first == "shop");
    CHECK(looks[2].second <= 5);
}

TEST_CASE("suspended and pinned applications are held") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", k_automated);
    AppState state;
    state.suspended = true;
    state.suspended_until = lab.clock->now() + std::chrono::hours(1);
    lab.state.put_state("shop", state);

    CHECK(pass(lab, "shop") == "held: suspended");
    lab.clock->advance(std::chrono::hours(1));
    CHECK(pass(lab, "shop").ends_with("2 created"));
}

TEST_CASE("a bad application does not stop the others, and waits longer each time") {
    Lab lab;
    lab.repo.commit({{"good/a.yaml", config_map("a", "1")}, {"bad/a.yaml", "kind: [\n"}});
    lab.create("bad", "bad", "bad", k_automated);
    lab.create("good", "good", "good", k_automated);
    StopAfter sink(4);
    const Services& base = lab.services;
    Services with_sink{lab.state,  *lab.clock,           sink, base.open_repo, base.open_cluster,
                       base.actor, base.git_environment, 1};
    auto start = lab.clock->now();

    run_controller(with_sink, {std::chrono::seconds(60), std::chrono::minutes(10)}, sink.stop.get_token());

    REQUIRE(sink.lines.size() == 4);
    CHECK(sink.lines[0].starts_with("bad: "));
    CHECK(sink.lines[1].starts_with("good: new revision"));
    CHECK(sink.lines[2] == "good: in sync");
    CHECK((sink.lines[3].starts_with("bad: ") || sink.lines[3] == "good: in sync"));
    CHECK(lab.clock->now() - start >= std::chrono::seconds(60));
}

namespace {

/// A state database whose applications cannot be read from the first thing the loop tells to the second.
class Broken final : public base::EventSink {
  public:
    explicit Broken(Lab& lab)
        : state(lab.dir / "other.db"),
          services{state, *lab.clock, *this, lab.services.open_repo, lab.services.open_cluster, lab.services.actor, lab.services.git_environment, 1},
          m_other(lab.dir / "other.db") {
        state.put_application(lab.state.application("shop"), lab.clock->now());
    }
    void emit(const base::Event& event) override {
        if (event.kind != "reconcile") return;
        lines.push_back(event.subject + ": " + event.message);
        if (lines.size() == 1) m_other.run("ALTER TABLE applications RENAME TO away");
        if (lines.size() == 2) m_other.run("ALTER TABLE away RENAME TO applications");
        if (lines.size() == 3) stop.request_stop();
    }
    void run_loop() { run_controller(services, {std::chrono::seconds(60), std::chrono::minutes(10)}, stop.get_token()); }

    StateDb state;
    Services services;
    std::stop_source stop;
    std::vector<std::string> lines;

  private:
    io::Database m_other;
};

}  // namespace

TEST_CASE("a state database that does not answer for a moment costs no plan of the loop") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop");
    Broken broken(lab);
    const auto start = lab.clock->now();
    broken.run_loop();
    REQUIRE(broken.lines.size() == 3);
    CHECK(broken.lines[0] == "shop: out of sync; auto-sync is off");
    CHECK(broken.lines[1].starts_with(": "));
    CHECK(broken.lines[2] == "shop: out of sync; auto-sync is off");
    CHECK(lab.clock->now() - start >= std::chrono::seconds(60));
}

TEST_CASE("a failed sync is tried again although its retry policy could not be read") {
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {automated: {}}\n");
    Broken broken(lab);
    broken.run_loop();
    REQUIRE(broken.lines.size() == 3);
    CHECK(broken.lines[0].starts_with("shop: new revision"));
    CHECK(broken.lines[1].starts_with("shop: "));
    CHECK(broken.lines[2].starts_with("shop: the last sync failed; trying again: "));
}
