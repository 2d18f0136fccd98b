// BlueGreen as it is read, and the selector that is written for a side.
#include "core/rollout/bluegreen/bluegreen.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "core/rollout/service_selector.hpp"
#include "tests/unit/rollout/rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

doc::Value manifest(const std::string& spec) {
    return document("apiVersion: gitopsctl.io/v1\nkind: BlueGreen\nmetadata: {name: yield, namespace: wafer}\nspec: " + spec + "\n");
}

std::string refused(const std::string& spec) {
    return refusal([&] { read_bluegreen(manifest(spec), "bluegreen.yaml"); });
}

Selection selection(const std::string& blue, const std::string& green, const std::string& selector) {
    return {document(blue), document(green), document(selector)};
}

std::string selected(const Selection& given, Color color) {
    try {
        return doc::write_json(selector_for(given, color));
    } catch (const base::Error& error) {
        return error.message();
    }
}

std::string routed(const Selection& given) {
    try {
        return std::string(color_name(routed_to(given)));
    } catch (const base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("a BlueGreen is read with its defaults", "[bluegreen]") {
    const auto spec = read_bluegreen(manifest("{service: web, blue: web-a, green: web-b}"), "bluegreen.yaml");
    CHECK(spec.ns == "wafer");
    CHECK(spec.deployment(Color::green) == "web-b");
    CHECK(spec.preview_service.empty());
    CHECK(spec.monitor.duration == base::Duration{0});
    CHECK_FALSE(spec.scale_down_delay.has_value());
    CHECK(spec.progress_deadline == base::Duration{600'000});
}

TEST_CASE("smoke tests are pre-rollout hooks, and what is watched are metrics and hooks", "[bluegreen]") {
    const auto spec = read_bluegreen(manifest("{service: web, blue: web-a, green: web-b, scaleDownDelay: 30s, smoke: [{name: up, cmd: [curl, web]},"
                                              " {name: approved, type: confirm-promotion, url: \"http://gate\"}],"
                                              " monitor: {duration: 5m, interval: 30s, maxFailures: 1, metrics: [{name: errors, query: \"up\", "
                                              "thresholdRange: {max: 1}}], webhooks: [{name: load, url: \"http://load\"}]}}"),
                                     "bluegreen.yaml");
    const auto checks = checks_of(spec, Color::green);
    CHECK(checks.target.name == "web-b");
    CHECK(checks.analysis.metrics.size() == 1);
    std::string hooks;
    for (const auto& hook : checks.analysis.webhooks) hooks += hook.name + " " + std::string(hook_type_name(hook.type)) + "\n";
    CHECK(hooks == "up pre-rollout\napproved confirm-promotion\nload rollout\n");
    CHECK(spec.scale_down_delay == base::Duration{30'000});
}

TEST_CASE("what is wrong with a BlueGreen is told with its field", "[bluegreen]") {
    CHECK(refused("{blue: a, green: b}") == "spec.service: missing: the Service whose selector is switched");
    CHECK(refused("{service: web, blue: a, green: a}") == "spec.green: is the same Deployment as blue: \"a\"");
    CHECK(refused("{service: web, blue: a, green: b, previewService: web}") == "spec.previewService: is the Service that is switched: \"web\"");
    CHECK(refused("{service: web, blue: a, green: b, monitor: {interval: 1s}}") ==
          "spec.monitor.duration: missing: how long the new side is watched, such as 5m");
    CHECK(refused("{service: web, blue: a, green: b, monitor: {duration: soon}}") ==
          "spec.monitor.duration: expected a duration such as 30s, found \"soon\"");
    CHECK(refused("{service: web, blue: a, green: b, smoke: [{name: x, type: rollback, url: u}]}") ==
          "spec.smoke[0].type: \"rollback\" is not known; it is one of pre-rollout, confirm-promotion");
    CHECK(read_bluegreen(manifest("{service: web, blue: a, green: b, moniter: {}}"), "f").unknown.size() == 1);
}

TEST_CASE("the side with the traffic is the one the Service selects", "[bluegreen]") {
    const std::string blue = "{app: web, version: blue}", green = "{app: web, version: green}";
    CHECK(routed(selection(blue, green, "{app: web, version: green}")) == "green");
    CHECK(routed(selection(blue, green, "{version: blue}")) == "blue");
    CHECK(routed(selection(blue, green, "{app: web}")) ==
          "the Service's selector app=web selects both sides: blue has version=blue, green has version=green");
    CHECK(routed(selection(blue, green, "{app: other}")) ==
          "the Service's selector app=other selects neither side: blue is app=web,version=blue, green is app=web,version=green");
}

TEST_CASE("of a selector only what differs between the sides is written", "[bluegreen]") {
    const std::string blue = "{app: web, version: blue, tier: x}", green = "{app: web, version: green, tier: x}";
    CHECK(selected(selection(blue, green, "{app: web, version: blue}"), Color::green) == R"({"app":"web","version":"green"})");
    CHECK(selected(selection(blue, green, "{version: blue}"), Color::blue) == R"({"version":"blue"})");
    // Each side has a label of its own: the old one goes, the new one comes.
    CHECK(selected(selection("{app: web, a: \"1\"}", "{app: web, b: \"1\"}", "{app: web, a: \"1\"}"), Color::green) == R"({"app":"web","b":"1"})");
    CHECK(selected(selection("{app: web, a: \"1\"}", "{app: web}", "{app: web, a: \"1\"}"), Color::green) ==
          "no selector can tell the sides apart: blue has a=1, green has nothing of its own");
}

TEST_CASE("the change of a Service holds its version and only what changes", "[bluegreen]") {
    const auto service = document("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: wafer, resourceVersion: \"12\"}, "
                                  "spec: {selector: {app: web, a: \"1\"}}}");
    const auto patch = selector_patch(service, document("{app: web, b: \"1\"}"));
    REQUIRE(patch.has_value());
    CHECK(doc::write_json(patch->patch) == R"({"spec":{"selector":{"a":null,"b":"1"}}})");
    CHECK(patch->resource_version == "12");
    CHECK_FALSE(selector_patch(service, document("{a: \"1\", app: web}")).has_value());
}
