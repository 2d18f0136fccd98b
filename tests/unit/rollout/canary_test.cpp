#include "core/rollout/canary.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../doc/said.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

CanarySpec read(const std::string& text) { return read_canary(doc::read_yaml_one(text), "canary.yaml"); }

std::string head(const std::string& version) {
    return "apiVersion: " + version + "\nkind: Canary\nmetadata: {name: web, namespace: prod}\nspec:\n  targetRef: {name: web}\n  service: {port: 80}\n";
}
const std::string k_flagger = head("flagger.app/v1beta1");
const std::string k_stages = head("gitopsctl.io/v1");

CanarySpec flagger(const std::string& analysis) { return read(k_flagger + "  analysis: " + analysis + "\n"); }
CanarySpec stages(const std::string& analysis) { return read(k_stages + "  analysis: " + analysis + "\n"); }

std::string range_text(const Range& range) {
    return (range.min ? fmt::format("{}", *range.min) : "-") + ".." + (range.max ? fmt::format("{}", *range.max) : "-");
}

const std::string k_everything = R"(apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: web, namespace: prod}
spec:
  provider: nginx
  metricsServer: http://prometheus:9090
  targetRef: {apiVersion: apps/v1, kind: DaemonSet, name: front}
  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: front}
  ingressRef: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: edge}
  routeRef: {apiVersion: apisix.apache.org/v2, kind: ApisixRoute, name: way}
  progressDeadlineSeconds: 60
  suspend: true
  revertOnDeletion: true
  service: {name: shop, port: 80, portName: web, targetPort: http, appProtocol: grpc, portDiscovery: true, headless: true, timeout: 5s}
  analysis:
    interval: 30s
    threshold: 5
    maxWeight: 60
    stepWeight: 10
    stepWeights: [1, 2]
    stepWeightPromotion: 20
    mirror: true
    mirrorWeight: 40
    primaryReadyThreshold: 80
    canaryReadyThreshold: 70
    method: sequential
    budget: {noData: 3, unreachable: 4}
    sessionAffinity: {cookieName: sticky}
    match: [{headers: {x: {exact: y}}}]
    alerts: [{name: chat, providerRef: {name: chat}}]
    metrics:
    - {name: request-success-rate, interval: 2m, thresholdRange: {min: 99}}
    - {name: errors, templateRef: {name: shared, namespace: ops}, templateVariables: {a: b}, thresholdRange: {min: 1, max: 2.5}}
    - {name: accuracy, kind: proportion, good: sum(good), total: sum(all), floor: 0.99, alpha: 0.01}
    webhooks:
    - {name: smoke, type: pre-rollout, url: "http://t/", timeout: 30s, retries: 2, disableTLS: true, muteAlert: true, metadata: {cmd: run}}
    - {name: load, cmd: "hey -z 1m  http://web"}
    - {name: shelled, cmd: "hey | tee log", shell: true}
    - {name: listed, cmd: [hey, "a b"]}
)";

}  // namespace

TEST_CASE("every field of a Canary of Flagger", "[rollout][canary]") {
    const auto spec = read(k_everything);
    CHECK(dialect_name(spec.dialect) == "flagger");
    CHECK(base::join({spec.name, spec.ns, spec.provider, spec.metrics_server}, " ") == "web prod nginx http://prometheus:9090");
    CHECK(base::join({spec.target.api_version, spec.target.kind, spec.target.name}, " ") == "apps/v1 DaemonSet front");
    CHECK(base::join({spec.autoscaler->kind, spec.ingress->kind, spec.route->name}, " ") == "HorizontalPodAutoscaler Ingress way");
    CHECK(base::format_duration(spec.progress_deadline) == "1m");
    CHECK((spec.suspend && spec.revert_on_deletion && !spec.skip_analysis));
    CHECK(base::join({spec.apex(), spec.primary_service(), spec.canary_service(), spec.primary_name()}, " ") ==
          "shop shop-primary shop-canary front-primary");
    const auto& service = spec.service;
    CHECK(fmt::format("{} {} {} {}", service.port, service.port_name, service.target_port.text(), service.app_protocol) == "80 web http grpc");
    CHECK((service.port_discovery && service.headless));
    CHECK(service.document.text_at("timeout") == "5s");
    CHECK(spec.unknown.empty());

    const auto& analysis = spec.analysis;
    CHECK(base::format_duration(analysis.interval) == "30s");
    CHECK(fmt::format("{} {} {} {} {} {}", analysis.threshold, analysis.max_weight, analysis.step_weight, analysis.step_weight_promotion,
                      analysis.mirror, analysis.mirror_weight) == "5 60 10 20 true 40");
    CHECK(analysis.step_weights == std::vector<int>{1, 2});
    CHECK(fmt::format("{} {} {} {} {}", analysis.primary_ready_threshold, analysis.canary_ready_threshold, analysis.sequential,
                      analysis.budget.no_data, analysis.budget.unreachable) == "80 70 true 3 4");
    CHECK(doc::write_json(analysis.session_affinity) == R"({"cookieName":"sticky"})");
    CHECK(doc::write_json(analysis.match) == R"([{"headers":{"x":{"exact":"y"}}}])");
    CHECK(analysis.strategy == Strategy::canary);
}

TEST_CASE("the checks of a Canary", "[rollout][canary]") {
    const auto& metrics = read(k_everything).analysis.metrics;
    REQUIRE(metrics.size() == 3);
    CHECK(metrics[0].interval == "2m");
    CHECK(range_text(metrics[0].range) == "99..-");
    CHECK(metrics[1].reference->name + " " + metrics[1].reference->ns == "shared ops");
    CHECK(metrics[1].variables == std::map<std::string, std::string>{{"a", "b"}});
    CHECK(range_text(metrics[1].range) == "1..2.5");
    CHECK(metrics[2].kind == MetricKind::proportion);
    CHECK(metrics[2].queries == std::map<std::string, std::string>{{"good", "sum(good)"}, {"total", "sum(all)"}});
    CHECK(metrics[2].settings == std::map<std::string, double>{{"alpha", 0.01}, {"floor", 0.99}});
    CHECK(range_text(metrics[2].range) == "-..-");
}

TEST_CASE("the hooks of a Canary", "[rollout][canary]") {
    const auto& hooks = read(k_everything).analysis.webhooks;
    REQUIRE(hooks.size() == 4);
    CHECK(hook_type_name(hooks[0].type) == "pre-rollout");
    CHECK(fmt::format("{} {} {}", hooks[0].url, hooks[0].timeout.count(), hooks[0].retries) == "http://t/ 30000 2");
    CHECK((hooks[0].skip_tls_verify && hooks[0].mute_alert));
    CHECK(doc::write_json(hooks[0].metadata) == R"({"cmd":"run"})");
    CHECK(hooks[1].type == HookType::rollout);
    CHECK(hooks[1].timeout.count() == 10'000);
    CHECK(hooks[1].metadata.is_null());
    CHECK(hooks[1].command == std::vector<std::string>{"hey", "-z", "1m", "http://web"});
    CHECK(hooks[2].command == std::vector<std::string>{"sh", "-c", "hey | tee log"});
    CHECK(hooks[3].command == std::vector<std::string>{"hey", "a b"});
}

TEST_CASE("what a Canary of Flagger leaves out", "[rollout][canary]") {
    const auto spec = read("apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\nspec:\n  targetRef: {name: web}\n"
                           "  service: {port: 80}\n  analysis: {}\n");
    CHECK(base::join({spec.ns, spec.provider, spec.target.api_version, spec.target.kind, spec.apex(), spec.service.port_name}, " ") ==
          "default istio apps/v1 Deployment web http");
    CHECK(base::format_duration(spec.progress_deadline) == "10m");
    CHECK(spec.service.target_port.is_null());
    const auto& analysis = spec.analysis;
    CHECK(fmt::format("{} {} {} {} {} {} {} {}", base::format_duration(analysis.interval), analysis.threshold, analysis.iterations,
                      analysis.max_weight, analysis.step_weight, analysis.mirror_weight, analysis.primary_ready_threshold,
                      analysis.budget.no_data) == "1m 1 0 0 0 100 100 0");
    CHECK_FALSE(spec.skip_analysis);
    CHECK(read(k_flagger).skip_analysis);
    CHECK(read(k_flagger + "  skipAnalysis: true\n  analysis: {}\n").skip_analysis);
}

TEST_CASE("a Canary of ours", "[rollout][canary]") {
    const auto spec = stages("{stages: [10, 50], successes: 3, maxFailures: 2, interval: 200ms, stepWeightPromotion: 25, budget: {noData: 1}}");
    CHECK(dialect_name(spec.dialect) == "stages");
    CHECK(spec.provider == "replicas");
    const auto& analysis = spec.analysis;
    CHECK(analysis.stages == std::vector<int>{10, 50});
    CHECK(fmt::format("{} {} {} {} {} {}", analysis.successes, analysis.max_failures, base::format_duration(analysis.interval),
                      analysis.step_weight_promotion, analysis.budget.no_data, analysis.budget.unreachable) == "3 2 200ms 25 1 5");
    const auto usual = read(k_stages);
    CHECK(usual.analysis.stages == std::vector<int>{5, 10, 25, 50, 100});
    CHECK_FALSE(usual.skip_analysis);
    CHECK(fmt::format("{} {} {} {}", usual.analysis.successes, usual.analysis.max_failures, base::format_duration(usual.analysis.interval),
                      usual.analysis.budget.no_data) == "1 0 1m 5");
}

TEST_CASE("the dialect is never guessed", "[rollout][canary]") {
    CHECK(stages("{threshold: 3, stepWeight: 5}").unknown == std::vector<std::string>{"spec.analysis.threshold", "spec.analysis.stepWeight"});
    CHECK(flagger("{successes: 3, stages: [5]}").unknown == std::vector<std::string>{"spec.analysis.successes", "spec.analysis.stages"});
    CHECK(said([] { read(head("flagger.app/v1")); }) ==
          "canary.yaml:1: expected a Canary of flagger.app/v1beta1 or gitopsctl.io/v1, found flagger.app/v1 Canary");
    CHECK(said([] { read("apiVersion: apps/v1\nkind: Deployment\n"); }) ==
          "canary.yaml:1: expected a Canary of flagger.app/v1beta1 or gitopsctl.io/v1, found apps/v1 Deployment");
    CHECK(is_canary(doc::read_yaml_one(k_stages)));
    CHECK_FALSE(is_canary(doc::read_yaml_one("apiVersion: flagger.app/v1beta1\nkind: MetricTemplate\n")));
}

TEST_CASE("strategies", "[rollout][canary]") {
    const auto strategy = [](const std::string& more) { return std::string(strategy_name(read(k_flagger + more).analysis.strategy)); };
    CHECK(strategy("  analysis: {stepWeight: 10}\n") == "canary");
    CHECK(strategy("  analysis: {iterations: 10}\n") == "blue-green");
    CHECK(strategy("  analysis: {iterations: 10, match: []}\n") == "blue-green");
    CHECK(strategy("  analysis: {iterations: 10, match: [{}]}\n") == "ab-testing");
    CHECK(strategy("  analysis: {match: [{}]}\n") == "canary");
    CHECK(strategy("  provider: kubernetes\n  analysis: {iterations: 3, match: [{}]}\n") == "blue-green");
    CHECK(strategy("  provider: kubernetes\n  analysis: {stepWeight: 10}\n") == "blue-green");
    CHECK(read(k_flagger + "  provider: kubernetes\n  analysis: {stepWeight: 10}\n").analysis.iterations == 10);
    CHECK(read(k_flagger + "  canaryAnalysis: {stepWeight: 10}\n").analysis.step_weight == 10);
}

TEST_CASE("Flagger's interval", "[rollout][canary]") {
    const auto interval = [](const std::string& text) { return base::format_duration(flagger("{interval: " + text + "}").analysis.interval); };
    CHECK(interval("10s") == "10s");
    CHECK(interval("9s") == "10s");
    CHECK(interval("-1m") == "10s");
    CHECK(interval("1h") == "1h");
    CHECK(interval("soon") == "1m");
    CHECK(interval("'30'") == "1m");  // Go wants a unit
    CHECK(interval("''") == "1m");
}

TEST_CASE("ranges that are left out", "[rollout][canary]") {
    const auto range = [](const std::string& metric) { return range_text(flagger("{metrics: [{" + metric + "}]}").analysis.metrics[0].range); };
    CHECK(range("name: request-success-rate") == "0..-");
    CHECK(range("name: request-success-rate, threshold: 99") == "99..-");
    CHECK(range("name: request-duration") == "-..0");
    CHECK(range("name: errors, threshold: 5, query: a") == "-..5");
    CHECK(range("name: errors, threshold: 5, thresholdRange: {}") == "-..-");
    CHECK(range("name: errors, threshold: 5, thresholdRange: {min: 0, max: 1}") == "0..1");
    CHECK(range("name: pairs, kind: paired, canaryOnly: a, baselineOnly: b") == "-..-");
    CHECK(range_text(stages("{metrics: [{name: request-duration}]}").analysis.metrics[0].range) == "-..-");
}

TEST_CASE("unknown fields are told with near names", "[rollout][canary]") {
    const auto spec = read(k_flagger + "  skipAnalysys: true\n  analysis:\n    treshold: 3\n    budget: {nodata: 1}\n"
                                       "    metrics: [{name: a, thresholdRange: {maximum: 5}, templateRef: {name: b, ns: c}}]\n"
                                       "    webhooks: [{name: a, url: b, tipe: event}]\n");
    CHECK(spec.unknown == std::vector<std::string>{"spec.analysis.budget.nodata (did you mean noData?)", "spec.analysis.metrics[0].thresholdRange.maximum",
                                                   "spec.analysis.metrics[0].templateRef.ns", "spec.analysis.webhooks[0].tipe (did you mean type?)",
                                                   "spec.analysis.treshold (did you mean threshold?)", "spec.skipAnalysys (did you mean skipAnalysis?)"});
}

TEST_CASE("what is wrong in a Canary is told with its place", "[rollout][canary]") {
    const auto wrong = [](const std::string& analysis) { return said([&] { flagger(analysis); }); };
    const auto wrong_stages = [](const std::string& analysis) { return said([&] { stages(analysis); }); };
    const std::string place = "canary.yaml:7: spec.analysis.";
    CHECK(wrong("{threshold: many}") == place + "threshold: expected a whole number, found a string");
    CHECK(wrong("{stepWeight: -1}") == place + "stepWeight: must be between 0 and 100, found -1");
    CHECK(wrong("{maxWeight: 101}") == place + "maxWeight: must be between 0 and 100, found 101");
    CHECK(wrong("{stepWeights: 5}") == place + "stepWeights: expected a list of at most 200 percentages");
    CHECK(wrong("{stepWeights: [a]}") == place + "stepWeights: expected a list of percentages");
    CHECK(wrong("{interval: 30}") == place + "interval: expected a string, found a number");
    CHECK(wrong("{match: {a: b}}") == place + "match: expected a list of conditions");
    CHECK(wrong("{method: sequentiel}") == place + "method: \"sequentiel\" is not known; it is one of threshold, sequential");
    CHECK(wrong("{metrics: [{interval: 1m}]}") == "canary.yaml: spec.analysis.metrics[0].name: missing");
    CHECK(wrong("{metrics: [{name: a, kind: share}]}") ==
          place + "metrics[0].kind: \"share\" is not known; it is one of threshold, proportion, ratio, latency, paired");
    CHECK(wrong("{metrics: [{name: a, kind: proportion, good: g}]}") ==
          "canary.yaml: spec.analysis.metrics[0].total: missing: the query of a counter");
    CHECK(wrong("{metrics: [{name: a, kind: latency, good: g, total: t}]}") ==
          "canary.yaml: spec.analysis.metrics[0].floor: missing: the least share, such as 0.99");
    CHECK(wrong("{metrics: [{name: a, templateRef: {namespace: b}}]}") == "canary.yaml: spec.analysis.metrics[0].templateRef.name: missing");
    CHECK(wrong("{webhooks: [{name: a}]}") == "canary.yaml: spec.analysis.webhooks[0].url: give either a url or a cmd");
    CHECK(wrong("{webhooks: [{name: a, url: b, cmd: c}]}") == place + "webhooks[0].url: give either a url or a cmd");
    CHECK(wrong("{webhooks: [{name: a, cmd: ' '}]}") == place + "webhooks[0].cmd: names no program");
    CHECK(wrong("{webhooks: [{name: a, url: b, timeout: long}]}") ==
          place + "webhooks[0].timeout: expected a duration such as 10s, found \"long\"");
    CHECK(wrong("{webhooks: [{name: a, url: b, timeout: 0s}]}") == place + "webhooks[0].timeout: expected a duration such as 10s, found \"0s\"");
    CHECK(wrong("{webhooks: [{name: a, url: b, type: prerollout}]}") ==
          place + "webhooks[0].type: \"prerollout\" is not known; it is one of confirm-rollout, pre-rollout, rollout, "
                  "confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event");
    CHECK(wrong_stages("{stages: [5, 5]}") == place + "stages: must rise, from 1 to 100 at the most");
    CHECK(wrong_stages("{stages: [5, 101]}") == place + "stages: must rise, from 1 to 100 at the most");
    CHECK(wrong_stages("{stages: [0]}") == place + "stages: must rise, from 1 to 100 at the most");
    CHECK(wrong_stages("{interval: 50ms}") == place + "interval: expected a duration of at least 100ms, such as 30s, found \"50ms\"");
    CHECK(wrong_stages("{metrics: [{name: a, threshold: 5}]}") == place + "metrics[0].threshold: use thresholdRange with min or max");
}

TEST_CASE("near names for a word that is not known", "[rollout][canary]") {
    try {
        flagger("{webhooks: [{name: a, url: b, type: prerollout}]}");
        FAIL();
    } catch (const base::Error& error) {
        CHECK(error.suggestions() == std::vector<std::string>{"pre-rollout", "rollout"});
    }
}

TEST_CASE("a Canary without its parts", "[rollout][canary]") {
    const std::string start = "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\n";
    CHECK(said([&] { read(start); }) == "canary.yaml: spec.targetRef.name: missing: the workload to roll out");
    CHECK(said([&] { read(start + "spec: {targetRef: {kind: Deployment}}"); }) == "canary.yaml: spec.targetRef.name: missing");
    CHECK(said([&] { read(start + "spec: {targetRef: {name: web}}"); }) ==
          "canary.yaml: spec.service.port: expected a port number, 1 to 65535");
    CHECK(said([&] { read(start + "spec: {targetRef: {name: web}, service: {port: 0}}"); }) ==
          "canary.yaml:4: spec.service.port: expected a port number, 1 to 65535");
    CHECK(said([&] { read(start + "spec: [a]"); }) == "canary.yaml:4: spec must be a map, found a list");
    CHECK(read(start + "spec: {targetRef: {kind: Service, name: web}, service: {port: 80}}").target.api_version == "v1");
}

TEST_CASE("the manifest is kept without its status", "[rollout][canary]") {
    CHECK(doc::write_json(read(k_stages + "status: {phase: Failed}\n").document) ==
          R"({"apiVersion":"gitopsctl.io/v1","kind":"Canary","metadata":{"name":"web","namespace":"prod"},)"
          R"("spec":{"targetRef":{"name":"web"},"service":{"port":80}}})");
}
