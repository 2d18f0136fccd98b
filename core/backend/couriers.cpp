#include "core/backend/couriers.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "core/backend/server_words.hpp"
#include "core/backend/two_clients.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/redact.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/io/mail.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using notify::Letter;
using notify::Service;

constexpr std::string_view k_slack = "https://slack.com/api";
constexpr std::size_t k_words = 512;  ///< of an answer that are told
constexpr std::size_t k_most_threads = 10'000;  ///< then all are forgotten, and the next message begins one anew
constexpr std::size_t k_most_answer = std::size_t{1} << 20;

io::TlsVerify verify_unless(bool skipped) { return skipped ? io::TlsVerify::no : io::TlsVerify::yes; }

Error refusal(const std::string& who, const io::HttpResponse& answer) {
    const auto words = base::redact(server_words(answer.body, k_words));
    const bool denied = answer.status == 401 || answer.status == 403;
    return {denied ? Code::denied : Code::unavailable,
            who + " answered with status " + std::to_string(answer.status) + (words.empty() ? "" : ": " + words)};
}

/// A JSON list that a template wrote.
Value list_of(const std::string& text, const std::string& what) {
    auto list = doc::read_json(text, what);
    if (!list.is_list()) throw Error(Code::invalid, what + " must be a JSON list");
    return list;
}

Value slack_message(const Letter& letter) {
    const auto& slack = letter.service.slack;
    auto message = Value::map({{"channel", letter.recipient.address}, {"text", letter.message}});
    if (!slack.username.empty()) message.set("username", slack.username);
    if (!slack.icon.empty()) message.set(slack.icon.starts_with(':') ? "icon_emoji" : "icon_url", slack.icon);
    if (!letter.attachments.empty()) message.set("attachments", list_of(letter.attachments, "slack.attachments"));
    if (!letter.blocks.empty()) message.set("blocks", list_of(letter.blocks, "slack.blocks"));
    return message;
}

/// Slack says no with status 200.
void expect_taken(const Value& said, const Letter& letter) {
    const auto* ok = said.find("ok");
    if (ok != nullptr && ok->as_bool()) return;
    throw Error(Code::denied, "Slack did not take the message for " + letter.recipient.address + ": " +
                                  base::redact(server_words(said.text_at("error"), k_words)));
}

/// Whether the message that a thread hangs on cannot be answered or changed any more.
bool is_thread_lost(const Value& said) {
    const auto why = said.text_at("error");
    return why == "message_not_found" || why == "cant_update_message" || why == "thread_not_found";
}

}  // namespace

struct Couriers::State {
    CourierOptions options;
    base::Clock& clock;
    TwoClients clients;
    struct Thread {
        std::string channel, first;  ///< Slack's names for them
    };
    std::mutex mutex{};
    using ThreadKey = std::tuple<std::string, std::string, std::string>;  ///< service, channel and the letter's key
    std::map<ThreadKey, Thread> threads{};

    io::HttpRequest request(std::string method, std::string url) const {
        return {.method = std::move(method), .url = std::move(url), .headers = {{"User-Agent", options.user_agent}}, .timeout = options.timeout};
    }

    void call_webhook(const Letter& letter, std::stop_token stop) {
        const auto& webhook = letter.service.webhook;
        auto call = request(letter.request.method.empty() ? "GET" : letter.request.method, webhook.url + letter.request.path);
        call.headers.push_back({"Idempotency-Key", letter.id});
        for (const auto& [name, value] : webhook.headers) call.headers.push_back({name, value});
        if (!webhook.username.empty() || !webhook.password.empty())
            call.headers.push_back({"Authorization", "Basic " + base::base64_encode(webhook.username + ":" + webhook.password)});
        call.body = letter.request.body;
        const auto answer = clients.client(verify_unless(webhook.skip_tls_verify)).send(call, stop);
        if (answer.status < 200 || answer.status > 299) throw refusal("the webhook " + letter.recipient.service, answer);
    }

    void tell_slack(const Letter& letter, std::stop_token stop) {
        using Delivery = notify::SlackThread::Delivery;
        auto thread = thread_of(letter);
        if (thread && letter.thread.delivery != Delivery::post) {  // first, because it may be repeated
            auto message = slack_message(letter);
            if (!thread->channel.empty()) message.set("channel", thread->channel);
            message.set("ts", thread->first);
            const auto said = ask_slack("chat.update", message, letter, stop);
            if (is_thread_lost(said)) forget(thread, letter);
            else expect_taken(said, letter);
        }
        if (thread && letter.thread.delivery == Delivery::update) return;
        auto said = post_to_slack(letter, thread, stop);
        if (thread && is_thread_lost(said)) {
            forget(thread, letter);
            said = post_to_slack(letter, thread, stop);
        }
        expect_taken(said, letter);
        if (!thread) begin_thread(letter, {std::string(said.text_at("channel")), std::string(said.text_at("ts"))});
    }

    Value post_to_slack(const Letter& letter, const std::optional<Thread>& thread, std::stop_token stop) {
        auto message = slack_message(letter);
        if (thread) message.set("thread_ts", thread->first);
        if (thread && letter.thread.is_broadcast) message.set("reply_broadcast", true);
        return ask_slack("chat.postMessage", message, letter, stop);
    }

    static ThreadKey key_of(const Letter& letter) { return {letter.recipient.service, letter.recipient.address, letter.thread.key}; }

    std::optional<Thread> thread_of(const Letter& letter) {
        if (letter.thread.key.empty()) return std::nullopt;
        const std::scoped_lock guard(mutex);
        const auto known = threads.find(key_of(letter));
        return known == threads.end() ? std::nullopt : std::optional(known->second);
    }

    void begin_thread(const Letter& letter, Thread thread) {
        if (letter.thread.key.empty() || thread.first.empty()) return;
        const std::scoped_lock guard(mutex);
        if (threads.size() >= k_most_threads) threads.clear();
        threads[key_of(letter)] = std::move(thread);
    }

    /// Somebody deleted its first message: the next one begins it anew.
    void forget(std::optional<Thread>& thread, const Letter& letter) {
        thread.reset();
        const std::scoped_lock guard(mutex);
        threads.erase(key_of(letter));
    }

    Value ask_slack(const std::string& method, const Value& message, const Letter& letter, std::stop_token stop) {
        const auto& slack = letter.service.slack;
        auto call = request("POST", (slack.api_url.empty() ? std::string(k_slack) : slack.api_url) + "/" + method);
        call.headers.push_back({"Authorization", "Bearer " + slack.token});
        call.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
        call.body = doc::write_json(message);
        const auto answer = clients.client(verify_unless(slack.skip_tls_verify)).send(call, stop);
        if (answer.status != 200) throw refusal("Slack", answer);
        return doc::read_json(answer.body, "Slack's answer");
    }

    void mail(const Letter& letter, std::stop_token stop) {
        const auto& mail = letter.service.mail;
        io::MailServer server{mail.host, mail.port, mail.username, mail.password, options.ca_pem, mail.skip_tls_verify, options.timeout};
        io::Mail text{mail.from, {letter.recipient.address}, letter.subject, letter.body};
        text.format = mail.html ? io::Mail::Format::html : io::Mail::Format::plain;
        text.id = letter.id;
        text.date = clock.now();
        io::send_mail(server, text, stop);
    }
};

Couriers::Couriers(CourierOptions options, base::Clock& clock)
    : m_state(new State{options, clock, TwoClients({.ca_pem = options.ca_pem, .proxy_url = options.proxy_url, .max_body = k_most_answer})}) {}

Couriers::~Couriers() = default;

void Couriers::deliver(const Letter& letter, std::stop_token stop) {
    switch (letter.service.kind) {
        case Service::Kind::webhook: return m_state->call_webhook(letter, stop);
        case Service::Kind::slack: return m_state->tell_slack(letter, stop);
        case Service::Kind::mail: return m_state->mail(letter, stop);
    }
}

}  // namespace gitops::backend
