#include "core/backend/prometheus.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/backend/api_client.hpp"
#include "core/backend/server_words.hpp"
#include "core/backend/two_clients.hpp"
#include "core/base/digest.hpp"
#include "core/base/redact.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using doc::Value;
using rollout::MetricRequest;
using rollout::MetricSource;
using rollout::Reading;
using Kind = Reading::Kind;

constexpr std::string_view k_query_path = "/api/v1/query?query=";
constexpr std::size_t k_most_answer = std::size_t{4} << 20;  ///< bytes of a body
constexpr std::size_t k_words = 300;                         ///< bytes of the server's sentence
constexpr std::size_t k_shortest_secret = 4;                 ///< shorter ones would blot out ordinary words

Reading refused(std::string detail) { return {Kind::refused, 0, std::move(detail)}; }

/// The address may end with a path, with or without a slash; what comes behind that is not ours to keep.
std::string query_url(std::string_view address, std::string_view query) {
    address = address.substr(0, address.find_first_of("?#"));
    while (address.ends_with('/')) address.remove_suffix(1);
    return std::string(address) + std::string(k_query_path) + url_encode(query);
}

std::string authorization(const MetricSource& source) {
    if (!source.bearer_token.empty()) return "Bearer " + source.bearer_token;
    if (source.username.empty() && source.password.empty()) return {};
    return "Basic " + base::base64_encode(source.username + ":" + source.password);
}

std::vector<io::HttpHeader> headers_of(const MetricSource& source, const std::string& user_agent) {
    std::vector<io::HttpHeader> headers{{"Accept", "application/json"}, {"User-Agent", user_agent}};
    const std::string credentials = authorization(source);
    for (const auto& [name, value] : source.headers) {
        const std::string lowered = base::lower(name);
        const bool is_ours = lowered == "accept" || lowered == "host" || (lowered == "authorization" && !credentials.empty());
        if (lowered == "user-agent") headers[1].value = value;
        else if (!is_ours) headers.push_back({name, value});
    }
    if (!credentials.empty()) headers.push_back({"Authorization", credentials});
    return headers;
}

/// What a server said, without what it may have repeated of our secrets.
std::string without_secrets(std::string text, const MetricSource& source) {
    std::vector<std::string> secrets{authorization(source), source.bearer_token, source.password};
    for (const auto& [name, value] : source.headers) secrets.push_back(value);
    for (const std::string& secret : secrets) {
        if (secret.size() < k_shortest_secret) continue;
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3)) text.replace(at, secret.size(), "***");
    }
    return base::redact(text);
}

std::optional<double> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// [<seconds>, "<value>"]
Reading read_sample(const Value* sample) {
    const bool is_pair = sample != nullptr && sample->is_list() && sample->size() == 2 && sample->items()[1].is_string();
    const auto value = is_pair ? number(sample->items()[1].text()) : std::nullopt;
    if (!value) return refused("the answer holds a sample that is no number");
    if (std::isnan(*value)) return {Kind::not_a_number, 0, "NaN: 0 divided by 0, as without any request"};
    return {Kind::value, *value, ""};
}

Reading read_vector(const Value& series) {
    if (series.empty()) return {Kind::no_data, 0, "no series matches"};
    Reading reading = read_sample(series.items().back().find("value"));
    const bool one_of_many = series.size() > 1 && reading.kind == Kind::value;
    if (one_of_many) reading.detail = std::to_string(series.size()) + " series; the last one counts";
    return reading;
}

/// "partial response", as Thanos warns when a store did not answer.
void add_warnings(Reading& reading, const Value& answer) {
    const Value* warnings = answer.find("warnings");
    if (warnings == nullptr || warnings->items().empty()) return;
    const std::string words = server_words(warnings->items().front().text(), k_words);
    if (!words.empty()) reading.detail += (reading.detail.empty() ? "the server warns: " : "; the server warns: ") + words;
}

Reading read_result(const Value& answer) {
    const Value* data = answer.find("data");
    const Value* result = data == nullptr ? nullptr : data->find("result");
    const std::string_view type = data == nullptr ? std::string_view() : data->text_at("resultType");
    if (result == nullptr || !result->is_list()) return refused("the answer is not one of Prometheus's API");
    if (type == "vector") return read_vector(*result);
    if (type == "scalar") return read_sample(result);
    if (type == "matrix") return refused("the query gives a range of values; take one of it, as with last_over_time(...)");
    return refused("the query gives a " + server_words(type, 40) + ", not a number");
}

/// The server's own sentence, when it is a Prometheus that speaks; else what came instead.
std::string sentence_of(std::string_view body) {
    try {
        const Value answer = doc::read_json(body);
        const std::string words = server_words(answer.text_at("error"), k_words);
        if (!words.empty()) return words;
        const std::string message = server_words(answer.text_at("message"), k_words);
        if (!message.empty()) return message;
    } catch (const base::Error&) {
        // Proxies answer in pages.
    }
    return "it answered " + describe_body(body);
}

Reading judge_status(const io::HttpResponse& response, const MetricSource& source) {
    const std::string status = std::to_string(response.status);
    if (response.status == 200) {
        Reading reading = read_prometheus_answer(response.body);
        reading.detail = without_secrets(std::move(reading.detail), source);
        return reading;
    }
    const std::string words = without_secrets(sentence_of(response.body), source);
    if (response.status == 429 || response.status >= 500)
        return {Kind::unreachable, 0, "the metrics server cannot answer now (" + status + "): " + words};
    if (response.status == 401 || response.status == 403)
        return refused("the metrics server refuses the credentials (" + status + "): " + words);
    if (response.status >= 300 && response.status < 400)
        return refused("the metrics server sends elsewhere (" + status + "): give the address it has moved to");
    return refused("the metrics server refuses the query (" + status + "): " + words);
}

io::HttpOptions http_options(const PrometheusOptions& options) {
    io::HttpOptions made;
    made.ca_pem = options.ca_pem;
    made.proxy_url = options.proxy_url;
    made.connect_timeout = options.timeout;
    made.max_body = k_most_answer;
    return made;
}

}  // namespace

Reading read_prometheus_answer(std::string_view body) {
    Value answer;
    try {
        answer = doc::read_json(body);
    } catch (const base::Error&) {
        return refused("the metrics server answered with " + describe_body(body));
    }
    if (answer.text_at("status") != "success") {
        const std::string words = server_words(answer.text_at("error"), k_words);
        if (words.empty()) return refused("the answer is not one of Prometheus's API");
        return refused("the metrics server refuses the query: " + words);
    }
    Reading reading = read_result(answer);
    add_warnings(reading, answer);
    return reading;
}

struct PrometheusMetrics::State {
    explicit State(PrometheusOptions asked) : options(std::move(asked)), clients(http_options(options)) {}
    PrometheusOptions options;
    TwoClients clients;
};

PrometheusMetrics::PrometheusMetrics(PrometheusOptions options) : m_state(std::make_unique<State>(std::move(options))) {}
PrometheusMetrics::~PrometheusMetrics() = default;

Reading PrometheusMetrics::read(const MetricRequest& request, std::stop_token stop) {
    const MetricSource& source = request.source;
    io::HttpRequest sent;
    sent.url = query_url(source.address, request.query);
    sent.timeout = m_state->options.timeout;
    try {
        sent.headers = headers_of(source, m_state->options.user_agent);
        auto& client = m_state->clients.client(source.skip_tls_verify ? io::TlsVerify::no : io::TlsVerify::yes);
        return judge_status(client.send(sent, std::move(stop)), source);
    } catch (const base::Error& error) {
        if (error.code() == Code::cancelled) throw;
        const bool is_final = error.code() == Code::invalid || error.code() == Code::denied;
        return {is_final ? Kind::refused : Kind::unreachable, 0, without_secrets(error.message(), source)};
    }
}

}  // namespace gitops::backend
