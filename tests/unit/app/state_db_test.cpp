#include <catch2/catch.hpp>

#include "core/app/state/state_db.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/support/temp_dir.hpp"

using namespace gitops;
using namespace gitops::app;

namespace {

constexpr base::Time k_now{std::chrono::milliseconds(1'700'000'000'000)};

Application application(const std::string& name) {
    std::vector<std::string> warnings;
    return read_application(doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " +
                                               name + "}\nspec: {source: {repoURL: r}, info: [{name: a, value: b}]}\n"),
                            "app.yaml", warnings);
}

}  // namespace

TEST_CASE("an application comes back as it was put, unused fields included, also after reopening") {
    test::TempDir dir;
    auto shop = application("shop");
    StateDb(dir / "state.db").put_application(shop, k_now);

    CHECK(StateDb(dir / "state.db").application("shop").document == shop.document);
}

TEST_CASE("an unknown application is told with near names") {
    StateDb state(":memory:");
    state.put_application(application("stdf-parser"), k_now);
    try {
        state.application("stdf-praser");
        FAIL("expected an error");
    } catch (const base::Error& error) {
        CHECK(error.message() == "there is no application \"stdf-praser\"");
        CHECK(error.suggestions() == std::vector<std::string>{"stdf-parser"});
    }
}

TEST_CASE("history keeps its ids when old rows are dropped") {
    StateDb state(":memory:");
    for (int i = 0; i < 5; ++i) {
        HistoryRow row;
        row.app = "shop";
        row.revision = "r" + std::to_string(i);
        CHECK(state.add_history(row, 3) == i);
    }
    std::string text;
    for (const auto& row : state.history("shop")) text += std::to_string(row.id) + "=" + row.revision + " ";
    CHECK(text == "2=r2 3=r3 4=r4 ");
}

TEST_CASE("the embedded cluster local is there, and is current until another one is used") {
    StateDb state(":memory:");
    CHECK(state.cluster("").name == "local");
    state.put_cluster({.name = "east", .kind = "embedded"});
    state.use_cluster("east");
    CHECK(state.cluster("").name == "east");
    state.delete_cluster("east");
    CHECK(state.cluster("").name == "local");
    CHECK_THROWS_WITH(state.use_cluster("east"), "there is no cluster \"east\"");
}

TEST_CASE("a repository is found under every spelling of its URL") {
    StateDb state(":memory:");
    state.put_repository({"https://git.example/fab/deploy.git", "", "FAB_TOKEN", "", "", ""});
    CHECK(state.repository("https://GIT.example/fab/deploy/")->token_env == "FAB_TOKEN");
    CHECK(state.delete_repository("https://git.example/fab/deploy"));
    CHECK(state.repositories().empty());
}

TEST_CASE("deleting an application takes its state, inventory and history, and leaves the audit log") {
    StateDb state(":memory:");
    state.put_application(application("shop"), k_now);
    state.put_inventory("shop", "local", {{"", "ConfigMap", "a", "b"}});
    state.add_history({0, "shop", "r", {}, {}, "", "", "", "", "", 0, 0, 0, 0}, 10);
    AuditRow row;
    row.subject = "shop";
    state.end_audit(state.begin_audit(row), "succeeded", "", "");

    state.delete_application("shop");

    CHECK_FALSE(state.has_application("shop"));
    CHECK(state.inventory("shop", "local").empty());
    CHECK(state.history("shop").empty());
    CHECK(state.audit("shop", 10).size() == 1);
}

TEST_CASE("the lock answers with its living holder and is given back") {
    StateDb state(":memory:");
    LockRow row{"shop", "sync", "anna", k_now, io::current_process()};
    CHECK_FALSE(state.try_lock(row));
    CHECK(state.try_lock(row)->actor == "anna");
    state.unlock("shop", row.process);
    CHECK_FALSE(state.lock_holder("shop"));
}

TEST_CASE("a cluster keeps where its credentials are, whom it impersonates, and its labels") {
    app::StateDb state(":memory:");
    state.put_cluster({.name = "prod",
                       .kind = "kubernetes",
                       .kubeconfig = {"/home/ann/.kube/a:b", "/home/ann/.kube/config"},
                       .context = "prod-eu",
                       .as_user = "deployer",
                       .as_groups = {"ops", "a,b"},
                       .labels = {{"env", "prod"}, {"region", "eu"}},
                       .record_namespace = "gitops",
                       .trusts_exec = true});
    const app::ClusterRow row = state.cluster("prod");
    CHECK(row.kubeconfig == std::vector<std::string>{"/home/ann/.kube/a:b", "/home/ann/.kube/config"});
    CHECK(row.context == "prod-eu");
    CHECK(row.as_user == "deployer");
    CHECK(row.as_groups == std::vector<std::string>{"ops", "a,b"});
    CHECK(row.labels == std::map<std::string, std::string>{{"env", "prod"}, {"region", "eu"}});
    CHECK(row.record_namespace == "gitops");
    CHECK(row.trusts_exec);
    CHECK_FALSE(state.cluster("local").trusts_exec);
}

TEST_CASE("definitions of other kinds are kept by kind and name") {
    app::StateDb state(":memory:");
    CHECK_FALSE(state.definition("AppProject", "wafer"));
    state.put_definition("AppProject", "wafer", doc::Value::map({{"kind", "AppProject"}}));
    state.put_definition("AppProject", "line", doc::Value::map({{"kind", "old"}}));
    state.put_definition("AppProject", "line", doc::Value::map({{"kind", "new"}}));
    state.put_definition("ApplicationSet", "wafer", doc::Value::map());
    const auto projects = state.definitions("AppProject");
    REQUIRE(projects.size() == 2);
    CHECK(projects[0].text_at("kind") == "new");
    CHECK(projects[1].text_at("kind") == "AppProject");
    CHECK(state.delete_definition("AppProject", "wafer"));
    CHECK_FALSE(state.delete_definition("AppProject", "wafer"));
    CHECK(state.definition("ApplicationSet", "wafer"));
}

TEST_CASE("an event is told by one at a time, and once") {
    app::StateDb state(":memory:");
    const base::Duration patience(60'000);
    CHECK(state.begin_telling("shop slack", "1a2b3c", k_now, patience));
    CHECK_FALSE(state.begin_telling("shop slack", "1a2b3c", k_now + patience - base::Duration(1), patience));
    CHECK(state.begin_telling("shop mail", "1a2b3c", k_now, patience));
    CHECK(state.begin_telling("shop slack", "1a2b3c", k_now + patience, patience));  // who began has died
    state.end_telling("shop slack", "1a2b3c", k_now);
    CHECK_FALSE(state.begin_telling("shop slack", "1a2b3c", k_now + patience * 10, patience));
    state.forget_telling("shop slack", "1a2b3c");
    CHECK(state.begin_telling("shop slack", "1a2b3c", k_now, patience));
}

TEST_CASE("the audit log of one subject, or of all, is the newest rows in the order they were written") {
    app::StateDb state(":memory:");
    for (const std::string subject : {"shop", "line", "shop", "line", "shop"}) {
        AuditRow row;
        row.subject = subject;
        state.begin_audit(row);
    }
    const auto ids = [&](const std::string& subject) {
        std::string text;
        for (const auto& row : state.audit(subject, 2)) text += std::to_string(row.id) + row.subject + " ";
        return text;
    };
    CHECK(ids("shop") == "3shop 5shop ");
    CHECK(ids("line") == "2line 4line ");
    CHECK(ids("") == "4line 5shop ");
    CHECK(ids("nobody").empty());
}
