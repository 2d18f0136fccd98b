// Canaries whose target comes from Git: the end of a run is a commit, or a note.
#include <catch2/catch.hpp>

#include "core/app/progressive/canary.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/io/git_write.hpp"
#include "core/rollout/replay/replay.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::Lab;

namespace {

const char* const k_canary = R"(
apiVersion: gitopsctl.io/v1
kind: Canary
metadata: {name: web, namespace: prod}
spec:
  targetRef: {name: web}
  service: {port: 80}
  analysis:
    interval: 1s
    stages: [50, 100]
    metrics: [{name: accuracy, thresholdRange: {min: 99}}]
)";

const char* const k_script = "metrics: {accuracy: [{image: \"*:v3\", value: 97.2}, 99.5]}";

class AlwaysPass final : public rollout::HookCaller {
  public:
    rollout::HookAnswer call(const rollout::HookCall&, std::stop_token) override { return {true, ""}; }
};

OpenMeans means() {
    return [](const rollout::RunSettings&) {
        return CanaryMeans{rollout::rehearse(k_script, "script.yaml"), std::make_shared<AlwaysPass>(), {"script", "script.yaml"}, true};
    };
}

std::string service() {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
}

/// The deployment keeps its comment: only the image may change.
std::string commented(const std::string& image) { return "# three for the lab\n" + test::deployment("web", 3, image); }

CanaryOutcome run(Lab& lab, const std::string& image = {}) {
    CanaryRequest request;
    request.ns = "prod";
    request.manifests = {{doc::read_yaml(k_canary).front(), "canary.yaml"}};
    request.settings.app = "shop";
    request.image = image;
    return run_canary(lab.services, means(), request, {}, {});
}

void begin(Lab& lab) {
    lab.repo.commit({{"prod/web.yaml", commented("web:v1")}, {"prod/service.yaml", service()}});
    lab.create("shop", "prod", "prod");
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
    REQUIRE(run(lab).kind == CanaryOutcome::Kind::nothing_new);
}

std::string note_on(Lab& lab, const std::string& sha) {
    return io::read_note(*lab.services.open_repo(lab.repo.path()), sha).value_or("none");
}

}  // namespace

TEST_CASE("what a canary scales and routes is no drift of its application") {
    Lab lab;
    begin(lab);
    CHECK(lab.live("apps/v1 Deployment prod/web", "/spec/replicas") == "0");
    CHECK(lab.live("v1 Service prod/web", "/spec/selector/app") == "web-primary");
    const auto report = sync(lab.services, "shop", {}, {});
    CHECK(report.message == "2 unchanged");
    CHECK(lab.live("apps/v1 Deployment prod/web", "/spec/replicas") == "0");
}

TEST_CASE("a version from Git that passes stays, with a note of the numbers") {
    Lab lab;
    begin(lab);
    const auto sha = lab.repo.commit({{"prod/web.yaml", commented("web:v2")}});
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
    const auto outcome = run(lab);
    CHECK(outcome.kind == CanaryOutcome::Kind::promoted);
    CHECK(outcome.commit.empty());
    CHECK(lab.repo.tip() == sha);
    CHECK(note_on(lab, sha).find("Image: web:v1 -> web:v2") != std::string::npos);
    CHECK(note_on(lab, sha).find("accuracy 99.50") != std::string::npos);
}

TEST_CASE("a version from Git that fails is reverted there, with a note of the numbers") {
    Lab lab;
    begin(lab);
    const auto bad = lab.repo.commit({{"prod/web.yaml", commented("web:v3")}});
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
    const auto outcome = run(lab);
    CHECK(outcome.kind == CanaryOutcome::Kind::rolled_back);
    CHECK(outcome.commit == lab.repo.tip());
    CHECK(lab.repo.text("main", "prod/web.yaml") == commented("web:v1"));
    CHECK(note_on(lab, bad).find("accuracy 97.20") != std::string::npos);
    CHECK(lab.live("apps/v1 Deployment prod/web", "/spec/template/spec/containers/0/image") == "web:v1");
    CHECK(lab.live("apps/v1 Deployment prod/web-primary", "/spec/template/spec/containers/0/image") == "web:v1");
}

TEST_CASE("an image that passes is committed, and nothing else of the file changes") {
    Lab lab;
    begin(lab);
    const auto outcome = run(lab, "web:v2");
    CHECK(outcome.kind == CanaryOutcome::Kind::promoted);
    CHECK(outcome.commit == lab.repo.tip());
    CHECK(lab.repo.text("main", "prod/web.yaml") == commented("web:v2"));
    CHECK(note_on(lab, outcome.commit).find("accuracy 99.50") != std::string::npos);
    CHECK_FALSE(lab.state.state("shop").suspended);
    CHECK(sync(lab.services, "shop", {}, {}).message == "2 unchanged");

    lab.repo.commit({{"prod/web.yaml", commented("web:v4")}});
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
    CHECK(lab.live("apps/v1 Deployment prod/web", "/spec/template/spec/containers/0/image") == "web:v4");
}

TEST_CASE("the first run with an image begins with what ran before") {
    Lab lab;
    lab.repo.commit({{"prod/web.yaml", commented("web:v1")}, {"prod/service.yaml", service()}});
    lab.create("shop", "prod", "prod");
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
    CHECK(run(lab, "web:v3").kind == CanaryOutcome::Kind::rolled_back);
    CHECK(lab.live("apps/v1 Deployment prod/web-primary", "/spec/template/spec/containers/0/image") == "web:v1");
}

TEST_CASE("an image that fails leaves Git alone") {
    Lab lab;
    begin(lab);
    const auto before = lab.repo.tip();
    const auto outcome = run(lab, "web:v3");
    CHECK(outcome.kind == CanaryOutcome::Kind::rolled_back);
    CHECK(outcome.commit.empty());
    CHECK(lab.repo.tip() == before);
    CHECK(lab.live("apps/v1 Deployment prod/web-primary", "/spec/template/spec/containers/0/image") == "web:v1");
}
