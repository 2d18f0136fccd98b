#include "core/rollout/lint.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "step_lab.hpp"

using namespace step_lab;

namespace {

const std::string k_metric = "metrics: [{name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}]";

/// What is found of a severity, a line each: "8 spec.analysis.interval: message (hint)".
std::string found(const CanarySpec& spec, Severity severity) {
    std::string text;
    for (const auto& finding : lint(spec))
        if (finding.severity == severity)
            text += fmt::format("{} {}: {}{}\n", finding.line, finding.field, finding.message,
                                finding.hint.empty() ? "" : " (" + finding.hint + ")");
    return text;
}
std::string errors(const CanarySpec& spec) { return found(spec, Severity::error); }
std::string warnings(const CanarySpec& spec) { return found(spec, Severity::warning); }
std::string infos(const CanarySpec& spec) { return found(spec, Severity::info); }

CanarySpec steps(const std::string& analysis) { return flagger("{interval: 10s, " + k_metric + ", " + analysis + "}"); }
CanarySpec metric(const std::string& text) { return flagger("{interval: 10s, stepWeight: 10, metrics: [{" + text + "}]}"); }
CanarySpec on(const std::string& provider, const std::string& analysis) {
    return flagger("{interval: 10s, " + k_metric + ", " + analysis + "}", "  provider: " + provider + "\n");
}

}  // namespace

TEST_CASE("a Canary without a fault, and how its run differs from Flagger's", "[rollout][lint]") {
    const auto spec = steps("stepWeight: 10, maxWeight: 50, threshold: 5");
    CHECK(errors(spec).empty());
    CHECK(warnings(spec).empty());
    CHECK(infos(spec) == "7 spec.analysis.threshold: the last tolerated failure rolls back at once; Flagger does it one interval later\n"
                         "5 spec.targetRef: a target that is put back under way ends the run; Flagger goes on with it\n"
                         "5 spec.targetRef: a primary that breaks while it is promoted gets its earlier template back; Flagger leaves it broken\n");
    const auto ours = stages("{maxFailures: 2, " + k_metric + "}");
    CHECK(lint(ours).empty());
}

TEST_CASE("findings come by severity, and as JSON", "[rollout][lint]") {
    const auto findings = lint(flagger("{interval: 5s, threshold: 2, metrics: [{name: a}]}"));
    std::string severities;
    for (const auto& finding : findings) severities += severity_name(finding.severity).substr(0, 1);
    CHECK(severities == "eewwiii");
    CHECK(doc::write_json(to_value(findings[0])) ==
          R"({"severity":"error","field":"spec.analysis","message":"no step leads to any traffic","hint":"give stepWeight, stepWeights or iterations","line":7})");
    CHECK(doc::write_json(to_value(findings.back())) ==
          R"({"severity":"info","field":"spec.targetRef","message":"a primary that breaks while it is promoted gets its earlier template back; )"
          R"(Flagger leaves it broken","hint":null,"line":5})");
}

TEST_CASE("lint: fields nothing reads", "[rollout][lint]") {
    const auto spec = read_canary(doc::read_yaml_one("apiVersion: gitopsctl.io/v1\n"
                                                     "kind: Canary\n"
                                                     "metadata: {name: web}\n"
                                                     "spec:\n"
                                                     "  targetRef: {name: web}\n"
                                                     "  service:\n"
                                                     "    port: 80\n"
                                                     "    gatway: x\n"
                                                     "    hosts: [a]\n"
                                                     "  analysis:\n"
                                                     "    maxFailures: 1\n"
                                                     "    stepWeights: [5]\n"
                                                     "    metrics:\n"
                                                     "    - name: request-duration\n"
                                                     "      thresholdRange:\n"
                                                     "        max: 5\n"
                                                     "        mni: 5\n"),
                                  "canary.yaml");
    CHECK(warnings(spec) == "17 spec.analysis.metrics[0].thresholdRange.mni: nothing reads this field (did you mean min?)\n"
                            "12 spec.analysis.stepWeights: nothing reads this field\n"
                            "8 spec.service.gatway: nothing reads this field (did you mean gateways?)\n");
}

TEST_CASE("lint: steps", "[rollout][lint]") {
    CHECK(errors(steps("stepWeight: 10, stepWeights: [10, 20], threshold: 2")) ==
          "7 spec.analysis.stepWeights: stepWeight and stepWeights are given: Flagger's own definition allows one of them (keep one)\n");
    CHECK(errors(steps("iterations: 2, stepWeight: 10")) ==
          "7 spec.analysis.stepWeight: iterations and stepWeight are given: Flagger's own definition allows one of them (keep one)\n");
    const std::string nowhere = "7 spec.analysis: no step leads to any traffic (give stepWeight, stepWeights or iterations)\n";
    CHECK(errors(steps("threshold: 2")) == nowhere);
    CHECK(errors(steps("maxWeight: 50")) == nowhere);
    CHECK(errors(steps("stepWeights: [0]")) == nowhere);
    CHECK(warnings(steps("stepWeights: [20, 10, 50]")) ==
          "7 spec.analysis.stepWeights: the weights do not rise: Flagger stays at 20 % for ever, here 10 is left out "
          "(list them from the smallest to the largest)\n");
    CHECK(warnings(steps("stepWeights: [10, 50], maxWeight: 20")) ==
          "7 spec.analysis.maxWeight: the end of stepWeights counts, maxWeight does not (remove it)\n");
    CHECK(infos(steps("stepWeight: 20, maxWeight: 50, threshold: 2"))
              .starts_with("7 spec.analysis.maxWeight: it is where promotion begins and no cap: steps of 20 reach 60 %\n"));
    CHECK(infos(steps("stepWeights: [10, 200], threshold: 2"))
              .starts_with("7 spec.analysis.stepWeights: 200 is more than everything: 100 is meant\n"
                           "7 spec.analysis.stepWeights: at 100 % the new revision serves everybody before it is promoted\n"));
    CHECK(infos(steps("stepWeight: 50"))
              .starts_with("7 spec.analysis.maxWeight: at 100 % the new revision serves everybody before it is promoted\n"
                           "7 spec.analysis.threshold: one failed check rolls back: with few requests in a window one bad answer can do that\n"));
}

TEST_CASE("lint: providers", "[rollout][lint]") {
    CHECK(errors(on("gatewayapi", "iterations: 5")) ==
          "7 spec.provider: without a version Flagger takes it for Istio: its routes and its queries (write gatewayapi:v1)\n"
          "6 spec.service.gatewayRefs: missing: an HTTPRoute belongs to a Gateway (name the Gateway)\n");
    CHECK(errors(on("isito", "iterations: 5")) == "7 spec.provider: \"isito\" is no provider; Flagger takes it for Istio (did you mean istio?)\n");
    CHECK(errors(on("nginx", "iterations: 5")) == "5 spec.ingressRef: missing: nginx copies an Ingress (name the Ingress of the target)\n");
    CHECK(errors(on("apisix", "iterations: 5")) == "5 spec.routeRef: missing: apisix copies an ApisixRoute (name the route of the target)\n");
    CHECK(warnings(on("kubernetes", "stepWeight: 5")) ==
          "8 spec.analysis.stepWeight: provider kubernetes cannot shift weights: it is checked 10 times and then promoted "
          "(use iterations, or a provider that has routes)\n");
    CHECK(warnings(on("kubernetes", "iterations: 5, match: [{}]")) ==
          "8 spec.analysis.match: provider kubernetes has no routes to match with: ignored\n");
    CHECK(infos(on("replicas", "iterations: 5")).starts_with("7 spec.provider: replicas is this program's: Flagger takes it for Istio\n"));
    CHECK(errors(stages("{}", "  provider: kubernetes\n")) ==
          "7 spec.provider: kubernetes cannot shift weights, and stages are nothing but weights (use replicas, or a provider that has routes)\n");
    for (const auto* provider : {"istio", "linkerd", "traefik", "contour", "smi:v1alpha2", "gatewayapi:v1beta1"})
        CHECK(errors(on(provider, "iterations: 5")) ==
              (std::string(provider).starts_with("gatewayapi")
                   ? "6 spec.service.gatewayRefs: missing: an HTTPRoute belongs to a Gateway (name the Gateway)\n"
                   : ""));
}

TEST_CASE("lint: mirroring", "[rollout][lint]") {
    CHECK(warnings(steps("stepWeight: 5, mirror: true")).empty());
    CHECK(warnings(on("linkerd", "stepWeight: 5, mirror: true")) ==
          "8 spec.analysis.mirror: linkerd mirrors nothing in a canary run: Flagger stays at weight 0 for ever, here it is ignored "
          "(mirroring needs istio, or gatewayapi:v1 with iterations)\n");
    CHECK(warnings(on("linkerd", "iterations: 5, mirror: true")) ==
          "8 spec.analysis.mirror: linkerd mirrors nothing in a blue-green run: ignored (mirroring needs istio, or gatewayapi:v1 with iterations)\n");
    CHECK(warnings(stages("{maxFailures: 1, mirror: true, match: [], " + k_metric + "}")) ==
          "7 spec.analysis.match: stages shift weights and match nothing: ignored\n"
          "7 spec.analysis.mirror: stages mirror nothing: ignored\n");
}

TEST_CASE("lint: intervals", "[rollout][lint]") {
    const auto with = [](const std::string& interval) { return flagger("{interval: " + interval + ", stepWeight: 10, " + k_metric + "}"); };
    CHECK(warnings(with("5s")) == "7 spec.analysis.interval: \"5s\" is shorter than 10 s, which is taken instead (write 10s)\n");
    CHECK(errors(with("soon")) == "7 spec.analysis.interval: \"soon\" is no duration: 60 s is taken instead (write it like 30s or 1m)\n");
    CHECK(errors(with("'30'")) == "7 spec.analysis.interval: \"30\" is no duration: 60 s is taken instead (write it like 30s or 1m)\n");
    CHECK(errors(with("1h")) ==
          "7 spec.analysis.interval: \"1h\": Flagger's own definition allows only digits with m or s (write it in seconds or minutes)\n");
    CHECK(errors(with("2m")).empty());
    CHECK(infos(flagger("{stepWeight: 10, " + k_metric + "}")).starts_with("7 spec.analysis.interval: not given: 60 s\n"));
}

TEST_CASE("lint: metrics", "[rollout][lint]") {
    CHECK(errors(metric("name: request-sucess-rate, thresholdRange: {min: 99}")) ==
          "7 spec.analysis.metrics[0].name: \"request-sucess-rate\" is not built in, and has neither query nor templateRef: every check of it "
          "fails (did you mean request-success-rate?)\n");
    CHECK(warnings(stages("{maxFailures: 1, metrics: [{name: accuracy, thresholdRange: {min: 99}}]}")) ==
          "7 spec.analysis.metrics[0].name: \"accuracy\" is not built in, and has neither query nor templateRef: only a played-back file can "
          "answer (give a query or a templateRef)\n");
    CHECK(warnings(metric("name: request-duration, templateRef: {name: t}, thresholdRange: {max: 9}")) ==
          "7 spec.analysis.metrics[0].templateRef: \"request-duration\" is built in: both its query and the template's are checked (give it "
          "another name)\n"
          "7 spec.analysis.metrics[0].interval: missing: a template has no interval by itself, its {{ interval }} is empty (write interval: 1m)\n");
    CHECK(warnings(metric("name: request-duration, thresholdRange: {}")) ==
          "7 spec.analysis.metrics[0].thresholdRange: without min and max everything passes (give one of them)\n");
    CHECK(errors(metric("name: request-duration, thresholdRange: {min: 5, max: 1}")) ==
          "7 spec.analysis.metrics[0].thresholdRange: min is above max: nothing passes (swap them)\n");
    CHECK(warnings(metric("name: request-duration, thresholdRange: {max: 0.5}")) ==
          "7 spec.analysis.metrics[0].thresholdRange: Flagger cuts latencies to whole milliseconds: 0.5 counts as 0 (use whole milliseconds, or "
          "a query of your own)\n");
    CHECK(warnings(metric("name: request-duration")) ==
          "7 spec.analysis.metrics[0].thresholdRange: missing: everything above 0 fails (give min or max)\n");
    CHECK(warnings(metric("name: request-success-rate")) ==
          "7 spec.analysis.metrics[0].thresholdRange: missing: every success rate passes (give min or max)\n");
    CHECK(infos(metric("name: request-duration, threshold: 500"))
              .find("7 spec.analysis.metrics[0].threshold: deprecated (write thresholdRange with max)\n") != std::string::npos);
    CHECK(warnings(metric("name: a, query: q, thresholdRange: {max: 1}}, {name: a, query: r, thresholdRange: {max: 1}")) ==
          "7 spec.analysis.metrics[1].name: \"a\" is there twice (rename one)\n");
}

TEST_CASE("lint: nothing that could fail", "[rollout][lint]") {
    CHECK(warnings(flagger("{interval: 10s, stepWeight: 5}")) ==
          "7 spec.analysis.metrics: no metrics: time alone promotes (add request-success-rate or a query)\n");
    CHECK(warnings(flagger("{interval: 10s, stepWeight: 5, webhooks: [{name: a, url: b}]}")) ==
          "7 spec.analysis.metrics: no metrics: only the rollout hooks can fail (add request-success-rate or a query)\n");
    CHECK(warnings(flagger("{interval: 10s, stepWeight: 5}", "  skipAnalysis: true\n")) ==
          "7 spec.skipAnalysis: new revisions are promoted unchecked, as soon as their Pods are ready\n");
}

TEST_CASE("lint: counters", "[rollout][lint]") {
    const std::string counter = "metrics: [{name: a, kind: proportion, good: g, total: t, floor: ";
    CHECK(warnings(flagger("{interval: 10s, stepWeight: 5, " + counter + "0.99}]}")) ==
          "7 spec.analysis.metrics[0].kind: counters are weighed only with method: sequential (set spec.analysis.method)\n");
    CHECK(errors(flagger("{interval: 10s, stepWeight: 5, method: sequential, " + counter + "99}]}")) ==
          "7 spec.analysis.metrics[0].floor: 99 is no share (write 0.99 for 99 percent)\n");
    CHECK(warnings(steps("stepWeight: 5, method: sequential")) ==
          "7 spec.analysis.method: sequential tests need counters: no metric has any (give a metric a kind with its queries)\n");
}

TEST_CASE("lint: alerts, gates, and what is deprecated", "[rollout][lint]") {
    CHECK(warnings(steps("stepWeight: 5, alerts: [{name: a, severity: warn}, {name: b}]")) ==
          "7 spec.analysis.alerts[1].severity: without a severity Flagger sends nothing (write info, warn or error)\n");
    CHECK(infos(steps("stepWeight: 5, webhooks: [{name: a, url: u, type: pre-rollout}, {name: b, url: u, type: confirm-traffic-increase}]"))
              .ends_with("7 spec.analysis.webhooks: pre-rollout hooks run once; Flagger runs them again while the first step up is held\n"));
    const auto old = read_canary(doc::read_yaml_one("apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\nspec:\n"
                                                    "  targetRef: {name: web}\n  service: {port: 80}\n"
                                                    "  canaryAnalysis: {interval: 5s, stepWeight: 5, " + k_metric + "}\n"),
                                 "canary.yaml");
    CHECK(warnings(old) == "7 spec.canaryAnalysis: deprecated; Flagger crashes when it looks for stepWeightPromotion here (rename it to analysis)\n"
                           "7 spec.canaryAnalysis.interval: \"5s\" is shorter than 10 s, which is taken instead (write 10s)\n");
}
