// Readings of a real Prometheus, and the checks and explanations made of them.
#include <catch2/catch.hpp>

#include "core/backend/prometheus.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/rollout/metric_check.hpp"
#include "core/rollout/metric_query.hpp"
#include "tests/metrics/real_prometheus.hpp"

using namespace gitops;
using namespace gitops::rollout;
using test::eventually;
using test::has_prometheus;
using test::RealPrometheus;
using test::shared_prometheus;
using test::text_of;
using Kind = Reading::Kind;

namespace {

/// A Canary prod/NAME of a Deployment of that name with one metric.
CanarySpec canary(const std::string& name, const std::string& metric, const std::string& provider = "istio") {
    return read_canary(doc::read_yaml_one("apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: " + name +
                                          ", namespace: prod}\nspec:\n  provider: " + provider +
                                          "\n  targetRef: {kind: Deployment, name: " + name +
                                          "}\n  service: {port: 80}\n  analysis: {metrics: [{" + metric + ", interval: 10s}]}\n"),
                       "canary.yaml");
}

/// A series of Istio's for a workload of namespace prod.
std::string istio(const std::string& metric, const std::string& workload, const std::string& label) {
    return metric + R"({reporter="destination",destination_workload_namespace="prod",destination_workload=")" + workload + "\"," +
           label + "}";
}

MetricQuery query_of(const CanarySpec& spec) { return queries_of(spec, spec.analysis.metrics.at(0), nullptr).at(0); }

CheckResult checked(RealPrometheus& server, const CanarySpec& spec) {
    return judge(spec.analysis.metrics.at(0), query_of(spec), server.ask(query_of(spec).text));
}

/// The first result that has a value: a rate needs two scrapes.
CheckResult first_value(RealPrometheus& server, const CanarySpec& spec) {
    CheckResult result;
    eventually([&] {
        result = checked(server, spec);
        return result.value.has_value();
    });
    return result;
}

std::string explained(RealPrometheus& server, const CanarySpec& spec) {
    std::vector<PartReading> parts;
    for (auto& part : parts_of(query_of(spec).text)) {
        auto reading = server.ask(part.text);
        parts.push_back({std::move(part), std::move(reading)});
    }
    return explain_no_data(spec.analysis.metrics.at(0), query_of(spec), parts);
}

}  // namespace

TEST_CASE("values, no data, NaN and infinity of a real server", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    server.exporter.set("accuracy{app=\"web\"}", "97.25");
    server.exporter.set("zero", "0");
    server.exporter.set("unknown_share", "NaN");
    CHECK(text_of(server.ask_until("accuracy{app=\"web\"}", Kind::value)) == "97.25");
    CHECK(text_of(server.ask_until("zero", Kind::value)) == "0");
    CHECK(text_of(server.ask("vector(1)")) == "1");
    CHECK(text_of(server.ask("scalar(accuracy) + 1")) == "98.25");
    CHECK(text_of(server.ask("accuracy{app=\"nobody\"}")) == "no data: no series matches");
    CHECK(text_of(server.ask("zero / zero")) == "NaN: NaN: 0 divided by 0, as without any request");
    CHECK(text_of(server.ask_until("unknown_share", Kind::not_a_number)) == "NaN: NaN: 0 divided by 0, as without any request");
    CHECK(text_of(server.ask("(zero + 1) / zero")) == "inf");
    CHECK(text_of(server.ask("-1 / zero")) == "-inf");
}

TEST_CASE("of several series the last one counts", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    for (const char* pod : {"a", "b", "c"}) server.exporter.set("load{pod=\"" + std::string(pod) + "\"}", "5");
    CHECK(eventually([&] { return text_of(server.ask("load")) == "5 (3 series; the last one counts)"; }));
    CHECK(text_of(server.ask("sum(load)")) == "15");
}

TEST_CASE("a real server refuses what is no query, and says why", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    server.exporter.set("accuracy{app=\"web\"}", "97.25");
    server.ask_until("accuracy", Kind::value);
    CHECK(text_of(server.ask("accuracy[1m]")) ==
          "refused: the query gives a range of values; take one of it, as with last_over_time(...)");
    CHECK(text_of(server.ask("\"text\"")) == "refused: the query gives a string, not a number");
    const auto error = text_of(server.ask("sum(rate(accuracy[]))"));
    CHECK(error.starts_with("refused: the metrics server refuses the query (400): invalid parameter \"query\": "));
    CHECK(text_of(server.ask("")).starts_with("refused: the metrics server refuses the query (400): "));
}

TEST_CASE("the success rate of a canary that fails now and then", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    server.exporter.grow({{istio("istio_requests_total", "shop", "response_code=\"200\""), 96},
                          {istio("istio_requests_total", "shop", "response_code=\"404\""), 1},
                          {istio("istio_requests_total", "shop", "response_code=\"503\""), 3}});
    const auto strict = canary("shop", "name: request-success-rate, thresholdRange: {min: 99}");
    const auto mild = canary("shop", "name: request-success-rate, thresholdRange: {min: 96.9}");
    const auto failed = first_value(server, strict), passed = first_value(server, mild);
    CHECK(failed.verdict == Verdict::fail);
    CHECK(failed.value.value_or(0) == Approx(97));
    CHECK(failed.detail == "97.00 < 99.00");
    CHECK(passed.verdict == Verdict::pass);
}

TEST_CASE("the duration is a quantile of the buckets", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    const std::string metric = "istio_request_duration_milliseconds_bucket";
    server.exporter.grow({{istio(metric, "shop", "le=\"100\""), 98},
                          {istio(metric, "shop", "le=\"300\""), 100},
                          {istio(metric, "shop", "le=\"+Inf\""), 100}});
    const auto spec = canary("shop", "name: request-duration, thresholdRange: {max: 150}");
    const auto result = first_value(server, spec);
    CHECK(result.value.value_or(0) == Approx(200));  // 99 of 100: half way from 100 to 300
    CHECK(result.detail == "200.00 > 150.00");
}

TEST_CASE("a canary that answers only 5xx is told from one without traffic", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    server.exporter.grow({{istio("istio_requests_total", "broken", "response_code=\"500\""), 10},
                          {istio("istio_requests_total", "idle", "response_code=\"200\""), 0}});
    const auto broken = canary("broken", "name: request-success-rate"), idle = canary("idle", "name: request-success-rate"),
               absent = canary("absent", "name: request-success-rate");
    REQUIRE(eventually([&] { return explained(server, broken) == "the numerator has no series: the canary answers only 5xx"; }));
    CHECK(checked(server, broken).verdict == Verdict::no_data);
    REQUIRE(eventually([&] { return explained(server, idle) == "no traffic: the denominator is 0 over the whole window"; }));
    CHECK(text_of(server.ask(query_of(idle).text)) == "NaN: NaN: 0 divided by 0, as without any request");
    CHECK(checked(server, idle).verdict == Verdict::no_data);
    CHECK(explained(server, absent) == "no traffic, or other labels: neither numerator nor denominator has a series");
    CHECK(checked(server, absent).detail == "no series matches");
}

TEST_CASE("a real server understands the built-in queries of every provider", "[metrics]") {
    if (!has_prometheus()) return;
    auto& server = shared_prometheus();
    for (const char* provider : {"istio", "linkerd", "kubernetes", "gatewayapi:v1", "replicas", "appmesh", "contour", "gloo", "knative",
                                 "kuma", "nginx", "osm", "skipper", "traefik", "apisix"})
        for (const char* name : {"request-success-rate", "request-duration"}) {
            INFO(provider << " " << name);
            const auto spec = canary("nowhere", "name: " + std::string(name), provider);
            CHECK(text_of(server.ask(query_of(spec).text)) == "no data: no series matches");
            for (const auto& part : parts_of(query_of(spec).text)) CHECK(text_of(server.ask(part.text)) == "no data: no series matches");
        }
}

TEST_CASE("a guarded server wants its credentials", "[metrics]") {
    if (!has_prometheus()) return;
    RealPrometheus server({"ann", "open sesame", "$2b$04$D71SuD8bGDxzWS08aLlAjOixaP8gq2cfUdJTiPEoBeWVxPdE9TgGm"});
    backend::PrometheusMetrics metrics;
    const auto ask = [&](const std::string& username, const std::string& password, const std::string& token = "") {
        MetricSource source = server.source();
        source.username = username;
        source.password = password;
        source.bearer_token = token;
        return text_of(metrics.read({"test", "vector(7)", source, {}}, {}));
    };
    const std::string refusal = "refused: the metrics server refuses the credentials (401): it answered the text \"Unauthorized\"";
    CHECK(ask("ann", "open sesame") == "7");
    CHECK(ask("", "") == refusal);
    CHECK(ask("ann", "wrong") == refusal);
    CHECK(ask("ann", "open sesame", "a-token") == refusal);  // a token goes before name and password
}

TEST_CASE("a server that was stopped is unreachable", "[metrics]") {
    if (!has_prometheus()) return;
    RealPrometheus server;
    CHECK(text_of(server.ask("vector(1)")) == "1");
    server.stop();
    CHECK(text_of(server.ask("vector(1)")) == "unreachable: cannot connect to " + server.address() + ": connection refused");
}
