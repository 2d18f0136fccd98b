#include "core/backend/api_answer.hpp"

#include <array>

#include "core/backend/server_words.hpp"
#include "core/doc/json.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr std::size_t k_longest_status = 1U << 20;  ///< bytes of an error's body that are read as JSON
constexpr std::string_view k_wrong_address = "is this the address of a Kubernetes API server?";

struct FailingStatus {
    int status;
    std::string_view name;
    Trouble trouble;
    bool maybe_done;
};
constexpr std::array k_failing{FailingStatus{429, "Too Many Requests", Trouble::throttled, false},
                               FailingStatus{500, "Internal Server Error", Trouble::failing, true},
                               FailingStatus{502, "Bad Gateway", Trouble::overloaded, true},
                               FailingStatus{503, "Service Unavailable", Trouble::overloaded, true},
                               FailingStatus{504, "Gateway Timeout", Trouble::overloaded, true}};

/// null when it is no JSON object within the limits. What is wrong with it is not told: that would quote it.
Value read_object(std::string_view body) {
    try {
        Value value = doc::read_json(body);
        return value.is_map() ? value : Value();
    } catch (const Error&) {
        return {};
    }
}

bool looks_like_json(std::string_view body) {
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != body.npos && body[first] == '{';
}

/// "https://host:6443 answered 503 (Service Unavailable): the server is shutting down"
Failed failing(const io::HttpResponse& response, const FailingStatus& known, const std::string& server, base::Time now) {
    std::string text = server + " answered " + std::to_string(response.status);
    if (!known.name.empty()) text += " (" + std::string(known.name) + ")";
    const bool is_json = looks_like_json(response.body) && response.body.size() <= k_longest_status;
    const std::string words = is_json ? server_words(read_object(response.body).text_at("message")) : std::string();
    if (!words.empty()) text += ": " + words;
    else if (!response.body.empty() && !is_json) text += " with " + describe_body(response.body);
    // The API server's own words for a store that elects a new leader: it passes in a few seconds.
    const bool passes = words.find("etcdserver: ") != words.npos;
    return {Error(Code::unavailable, text), passes ? Trouble::overloaded : known.trouble,
            parse_retry_after(response.header("retry-after"), now), known.maybe_done};
}

/// A refusal that API servers give the status 500: an apply of what the kind's schema does not allow.
std::optional<Value> refused_document(const io::HttpResponse& response) {
    if (response.status != 500 || response.body.size() > k_longest_status) return std::nullopt;
    const Value body = read_object(response.body);
    const std::string_view words = body.text_at("message");
    return words.starts_with("failed to create typed patch object") ? std::optional(body) : std::nullopt;
}

/// An answer that is not of an API server, or not the whole of it.
Failed not_json(const io::HttpResponse& response, const std::string& server) {
    const bool cut_off = looks_like_json(response.body) || response.body.empty();
    Error error(Code::unavailable, server + " answered " + std::to_string(response.status) + " with " +
                                       describe_body(response.body) + " instead of a JSON object");
    error.hint(cut_off ? "a proxy on the way may cut answers off" : k_wrong_address);
    return {std::move(error), cut_off ? std::optional(Trouble::garbled) : std::nullopt, std::nullopt, true};
}

Failed redirected(const io::HttpResponse& response, const std::string& server) {
    const std::string_view location = response.header("location");
    Error error(Code::unavailable, server + " answered " + std::to_string(response.status) + ", a redirect to " +
                                       server_words(location.substr(0, location.find_first_of("?#")), 200));
    error.hint(k_wrong_address);
    return {std::move(error), std::nullopt, std::nullopt, false};
}

}  // namespace

Answer judge(io::HttpResponse&& response, const std::string& server, base::Time now) {
    const int status = response.status;
    if (status == 401) return Refused{};
    if (auto refused = refused_document(response))
        return ApiResponse{422, std::move(*refused), false, "application/json"};
    for (const FailingStatus& known : k_failing)
        if (known.status == status) return failing(response, known, server, now);
    if (status >= 500) {
        Failed failed = failing(response, {status, "", Trouble::failing, true}, server, now);
        failed.trouble.reset();
        return failed;
    }
    if (status >= 300 && status < 400) return redirected(response, server);

    ApiResponse answer;
    answer.status = status;
    answer.content_type = response.header("content-type");
    const bool success = status < 300;
    if (response.body.empty() && (!success || status > 200)) return answer;
    if (is_html(response.body)) return not_json(response, server);
    answer.body = read_object(response.body);
    if (!answer.body.is_null()) return answer;
    if (success || looks_like_json(response.body)) return not_json(response, server);
    answer.body = Value(server_words(response.body));  // "404 page not found"
    return answer;
}

Failed judge(const io::HttpError& error, bool reached) {
    const bool unsent = error.reached() == io::HttpError::Reached::not_sent;
    Failed failed{error, std::nullopt, std::nullopt, !unsent};
    if (error.code() != Code::unavailable) return failed;
    failed.trouble = !unsent ? Trouble::broken : reached ? Trouble::unreached : Trouble::never_reached;
    return failed;
}

}  // namespace gitops::backend
