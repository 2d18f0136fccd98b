#include "core/rollout/metric_query.hpp"

#include <catch2/catch.hpp>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/rollout/promql_parts.hpp"
#include "core/rollout/query_template.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using namespace gitops::rollout;
using test::thrown;
using Lines = std::vector<std::string>;

namespace {

/// A Canary prod/web-release of the Deployment web; `more` are lines of its spec.
CanarySpec canary(const std::string& more, const std::string& metric = "name: request-success-rate",
                  const std::string& target = "kind: Deployment, name: web") {
    return read_canary(doc::read_yaml_one("apiVersion: flagger.app/v1beta1\nkind: Canary\n"
                                          "metadata: {name: web-release, namespace: prod}\nspec:\n  targetRef: {" +
                                          target + "}\n  service: {port: 80, name: shop}\n  analysis: {metrics: [{" + metric + "}]}\n" +
                                          more),
                       "canary.yaml");
}

QuerySettings as_flagger() {
    QuerySettings settings;
    settings.compat = Compat::flagger;
    return settings;
}

MetricTemplate shared(const std::string& query, const std::string& provider = "address: http://prom:9090") {
    return read_metric_template(doc::read_yaml_one("apiVersion: flagger.app/v1beta1\nkind: MetricTemplate\n"
                                                   "metadata: {name: errors, namespace: ops}\nspec:\n  provider: {" +
                                                   provider + "}\n  query: |\n" + query),
                                "templates.yaml");
}

/// The texts of all questions of the first metric.
Lines asked(const CanarySpec& spec, const MetricTemplate* with = nullptr, const QuerySettings& settings = {}) {
    Lines texts;
    for (const auto& query : queries_of(spec, spec.analysis.metrics.at(0), with, settings)) texts.push_back(query.text);
    return texts;
}

/// The built-in query of a provider, as its only line.
std::string builtin(const std::string& provider, const std::string& name, const QuerySettings& settings = {}) {
    return base::join(asked(canary("  provider: " + provider + "\n  ingressRef: {name: web-in}\n", "name: " + name), nullptr, settings),
                      "\n");
}

std::string filled(const std::string& text) {
    return fill_template(text, {{{"name", "web"}, {"target", "api"}}, {{"zone", "eu"}, {"a-b", "c"}}}, {"t.yaml", 10, 0});
}

Lines parts(const std::string& query) {
    Lines texts;
    for (const auto& part : parts_of(query)) texts.push_back((part.role == QueryPart::Role::numerator ? "* " : "/ ") + part.text);
    return texts;
}

}  // namespace

TEST_CASE("the success rate of every provider", "[metric_query]") {
    const auto is = [](const std::string& provider, const std::string& metric, const std::string& selector, const std::string& good) {
        INFO(provider);
        CHECK(builtin(provider, "request-success-rate") == "100 * sum(rate(" + metric + "{" + selector + "," + good +
                                                               "}[1m])) / sum(rate(" + metric + "{" + selector + "}[1m]))");
    };
    const std::string istio = R"(reporter="destination",destination_workload_namespace="prod",destination_workload=~"web")";
    const std::string pods = R"_(kubernetes_namespace="prod",kubernetes_pod_name=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)")_";
    const std::string envoy = "envoy_cluster_upstream_rq", envoy_good = R"(envoy_response_code!~"5.*")";
    is("istio", "istio_requests_total", istio, R"(response_code!~"5.*")");
    is("linkerd", "response_total", R"(namespace="prod",deployment=~"web",direction="inbound")", R"(classification!="failure")");
    is("kubernetes", "http_request_duration_seconds_count", pods, R"(status!~"5.*")");
    is("gatewayapi:v1", "http_request_duration_seconds_count", pods, R"(status!~"5.*")");
    is("gatewayapi:v1beta1", "http_request_duration_seconds_count", pods, R"(status!~"5.*")");
    is("appmesh", envoy, pods, envoy_good);
    is("appmesh:v1beta2", envoy, pods, envoy_good);
    is("contour", envoy, R"(envoy_cluster_name=~"prod_shop-canary_[0-9a-zA-Z-]+")", envoy_good);
    is("gloo", envoy, R"(envoy_cluster_name=~"prod-web-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+")", envoy_good);
    is("knative", envoy, R"(envoy_cluster_name=~"prod/web")", envoy_good);
    is("kuma", envoy, R"(service=~"web-canary_prod_svc_[0-9a-zA-Z-]+")", envoy_good);
    is("nginx", "nginx_ingress_controller_requests", R"(namespace="prod",ingress="web-in",canary!="")", R"(status!~"5.*")");
    is("osm", "osm_request_total", R"(destination_namespace="prod",destination_kind="Deployment",destination_name="web")",
       R"(response_code!~"5.*")");
    is("skipper", "skipper_response_duration_seconds_bucket",
       R"_(route=~"kube(ew)?_prod__web_in_canary__.*__shop_canary(_[0-9]+)?",le="+Inf")_", R"(code!~"5..")");
    is("traefik", "traefik_service_request_duration_seconds_bucket",
       R"(service=~"prod-web-canary-[0-9a-zA-Z-]+@kubernetescrd",le="+Inf")", R"(code!~"5..")");
    is("apisix", "apisix_http_status", R"(route=~"prod_web-web-canary_.+")", R"(code!~"5..")");
    // Words that silently are Istio's
    is("gatewayapi", "istio_requests_total", istio, R"(response_code!~"5.*")");
    is("smi:v1alpha2", "istio_requests_total", istio, R"(response_code!~"5.*")");
    is("anything", "istio_requests_total", istio, R"(response_code!~"5.*")");
}

TEST_CASE("the duration of requests: a quantile, a mean, and always milliseconds", "[metric_query]") {
    CHECK(builtin("istio", "request-duration") ==
          R"(histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="destination",)"
          R"(destination_workload_namespace="prod",destination_workload=~"web"}[1m]))))");
    CHECK(builtin("kubernetes", "request-duration") ==
          R"_(1000 * histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{kubernetes_namespace="prod",)_"
          R"_(kubernetes_pod_name=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}[1m]))))_");
    CHECK(builtin("nginx", "request-duration") ==
          R"(1000 * sum(rate(nginx_ingress_controller_response_duration_seconds_sum{namespace="prod",ingress="web-in",canary!=""}[1m])))"
          R"( / sum(rate(nginx_ingress_controller_response_duration_seconds_count{namespace="prod",ingress="web-in",canary!=""}[1m])))");
    CHECK(builtin("skipper", "request-duration") ==
          R"_(1000 * sum(rate(skipper_serve_route_duration_seconds_sum{route=~"kube(ew)?_prod__web_in_canary__.*__shop_canary(_[0-9]+)?"}[1m])))_"
          R"_( / sum(rate(skipper_serve_route_duration_seconds_count{route=~"kube(ew)?_prod__web_in_canary__.*__shop_canary(_[0-9]+)?"}[1m])))_");
    CHECK(builtin("traefik", "request-duration") ==
          R"(1000 * histogram_quantile(0.99, sum by (le) (rate(traefik_service_request_duration_seconds_bucket{)"
          R"(service=~"prod-web-canary-[0-9a-zA-Z-]+@kubernetescrd"}[1m]))))");
    CHECK(builtin("apisix", "request-duration") ==
          R"(histogram_quantile(0.99, sum by (le) (rate(apisix_http_latency_bucket{route=~"prod_web-web-canary_.+",type=~"request"}[1m]))))");
    const auto begins = [](const std::string& provider, const std::string& metric) {
        CHECK(builtin(provider, "request-duration").starts_with("histogram_quantile(0.99, sum by (le) (rate(" + metric + "{"));
    };
    begins("linkerd", "response_latency_ms_bucket");
    begins("osm", "osm_request_duration_ms_bucket");
    for (const char* envoy : {"appmesh", "contour", "gloo", "knative", "kuma"}) begins(envoy, "envoy_cluster_upstream_rq_time_bucket");
}

TEST_CASE("whole milliseconds are Flagger's, and only of the built-in duration", "[metric_query]") {
    const auto whole = [](const std::string& metric, const QuerySettings& settings) {
        const auto spec = canary("", metric);
        return queries_of(spec, spec.analysis.metrics.at(0), nullptr, settings).at(0).whole_millis;
    };
    CHECK(whole("name: request-duration", as_flagger()));
    CHECK_FALSE(whole("name: request-duration", {}));
    CHECK_FALSE(whole("name: request-success-rate", as_flagger()));
    CHECK_FALSE(whole("name: other, query: up", as_flagger()));
}

TEST_CASE("whose queries are asked for other targets, and beside a linkerd controller", "[metric_query]") {
    const auto family = [](const std::string& provider, const std::string& target, const QuerySettings& settings = {}) {
        return builtin_family(canary(provider.empty() ? "" : "  provider: " + provider + "\n", "name: request-duration", target), settings);
    };
    CHECK(family("contour", "kind: Deployment, name: web") == "contour");
    CHECK(family("contour", "kind: Service, name: web") == "istio");
    CHECK(family("kubernetes", "kind: Service, name: web") == "istio");
    CHECK(family("gloo", "kind: Service, name: web") == "gloo");
    CHECK(family("appmesh:v1beta1", "kind: Service, name: web") == "appmesh");
    CHECK(family("gatewayapi:v1", "kind: Service, name: web") == "gatewayapi:");
    CHECK(family("knative", "apiVersion: serving.knative.dev/v1, kind: Service, name: web") == "knative");
    QuerySettings linkerd;
    linkerd.mesh_provider = "smi:linkerd";
    CHECK(family("nginx", "kind: Deployment, name: web", linkerd) == "linkerd");
    CHECK(family("", "kind: Deployment, name: web", linkerd) == "istio");
    QuerySettings knative;
    knative.latest_revision = "web-00007";
    CHECK(builtin("knative", "request-success-rate", knative).find(R"("prod/web-00007")") != std::string::npos);
}

TEST_CASE("a check asks all that it says: by name, by query, by template", "[metric_query]") {
    const auto of_template = shared("    sum(errors{ns=\"{{ namespace }}\",\n      zone=\"{{ variables.zone }}\"}[{{ interval }}])\n");
    const auto spec = canary("", "name: request-success-rate, interval: 30s, query: 'up{job=\"{{ target }}\"}', "
                                 "templateRef: {name: errors, namespace: ops}, templateVariables: {zone: eu}");
    const auto queries = asked(spec, &of_template);
    REQUIRE(queries.size() == 3);
    CHECK(queries[0].ends_with(R"(destination_workload=~"web"}[30s])))"));
    CHECK(queries[1] == R"(up{job="web"})");
    CHECK(queries[2] == R"(sum(errors{ns="prod", zone="eu"}[30s]))");
    CHECK(asked(spec, &of_template, as_flagger()).at(1) == R"(up{job="{{ target }}"})");  // sent as it is
}

TEST_CASE("without an interval a template gets a minute, from Flagger nothing", "[metric_query]") {
    const auto of_template = shared("    # how many\n    rate(x[{{ interval }}])  # here\n    * 2\n");
    const auto spec = canary("", "name: mine, templateRef: {name: errors}");
    CHECK(asked(spec, &of_template) == Lines{"rate(x[1m]) * 2"});
    CHECK(asked(spec, &of_template, as_flagger()) == Lines{"# how many rate(x[]) # here * 2"});
}

TEST_CASE("all the words of a template", "[metric_query]") {
    const auto of_template = shared("    {{ name }} {{namespace}} {{ target }} {{ service }} {{ ingress }} {{ route }} {{ interval }}\n");
    const auto metric = std::string("name: mine, interval: 2m, templateRef: {name: errors}");
    CHECK(asked(canary("", metric), &of_template) == Lines{"web-release prod web shop web web 2m"});
    CHECK(asked(canary("  ingressRef: {name: in}\n  routeRef: {name: way}\n", metric), &of_template) ==
          Lines{"web-release prod web shop in way 2m"});
}

TEST_CASE("a name without query is a typing mistake", "[metric_query]") {
    const auto error = thrown([] { asked(canary("", "name: request-succes-rate")); });
    CHECK(error.code() == base::Code::invalid);
    CHECK(error.message() == "the metric request-succes-rate has no query");
    CHECK(error.suggestions() == Lines{"request-success-rate"});
    CHECK(error.notes() == Lines{"in metric request-succes-rate of Canary prod/web-release"});
    CHECK(error.hint_text() ==
          "built in are request-success-rate and request-duration; any other name needs a query or a templateRef");
    QuerySettings played;
    played.answers = AnsweredBy::played_back;
    CHECK(asked(canary("", "name: accuracy"), nullptr, played) == Lines{"accuracy"});
    CHECK(asked(canary("", "name: accuracy, templateRef: {name: errors}"), nullptr, played) == Lines{"accuracy"});
    const auto missing = thrown([] { asked(canary("", "name: accuracy, templateRef: {name: errors}")); });
    CHECK(missing.code() == base::Code::not_found);
    CHECK(missing.message() == "there is no MetricTemplate prod/errors");
}

TEST_CASE("the counters of a sequential check are filled in too", "[metric_query]") {
    auto spec = canary("");
    MetricCheck check{.name = "accuracy", .interval = "", .range = {}};
    check.queries = {{"good", "sum(ok{app=\"{{ target }}\"})"}, {"total", "sum(all[{{ interval }}])"}};
    CHECK(counter_queries(spec, check) ==
          std::map<std::string, std::string>{{"good", "sum(ok{app=\"web\"})"}, {"total", "sum(all[1m])"}});
}

TEST_CASE("the actions of a template", "[metric_query]") {
    CHECK(filled("a {{ name }}-{{target}} b") == "a web-api b");
    CHECK(filled("{{ variables.zone }}{{ index variables \"a-b\" }}") == "euc");
    CHECK(filled("a \n{{- name -}}\n b {{ \"{{\" }} {{ `}}` }} {{/* }} no */}}.") == "awebb {{ }} .");
    CHECK(filled("{{ \"a\\\"b\" }}") == "a\"b");
    CHECK(filled("a {{- /* gone */ -}} b") == "ab");
    CHECK(filled("no action } {") == "no action } {");
}

TEST_CASE("what a template cannot say", "[metric_query]") {
    const auto told = [](const std::string& text) {
        const auto error = thrown([&] { filled(text); });
        return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message() + " | " + error.hint_text() +
               " | " + base::join(error.suggestions(), ",");
    };
    const std::string known = "known are name, target, variables.KEY; pipes and other functions are not";
    CHECK(told("x\ny {{ tarjet }}") == "t.yaml:11: {{ tarjet }} cannot be filled in | " + known + " | target");
    CHECK(told("{{ name | printf \"%s\" }}") == "t.yaml:10: {{ name | printf \"%s\" }} cannot be filled in | " + known + " | ");
    CHECK(told("{{ variables.zome }}") ==
          "t.yaml:10: there is no variable \"zome\" | set it under templateVariables of the metric | zone");
    CHECK(told("{{ .Variables.zone }}") ==
          "t.yaml:10: {{ .Variables.zone }} cannot be filled in | write {{ variables.zone }}: there is no dot before variables | ");
    CHECK(told("{{ }}") == "t.yaml:10: {{ }} says nothing |  | ");
    CHECK(told("a\n{{ name") == "t.yaml:11: {{ is never closed by }} |  | ");
    CHECK(told("{{ \"}}") == "t.yaml:10: {{ is never closed by }} |  | ");
    CHECK(told("{{/* }}") == "t.yaml:10: {{ is never closed by }} |  | ");
}

TEST_CASE("an error in a template names its line in the file", "[metric_query]") {
    const auto of_template = shared("    sum(\n      {{ nme }})\n");
    const auto error = thrown([&] { asked(canary("", "name: mine, templateRef: {name: errors}"), &of_template); });
    CHECK(error.place().file == "templates.yaml");
    CHECK(error.place().line == 8);
    CHECK(error.notes() == Lines{"in MetricTemplate ops/errors", "in metric mine of Canary prod/web-release"});
}

TEST_CASE("a template is read with its provider", "[metric_query]") {
    const auto read = shared("    up\n", "type: prometheus, address: 'https://prom/x', insecureSkipVerify: true, secretRef: {name: cred}, "
                                         "headers: {X-Scope-OrgID: [a, b], X-One: c}");
    CHECK(read.name == "errors");
    CHECK(read.ns == "ops");
    CHECK(read.address == "https://prom/x");
    CHECK(read.secret == "cred");
    CHECK(read.skip_tls_verify);
    CHECK(read.headers ==
          std::vector<std::pair<std::string, std::string>>{{"X-Scope-OrgID", "a"}, {"X-Scope-OrgID", "b"}, {"X-One", "c"}});
    CHECK(thrown([] { shared("    up\n", "headers: [a]"); }).message() ==
          "spec.provider.headers: expected a map of lists of texts");
    CHECK(thrown([] { shared("    \n"); }).message() == "spec.query: missing");
    CHECK(thrown([] { shared("    up\n", "secretRef: {}"); }).message() == "spec.provider.secretRef.name: missing");
    const auto other = thrown([] {
        read_metric_template(doc::read_yaml_one("apiVersion: v1\nkind: Secret\nmetadata: {name: x}"), "t.yaml");
    });
    CHECK(other.message() == "expected a MetricTemplate of flagger.app/v1beta1, found v1 Secret");
}

namespace {

const MetricSource k_default{"prometheus", "http://default:9090", {}, "default-token"};

/// "address token user:password" of where the only question of `spec` goes.
std::string asked_at(const CanarySpec& spec, const MetricTemplate* with, const MetricSource& otherwise, const std::string& secret = "",
                     Compat compat = Compat::none) {
    const auto& check = spec.analysis.metrics.at(0);
    const auto query = queries_of(spec, check, with).at(0);
    const auto document = secret.empty() ? doc::Value() : doc::read_yaml_one(secret);
    const auto source = source_of(spec, check, query, with, otherwise, secret.empty() ? nullptr : &document, compat);
    return source.type + " " + source.address + " " + source.bearer_token + " " + source.username + ":" + source.password +
           (source.skip_tls_verify ? " unverified" : "");
}

std::string refusal(const CanarySpec& spec, const MetricTemplate* with, const MetricSource& otherwise, const std::string& secret = "") {
    return thrown([&] { asked_at(spec, with, otherwise, secret); }).message();
}

}  // namespace

TEST_CASE("where a metric is asked for", "[metric_query]") {
    CHECK(asked_at(canary(""), nullptr, k_default) == "prometheus http://default:9090 default-token :");
    // The default's token is not shown to another server.
    CHECK(asked_at(canary("  metricsServer: http://mine\n"), nullptr, k_default) == "prometheus http://mine  :");
    CHECK(asked_at(canary("  metricsServer: http://mine\n  insecureSkipVerify: true\n"), nullptr, k_default) ==
          "prometheus http://mine  : unverified");
    CHECK(asked_at(canary("  metricsServer: http://default:9090\n"), nullptr, k_default) ==
          "prometheus http://default:9090 default-token :");
    CHECK(asked_at(canary("  metricsServer: http://mine\n"), nullptr, {"script", "play.yaml"}) == "script play.yaml  :");
    CHECK(refusal(canary(""), nullptr, {}) == "no metrics server is known");
}

TEST_CASE("a template brings its own server and credentials", "[metric_query]") {
    const auto spec = canary("  metricsServer: http://mine\n", "name: a, templateRef: {name: errors, namespace: ops}");
    const auto plain = shared("    up\n"), guarded = shared("    up\n", "address: http://prom, secretRef: {name: cred}");
    const std::string secret = "kind: Secret\napiVersion: v1\n";
    CHECK(asked_at(spec, &plain, k_default) == "prometheus http://prom:9090  :");
    CHECK(asked_at(spec, &guarded, k_default, secret + "data: {token: " + base::base64_encode("abc\n") + "}") ==
          "prometheus http://prom abc :");
    CHECK(asked_at(spec, &guarded, k_default, secret + "stringData: {username: ann, password: pw}") ==
          "prometheus http://prom  ann:pw");
    CHECK(refusal(spec, &guarded, k_default, secret + "stringData: {username: ann}") ==
          "Secret ops/cred holds neither a token nor a username and password");
    CHECK(refusal(spec, &guarded, k_default) == "Secret ops/cred is not there");
    const auto nowhere = shared("    up\n", "type: prometheus");
    CHECK(refusal(spec, &nowhere, k_default) == "MetricTemplate ops/errors has no address");
}

TEST_CASE("providers that cannot be asked are refused, words Flagger takes for Prometheus only outside its mode", "[metric_query]") {
    const auto spec = canary("", "name: a, templateRef: {name: errors, namespace: ops}");
    const auto datadog = shared("    up\n", "type: datadog, address: 'http://x'"),
               typo = shared("    up\n", "type: promethues, address: 'http://x'");
    CHECK(refusal(spec, &datadog, k_default) == "the provider \"datadog\" of MetricTemplate ops/errors cannot be asked");
    CHECK(thrown([&] { asked_at(spec, &typo, k_default); }).suggestions() == Lines{"prometheus"});
    CHECK(asked_at(spec, &typo, k_default, "", Compat::flagger) == "prometheus http://x  :");
    CHECK(thrown([&] { asked_at(spec, &datadog, k_default, "", Compat::flagger); }).code() == base::Code::invalid);
}

TEST_CASE("a quotient is taken apart", "[metric_query]") {
    CHECK(parts("100 * sum(rate(a{b=\"/\"}[1m])) / sum(rate(c[1m]))") ==
          Lines{"* sum(rate(a{b=\"/\"}[1m]))", "/ sum(rate(c[1m]))"});
    CHECK(parts("(a / on (x) group_left (y) b) * 100") == Lines{"* a", "/ b"});
    CHECK(parts("a / ignoring(x) (b)") == Lines{"* a", "/ b"});
    CHECK(parts("a / (b / c)") == Lines{"* a", "/ b", "* c"});
    CHECK(parts("((a)) / # the rest\n b") == Lines{"* a", "/ b"});
    CHECK(parts("sum by (le) (x) * 1e-3 / 0.5 / y offset 5m") == Lines{"* sum by (le) (x)", "/ y offset 5m"});
    CHECK(parts("a / 'it''s'") == Lines{"* a", "/ 'it''s'"});
    CHECK(parts("sum(a / b)").empty());
    CHECK(parts("a / b > 0").empty());
    CHECK(parts("a / b or vector(0)").empty());
    CHECK(parts("(a - b) / c") == Lines{"* a - b", "/ c"});
    CHECK(parts("a - b / c").empty());
    CHECK(parts("100 * a").empty());
    CHECK(parts("a /").empty());
    CHECK(parts("a / (b").empty());
    CHECK(parts("a / b)").empty());
    CHECK(parts("a / {b=\"}").empty());
    CHECK(parts("").empty());
    CHECK(parts("a/b/c/d/e/f/g/h").size() == 8);
    CHECK(parts("a/b/c/d/e/f/g/h/i").empty());
    CHECK(parts(std::string(100'000, '(') + "a / b" + std::string(100'000, ')')).empty());
}
