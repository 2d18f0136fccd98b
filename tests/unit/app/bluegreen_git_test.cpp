// Blue-green where the Service comes from Git: the switch is a commit of one word, and going back its revert.
#include <catch2/catch.hpp>

#include "core/app/progressive/bluegreen.hpp"
#include "core/app/sync.hpp"
#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/io/git_write.hpp"
#include "core/rollout/replay/replay.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::Lab;
using Kind = BlueGreenOutcome::Kind;

namespace {

const char* const k_pair = R"(
apiVersion: gitopsctl.io/v1
kind: BlueGreen
metadata: {name: web, namespace: prod}
spec:
  service: web
  blue: web-blue
  green: web-green
  monitor: {duration: 2s, interval: 1s, metrics: [{name: accuracy, thresholdRange: {min: 99}}]}
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

std::string service(const std::string& color) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector:\n    app: web\n    version: " + color +
           "  # who has the traffic\n  ports: [{port: 80}]\n";
}

std::string side(const std::string& color, const std::string& image, int replicas = 2) {
    return "# the " + color + " side\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-" + color + "}\nspec:\n  replicas: " +
           std::to_string(replicas) + "\n  selector: {matchLabels: {app: web, version: " + color +
           "}}\n  template:\n    metadata: {labels: {app: web, version: " + color + "}}\n    spec:\n      containers:\n      - {name: web, image: \"" +
           image + "\"}\n";
}

BlueGreenOutcome run(Lab& lab, const std::string& image = {}) {
    BlueGreenRequest request;
    request.manifests = {{doc::read_yaml(k_pair).front(), "bluegreen.yaml"}};
    request.settings.app = "shop";
    request.plan.image = image;
    return run_bluegreen(lab.services, means(), request, {}, {});
}

void begin(Lab& lab, int green_replicas = 2) {
    lab.repo.commit({{"prod/blue.yaml", side("blue", "web:v1")},
                     {"prod/green.yaml", side("green", "web:v1", green_replicas)},
                     {"prod/service.yaml", service("blue")}});
    lab.create("shop", "prod", "prod");
    REQUIRE(sync(lab.services, "shop", {}, {}).succeeded);
}

std::string note_on(Lab& lab, const std::string& sha) {
    return io::read_note(*lab.services.open_repo(lab.repo.path()), sha).value_or("none");
}

}  // namespace

TEST_CASE("a switch is a commit that changes one word, with a note of the numbers", "[bluegreen]") {
    Lab lab;
    begin(lab);
    const auto outcome = run(lab, "web:v2");
    CHECK(outcome.kind == Kind::switched);
    CHECK(outcome.commit == lab.repo.tip());
    CHECK(lab.repo.text("main", "prod/service.yaml") == service("green"));
    CHECK(lab.repo.text("main", "prod/green.yaml") == side("green", "web:v2"));
    CHECK(lab.repo.text("main", "prod/blue.yaml") == side("blue", "web:v1"));
    CHECK(lab.live("v1 Service prod/web", "/spec/selector/version") == "green");
    CHECK(note_on(lab, outcome.commit).find("accuracy 99.50") != std::string::npos);
    CHECK_FALSE(lab.state.state("shop").suspended);
    CHECK(sync(lab.services, "shop", {}, {}).message == "3 unchanged");

    SECTION("and going back later is its revert") {
        const auto result = roll_back_bluegreen(lab.services, means(), std::nullopt, "web", {});
        CHECK(result.to == rollout::Color::blue);
        CHECK(result.commit == lab.repo.tip());
        CHECK(lab.repo.text("main", "prod/service.yaml") == service("blue"));
        CHECK(lab.repo.text("main", "prod/green.yaml") == side("green", "web:v2"));
        CHECK(lab.live("v1 Service prod/web", "/spec/selector/version") == "blue");
        CHECK(sync(lab.services, "shop", {}, {}).message == "3 unchanged");
        CHECK(roll_back_bluegreen(lab.services, means(), std::nullopt, "web", {}).was_there);
    }
}

TEST_CASE("a version that turns out bad is reverted in Git, too", "[bluegreen]") {
    Lab lab;
    begin(lab);
    const auto outcome = run(lab, "web:v3");
    CHECK(outcome.kind == Kind::rolled_back);
    CHECK(outcome.commit == lab.repo.tip());
    CHECK(lab.repo.text("main", "prod/service.yaml") == service("blue"));
    CHECK(lab.live("v1 Service prod/web", "/spec/selector/version") == "blue");
    CHECK_FALSE(lab.state.state("shop").suspended);
    CHECK(sync(lab.services, "shop", {}, {}).message == "3 unchanged");
}

TEST_CASE("a selector that somebody else has committed over is still given back", "[bluegreen]") {
    Lab lab;
    begin(lab);
    REQUIRE(run(lab, "web:v2").kind == Kind::switched);
    auto renamed = service("green");
    renamed.replace(renamed.find("who has"), 7, "the one with");
    lab.repo.commit({{"prod/service.yaml", renamed}});
    const auto result = roll_back_bluegreen(lab.services, means(), std::nullopt, "web", {});
    auto expected = service("blue");
    expected.replace(expected.find("who has"), 7, "the one with");
    CHECK(result.commit == lab.repo.tip());
    CHECK(lab.repo.text("main", "prod/service.yaml") == expected);
}

TEST_CASE("a side that the next sync would take Pods from gets no traffic", "[bluegreen]") {
    Lab lab;
    begin(lab, 0);
    const auto before = lab.repo.tip();
    CHECK_THROWS_WITH(run(lab, "web:v2"), "Git gives apps/Deployment prod/web-green 0 replicas, and 2 have the traffic: the next sync of shop would take Pods away");
    CHECK(lab.repo.tip() == before);
    CHECK(lab.live("v1 Service prod/web", "/spec/selector/version") == "blue");
    CHECK_FALSE(lab.state.state("shop").suspended);
}
