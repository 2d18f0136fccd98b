// Where a metric is asked for; declared in metric_query.hpp.
#include <algorithm>
#include <optional>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/rollout/metric_query.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_prometheus = "prometheus";

/// Providers of Flagger that are asked in other ways.
const std::vector<std::string> k_other_types{"cloudwatch", "datadog",  "dynatrace", "externalmetrics", "graphite",
                                             "influxdb",   "keptn",    "newrelic",  "splunk",          "stackdriver"};

std::string named(const MetricTemplate& shared) { return "MetricTemplate " + shared.ns + "/" + shared.name; }

std::optional<std::string> secret_text(const Value& secret, std::string_view key) {
    if (const Value* plain = secret.path("stringData", key); plain != nullptr && plain->is_string())
        return std::string(plain->text());
    const Value* coded = secret.path("data", key);
    return coded == nullptr || !coded->is_string() ? std::nullopt : base::base64_decode(coded->text());
}

/// A file made with an editor ends with a line break, which no header may hold.
std::string without_end_of_line(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

void add_credentials(MetricSource& source, const MetricTemplate& shared, const Value* secret) {
    const std::string name = "Secret " + shared.ns + "/" + shared.secret;
    if (secret == nullptr) {
        Error error(Code::not_found, name + " is not there");
        error.note("it holds the credentials of " + named(shared));
        throw error;
    }
    if (auto token = secret_text(*secret, "token")) {
        source.bearer_token = without_end_of_line(std::move(*token));
        return;
    }
    auto username = secret_text(*secret, "username"), password = secret_text(*secret, "password");
    if (!username || !password) {
        Error error(Code::invalid, name + " holds neither a token nor a username and password");
        error.note("it is meant to hold the credentials of " + named(shared));
        throw error;
    }
    source.username = without_end_of_line(std::move(*username));
    source.password = without_end_of_line(std::move(*password));
}

/// Flagger takes any word it does not know for Prometheus.
void check_type(const MetricTemplate& shared, Compat compat) {
    if (shared.type == k_prometheus) return;
    const bool is_other = std::ranges::find(k_other_types, shared.type) != k_other_types.end();
    if (!is_other && compat == Compat::flagger) return;
    Error error(Code::invalid, "the provider \"" + shared.type + "\" of " + named(shared) + " cannot be asked");
    if (!is_other) error.suggest(base::near_names(shared.type, {std::string(k_prometheus)}));
    throw error.hint("only prometheus can, and what speaks its API: Thanos, Mimir, VictoriaMetrics");
}

MetricSource shared_source(const MetricTemplate& shared, const Value* secret, Compat compat) {
    check_type(shared, compat);
    MetricSource source{std::string(k_prometheus), shared.address};
    source.headers = shared.headers;
    source.skip_tls_verify = shared.skip_tls_verify;
    if (!shared.secret.empty()) add_credentials(source, shared, secret);
    return source;
}

MetricSource server_of(const CanarySpec& spec, const MetricSource& otherwise) {
    if (spec.metrics_server.empty() || spec.metrics_server == otherwise.address) return otherwise;
    MetricSource source{std::string(k_prometheus), spec.metrics_server};
    const Value* skips = spec.document.path("spec", "insecureSkipVerify");
    source.skip_tls_verify = skips != nullptr && skips->as_bool();
    return source;
}

}  // namespace

MetricSource source_of(const CanarySpec& spec, const MetricCheck& check, const MetricQuery& query,
                       const MetricTemplate* shared, const MetricSource& otherwise, const Value* secret, Compat compat) {
    if (!otherwise.type.empty() && otherwise.type != k_prometheus) return otherwise;
    const bool is_shared = query.origin == QueryOrigin::shared && shared != nullptr;
    MetricSource source = is_shared ? shared_source(*shared, secret, compat) : server_of(spec, otherwise);
    source.type = k_prometheus;
    if (!source.address.empty()) return source;
    Error error(Code::invalid, is_shared ? named(*shared) + " has no address" : "no metrics server is known");
    error.note("in metric " + check.name + " of Canary " + spec.ns + "/" + spec.name);
    throw error.hint(is_shared ? "set spec.provider.address" : "set spec.metricsServer, or name one with --metrics");
}

}  // namespace gitops::rollout
