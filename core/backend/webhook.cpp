#include "core/backend/webhook.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/backend/retry.hpp"
#include "core/backend/server_words.hpp"
#include "core/backend/two_clients.hpp"
#include "core/base/redact.hpp"
#include "core/base/text.hpp"
#include "core/io/subprocess.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using rollout::HookAnswer;
using rollout::HookCall;

constexpr int k_last_success = 202;
constexpr std::size_t k_most_answer = std::size_t{8} << 20;   ///< bytes of a body
constexpr std::size_t k_most_output = std::size_t{16} << 20;  ///< bytes a command may say
constexpr std::size_t k_detail = 512;                         ///< bytes that are kept of either
constexpr Duration k_usual_timeout{10'000};
constexpr Duration k_first_wait{1'000}, k_longest_wait{30'000}, k_longest_asked{300'000};

std::string one_line(std::string_view text) { return base::redact(server_words(text, k_detail)); }

Duration timeout_of(const HookCall& call) { return call.timeout > Duration(0) ? call.timeout : k_usual_timeout; }

/// What one attempt came to.
struct Attempt {
    HookAnswer answer;
    bool may_repeat = false;
    std::optional<Duration> asked{};  ///< Retry-After
};

bool is_passing_trouble(int status) { return status == 429 || (status >= 500 && status != 501); }

Attempt judge(const io::HttpResponse& response, base::Time now) {
    Attempt attempt;
    const std::string words = one_line(response.body);
    attempt.answer.passed = response.status <= k_last_success;
    attempt.may_repeat = is_passing_trouble(response.status);
    if (response.status == 429 || response.status == 503) attempt.asked = parse_retry_after(response.header("Retry-After"), now);
    if (attempt.answer.passed) attempt.answer.detail = words;
    else attempt.answer.detail = "status " + std::to_string(response.status) + (words.empty() ? "" : ": " + words);
    return attempt;
}

/// After 1 s, 2 s, 4 s, ...
Duration wait_after(int tries, const std::optional<Duration>& asked) {
    if (asked) return std::min(*asked, k_longest_asked);
    Duration wait = k_first_wait;
    for (int i = 1; i < tries && wait < k_longest_wait; ++i) wait *= 2;
    return std::min(wait, k_longest_wait);
}

std::string_view search_path(const std::vector<std::string>& environment) {
    constexpr std::string_view k_path = "PATH=";
    for (const std::string_view entry : environment)
        if (entry.starts_with(k_path)) return entry.substr(k_path.size());
    return {};
}

std::string program_of(const std::string& command, const std::vector<std::string>& environment) {
    if (command.find('/') != std::string::npos) return command;
    if (auto found = io::find_program(command, search_path(environment))) return *found;
    throw Error(Code::not_found, "cannot run " + command + ": it is in no folder of $PATH");
}

/// The end of what it said counts: there the reason stands.
std::string last_words(std::string_view text) {
    text = base::trim(text);
    if (text.size() <= k_detail) return one_line(text);
    text.remove_prefix(text.size() - k_detail);
    // Not from the middle of a word, nor of a UTF-8 sequence.
    if (const auto blank = text.find_first_of(" \n"); blank < k_detail / 2) text.remove_prefix(blank);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80) text.remove_prefix(1);
    return "... " + one_line(text);
}

io::HttpOptions http_options(const WebhookOptions& options) {
    io::HttpOptions made;
    made.ca_pem = options.ca_pem;
    made.proxy_url = options.proxy_url;
    made.max_body = k_most_answer;
    return made;
}

}  // namespace

struct WebhookCaller::State {
    State(WebhookOptions asked, std::shared_ptr<base::Clock> time)
        : options(std::move(asked)), clock(std::move(time)), clients(http_options(options)) {}

    HookAnswer run_command(const HookCall& call, std::stop_token stop) const;
    HookAnswer post(const HookCall& call, const std::stop_token& stop);
    Attempt try_once(const HookCall& call, const std::stop_token& stop);

    WebhookOptions options;
    std::shared_ptr<base::Clock> clock;
    TwoClients clients;
};

HookAnswer WebhookCaller::State::run_command(const HookCall& call, std::stop_token stop) const {
    io::Subprocess subprocess;
    subprocess.arguments.assign(call.command.begin() + 1, call.command.end());
    subprocess.environment = options.environment;
    subprocess.input = call.body;
    subprocess.most_output = k_most_output;
    subprocess.patience = timeout_of(call);
    try {
        subprocess.program = program_of(call.command.front(), options.environment);
        const auto result = io::run_subprocess(subprocess, std::move(stop));
        if (result.status == 0) return {true, last_words(result.out)};
        const std::string words = last_words(base::trim(result.err).empty() ? result.out : result.err);
        return {false, "exit status " + std::to_string(result.status) + (words.empty() ? "" : ": " + words)};
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        return {false, error.message()};
    }
}

Attempt WebhookCaller::State::try_once(const HookCall& call, const std::stop_token& stop) {
    io::HttpRequest request;
    request.method = "POST";
    request.url = call.url;
    request.headers = {{"Content-Type", "application/json"}, {"User-Agent", options.user_agent}};
    request.body = call.body;
    request.timeout = timeout_of(call);
    try {
        auto& client = clients.client(call.skip_tls_verify ? io::TlsVerify::no : io::TlsVerify::yes);
        return judge(client.send(request, stop), clock->now());
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        return {{false, error.message()}, error.code() == Code::unavailable};
    }
}

HookAnswer WebhookCaller::State::post(const HookCall& call, const std::stop_token& stop) {
    for (int tries = 1;; ++tries) {
        Attempt attempt = try_once(call, stop);
        if (!attempt.may_repeat) return std::move(attempt.answer);
        if (tries > call.retries) {
            if (tries > 1) attempt.answer.detail = "after " + std::to_string(tries) + " attempts: " + attempt.answer.detail;
            return std::move(attempt.answer);
        }
        if (!clock->sleep_for(wait_after(tries, attempt.asked), stop)) throw Error(Code::cancelled, "stopped");
    }
}

WebhookCaller::WebhookCaller(WebhookOptions options, std::shared_ptr<base::Clock> clock)
    : m_state(std::make_unique<State>(std::move(options), std::move(clock))) {}
WebhookCaller::~WebhookCaller() = default;

HookAnswer WebhookCaller::call(const HookCall& call, std::stop_token stop) {
    return call.command.empty() ? m_state->post(call, stop) : m_state->run_command(call, std::move(stop));
}

}  // namespace gitops::backend
