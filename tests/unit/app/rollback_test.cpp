#include <catch2/catch.hpp>

#include "core/app/rollback.hpp"
#include "core/app/status.hpp"
#include "core/base/error.hpp"
#include "core/io/git_write.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

/// An overlay over a base, deployed twice: version 1, then version 2 that changed both.
struct Deployed : Lab {
    std::string good, bad;

    Deployed() {
        good = repo.commit({{"base/kustomization.yaml", "resources: [cm.yaml]\n"},
                            {"base/cm.yaml", config_map("settings", "one")},
                            {"prod/kustomization.yaml", "resources: [../base]\nnamePrefix: prod-\n"},
                            {"README.md", "hello\n"}},
                           "version one");
        create("shop", "prod", "shop-prod");
        sync(services, "shop", {}, {});
        bad = repo.commit({{"base/cm.yaml", config_map("settings", "two")},
                           {"prod/kustomization.yaml", "resources: [../base]\nnamePrefix: prod-\nnameSuffix: -b\n"},
                           {"README.md", "hello again\n"}},
                          "version two");
        SyncRequest request;
        request.compare.prune = deliver::PrunePolicy::prune;
        sync(services, "shop", request, {});
    }
};

}  // namespace

TEST_CASE("rollback restores every file the rendering reads, and nothing else, in one commit") {
    Deployed lab;
    RollbackRequest request;
    request.message = "accuracy fell";

    auto report = rollback(lab.services, "shop", request, {});

    CHECK(report.to_revision == lab.good);
    CHECK(report.from_revision == lab.bad);
    CHECK(report.files == std::vector<std::string>{"base/cm.yaml", "prod/kustomization.yaml"});
    CHECK(lab.repo.tip() == report.commit);
    CHECK(lab.repo.text("main", "base/cm.yaml") == config_map("settings", "one"));
    CHECK(lab.repo.text("main", "README.md") == "hello again\n");
    CHECK(lab.live("v1 ConfigMap shop-prod/prod-settings", "/data/value") == "one");
    CHECK(lab.live("v1 ConfigMap shop-prod/prod-settings-b", "/data/value") == "");
    CHECK(report.commit_message == "Revert \"version two\"\n\naccuracy fell\n\nThis reverts commit " + lab.bad +
                                       ".\n\nGitops-Application: shop\nGitops-Restores: " + lab.good + "\n");
}

TEST_CASE("the author of the revert is the user") {
    Deployed lab;
    auto report = rollback(lab.services, "shop", {}, {});

    auto repo = lab.services.open_repo(lab.repo.path());
    auto commit = repo->commit(report.commit);
    CHECK(commit.author_name == "Anna");
    CHECK(commit.author_mail == "anna@fab.example");
}

TEST_CASE("a note on the bad commit says who, when and why") {
    Deployed lab;
    RollbackRequest request;
    request.message = "accuracy fell";
    auto report = rollback(lab.services, "shop", request, {});

    auto repo = lab.services.open_repo(lab.repo.path());
    CHECK(io::read_note(*repo, lab.bad) == "Rolled back by anna@test at " + base::to_rfc3339(lab.clock->now()) +
                                               "\nApplication: shop\nRestored: " + lab.good + "\nBy commit: " +
                                               report.commit + "\nReason: accuracy fell\n");
}

TEST_CASE("history names the strategy and the commit that was taken back") {
    Deployed lab;
    auto report = rollback(lab.services, "shop", {}, {});

    auto rows = lab.state.history("shop");
    REQUIRE(rows.size() == 3);
    CHECK(rows[2].strategy == "revert");
    CHECK(rows[2].revert_of == lab.bad);
    CHECK(rows[2].revision == report.commit);
}

TEST_CASE("a dry run names commits, files and fed applications and moves nothing") {
    Deployed lab;
    lab.repo.commit({{"dev/kustomization.yaml", "resources: [../base]\n"}}, "dev overlay");
    lab.create("shop-dev", "dev", "shop-dev");
    auto tip = lab.repo.tip();
    RollbackRequest request;
    request.dry_run = true;

    auto report = rollback(lab.services, "shop", request, {});

    REQUIRE(report.undone.size() == 1);
    CHECK(report.undone[0].sha == lab.bad);
    CHECK(report.undone[0].subject == "version two");
    CHECK(report.also_feeds == std::vector<std::string>{"shop-dev"});
    CHECK(report.files == std::vector<std::string>{"base/cm.yaml", "prod/kustomization.yaml"});
    CHECK(report.commit.empty());
    CHECK(lab.repo.tip() == tip);
}

TEST_CASE("rollback to a history id, to a revision, and nothing to do") {
    Deployed lab;
    RollbackRequest request;
    request.target = "0";
    CHECK(rollback(lab.services, "shop", request, {}).to_revision == lab.good);
    request.target = lab.bad.substr(0, 10);
    CHECK(rollback(lab.services, "shop", request, {}).to_revision == lab.bad);
    CHECK(rollback(lab.services, "shop", request, {}).nothing_to_do);
}

TEST_CASE("after a sync that failed the last good deployment is the default") {
    Deployed lab;
    lab.repo.commit({{"base/cm.yaml", config_map("settings", "three") + "---\napiVersion: v1\nkind: ConfigMap\n"
                                      "metadata: {name: other, namespace: nowhere}\n"}},
                    "version three");
    CHECK_FALSE(sync(lab.services, "shop", {}, {}).succeeded);

    RollbackRequest request;
    request.dry_run = true;
    CHECK(rollback(lab.services, "shop", request, {}).to_revision == lab.bad);
}

TEST_CASE("after a revision that did not even render the last good deployment is the default") {
    Deployed lab;
    lab.repo.commit({{"prod/kustomization.yaml", "resources: [oops\n"}}, "broken");
    CHECK_FALSE(sync(lab.services, "shop", {}, {}).succeeded);

    RollbackRequest request;
    request.dry_run = true;
    CHECK(rollback(lab.services, "shop", request, {}).to_revision == lab.bad);
}

TEST_CASE("an unknown history id loses nothing and says what to do") {
    Deployed lab;
    RollbackRequest request;
    request.target = "77";
    try {
        rollback(lab.services, "shop", request, {});
        FAIL("expected an error");
    } catch (const base::Error& error) {
        CHECK(error.message() == "application shop has no history entry 77");
        CHECK(error.hint_text() == "`gitopsctl app history shop` lists them");
    }
    CHECK(lab.repo.tip() == lab.bad);
    CHECK(lab.state.audit("shop", 10).back().result == "failed");
}

TEST_CASE("pin deploys the old revision without touching Git and holds auto-sync") {
    Deployed lab;
    RollbackRequest request;
    request.strategy = RollbackStrategy::pin;

    auto report = rollback(lab.services, "shop", request, {});

    CHECK(report.commit.empty());
    CHECK(lab.repo.tip() == lab.bad);
    CHECK(lab.live("v1 ConfigMap shop-prod/prod-settings", "/data/value") == "one");
    auto status = status_of(lab.services, lab.state.application("shop"), Fetch::cached);
    CHECK(status.word() == "Synced");
    CHECK(status.revision == lab.good);
    CHECK(lab.state.history("shop").back().strategy == "pin");
}

TEST_CASE("--commit reverts that one commit") {
    Deployed lab;
    lab.repo.commit({{"notes.txt", "later\n"}}, "later");
    RollbackRequest request;
    request.commit = lab.bad;

    auto report = rollback(lab.services, "shop", request, {});

    CHECK(lab.repo.text("main", "base/cm.yaml") == config_map("settings", "one"));
    CHECK(lab.repo.text("main", "README.md") == "hello\n");
    CHECK(lab.repo.text("main", "notes.txt") == "later\n");
    CHECK(report.undone.size() == 1);
}

TEST_CASE("a broken tip is no obstacle") {
    Deployed lab;
    lab.repo.commit({{"prod/kustomization.yaml", "resources: [oops\n"}}, "broken");
    RollbackRequest request;
    request.target = lab.bad;

    auto report = rollback(lab.services, "shop", request, {});

    CHECK(report.files == std::vector<std::string>{"prod/kustomization.yaml"});
    CHECK(report.sync->succeeded);
}

TEST_CASE("a tag cannot take a revert") {
    Deployed lab;
    lab.repo.tag("v1", lab.good);
    auto application = lab.state.application("shop");
    application.document.at("spec").at("source").set("targetRevision", "v1");
    lab.state.put_application(application, lab.clock->now());
    RollbackRequest request;
    request.target = lab.good;
    CHECK_THROWS_WITH(rollback(lab.services, "shop", request, {}),
                      "application shop tracks \"v1\", which is no branch: a revert cannot be committed there");
}
