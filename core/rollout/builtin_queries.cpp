// The table of metric names and labels is that of Flagger v1.44 (pkg/metrics/observers), facts only.
#include "core/rollout/builtin_queries.hpp"

#include <algorithm>
#include <array>

#include "core/rollout/metric_query.hpp"

namespace gitops::rollout {

namespace {

enum class Shape {
    p99,   ///< of a histogram
    mean,  ///< sum / count
};
enum class Match { whole, prefix };

struct Family {
    std::string_view name;
    Match match;
    std::string_view requests;     ///< counter of requests
    std::string_view selector;
    std::string_view only_requests;  ///< more labels of the counter, each with its comma
    std::string_view good;         ///< label of the requests that did not fail
    Shape shape;
    std::string_view duration;     ///< histogram's buckets, or the stem of _sum and _count
    std::string_view only_duration;
    bool in_seconds;
};

constexpr std::string_view k_pods =
    R"_(kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)")_";
constexpr std::string_view k_envoy = "envoy_cluster_upstream_rq", k_envoy_time = "envoy_cluster_upstream_rq_time_bucket";
constexpr std::string_view k_envoy_good = R"(envoy_response_code!~"5.*")";
constexpr std::string_view k_http = "http_request_duration_seconds_count", k_http_time = "http_request_duration_seconds_bucket";
constexpr std::string_view k_status_good = R"(status!~"5.*")", k_code_good = R"(code!~"5..")";

// clang-format off
constexpr std::array k_families{
    Family{"istio", Match::whole, "istio_requests_total",
           R"(reporter="destination",destination_workload_namespace="{{ namespace }}",destination_workload=~"{{ target }}")", "",
           R"(response_code!~"5.*")", Shape::p99, "istio_request_duration_milliseconds_bucket", "", false},
    Family{"linkerd", Match::whole, "response_total",
           R"(namespace="{{ namespace }}",deployment=~"{{ target }}",direction="inbound")", "",
           R"(classification!="failure")", Shape::p99, "response_latency_ms_bucket", "", false},
    Family{"kubernetes", Match::whole, k_http, k_pods, "", k_status_good, Shape::p99, k_http_time, "", true},
    Family{"gatewayapi:", Match::prefix, k_http, k_pods, "", k_status_good, Shape::p99, k_http_time, "", true},
    Family{"replicas", Match::whole, k_http, k_pods, "", k_status_good, Shape::p99, k_http_time, "", true},
    Family{"appmesh", Match::prefix, k_envoy, k_pods, "", k_envoy_good, Shape::p99, k_envoy_time, "", false},
    Family{"contour", Match::whole, k_envoy, R"(envoy_cluster_name=~"{{ namespace }}_{{ service }}-canary_[0-9a-zA-Z-]+")", "",
           k_envoy_good, Shape::p99, k_envoy_time, "", false},
    Family{"gloo", Match::prefix, k_envoy,
           R"(envoy_cluster_name=~"{{ namespace }}-{{ target }}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+")", "",
           k_envoy_good, Shape::p99, k_envoy_time, "", false},
    Family{"knative", Match::whole, k_envoy, R"(envoy_cluster_name=~"{{ namespace }}/{{ route }}")", "",
           k_envoy_good, Shape::p99, k_envoy_time, "", false},
    Family{"kuma", Match::whole, k_envoy, R"(service=~"{{ target }}-canary_{{ namespace }}_svc_[0-9a-zA-Z-]+")", "",
           k_envoy_good, Shape::p99, k_envoy_time, "", false},
    Family{"nginx", Match::whole, "nginx_ingress_controller_requests",
           R"(namespace="{{ namespace }}",ingress="{{ ingress }}",canary!="")", "",
           k_status_good, Shape::mean, "nginx_ingress_controller_response_duration_seconds", "", true},
    Family{"osm", Match::whole, "osm_request_total",
           R"(destination_namespace="{{ namespace }}",destination_kind="Deployment",destination_name="{{ target }}")", "",
           R"(response_code!~"5.*")", Shape::p99, "osm_request_duration_ms_bucket", "", false},
    Family{"skipper", Match::whole, "skipper_response_duration_seconds_bucket",
           R"_(route=~"kube(ew)?_{{ namespace }}__{{ ingress }}_canary__.*__{{ service }}_canary(_[0-9]+)?")_", R"(,le="+Inf")",
           k_code_good, Shape::mean, "skipper_serve_route_duration_seconds", "", true},
    Family{"traefik", Match::whole, "traefik_service_request_duration_seconds_bucket",
           R"(service=~"{{ namespace }}-{{ target }}-canary-[0-9a-zA-Z-]+@kubernetescrd")", R"(,le="+Inf")",
           k_code_good, Shape::p99, "traefik_service_request_duration_seconds_bucket", "", true},
    Family{"apisix", Match::whole, "apisix_http_status",
           R"(route=~"{{ namespace }}_{{ route }}-{{ target }}-canary_.+")", "",
           k_code_good, Shape::p99, "apisix_http_latency_bucket", R"(,type=~"request")", false},
};
// clang-format on

/// Skipper's names of routes have '_' for everything that is no word character.
void to_route_words(QueryWords& words) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (const char* name : {"name", "namespace", "target", "service", "ingress"})
        for (char& c : words.functions[name])
            if (!is_word(c)) c = '_';
}

std::string rate_of(std::string_view metric, const std::string& labels) {
    return "sum(rate(" + std::string(metric) + "{" + labels + "}[{{ interval }}]))";
}

std::string success_rate(const Family& family) {
    const std::string all = std::string(family.selector) + std::string(family.only_requests);
    return "100 * " + rate_of(family.requests, all + "," + std::string(family.good)) + " / " + rate_of(family.requests, all);
}

std::string duration(const Family& family) {
    const std::string labels = std::string(family.selector) + std::string(family.only_duration);
    const std::string factor = family.in_seconds ? "1000 * " : "";
    const std::string metric(family.duration);
    if (family.shape == Shape::mean) return factor + rate_of(metric + "_sum", labels) + " / " + rate_of(metric + "_count", labels);
    return factor + "histogram_quantile(0.99, sum by (le) (rate(" + metric + "{" + labels + "}[{{ interval }}])))";
}

bool fits(const Family& family, std::string_view provider) {
    return family.match == Match::whole ? provider == family.name : provider.starts_with(family.name);
}

}  // namespace

bool is_builtin_metric(std::string_view name) { return name == k_success_rate || name == k_duration; }

std::string_view family_of_provider(std::string_view provider) {
    const auto found = std::ranges::find_if(k_families, [&](const Family& family) { return fits(family, provider); });
    return found == k_families.end() ? k_families.front().name : found->name;
}

std::optional<std::string> builtin_query(std::string_view name, std::string_view family, QueryWords words) {
    if (!is_builtin_metric(name)) return std::nullopt;
    const auto found = std::ranges::find(k_families, family, &Family::name);
    const Family& wanted = found == k_families.end() ? k_families.front() : *found;
    if (wanted.name == "skipper") to_route_words(words);
    return fill_template(name == k_success_rate ? success_rate(wanted) : duration(wanted), words);
}

}  // namespace gitops::rollout
