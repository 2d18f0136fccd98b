#include <catch2/catch.hpp>

#include "core/backend/couriers.hpp"
#include "core/base/error.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using namespace gitops::test;
using notify::Letter;
using notify::Service;

namespace {

struct Post {
    HttpServer server;
    base::ManualClock clock{*base::parse_rfc3339("2026-01-01T00:00:00Z")};
    backend::Couriers couriers{{}, clock};
    Letter letter;

    Post(Service::Kind kind, const std::string& address) {
        letter.service.kind = kind;
        letter.recipient = {"ops", address};
        letter.id = "4f2a";
        letter.message = "shop is out";
    }
    std::string send() {
        try {
            couriers.deliver(letter, {});
            return "taken";
        } catch (const base::Error& error) {
            return std::string(base::code_name(error.code())) + ": " + error.message();
        }
    }
};

}  // namespace

TEST_CASE("a webhook gets the request its template writes, and the letter's id") {
    Post post(Service::Kind::webhook, "");
    post.letter.service.webhook = {post.server.url("/hooks"), {{"X-Line", "north"}}, "ann", "secret"};
    post.letter.request = {"POST", "/shop?x=1", R"({"ok":true})"};
    post.server.answer("/hooks/shop?x=1", {.status = 204});
    CHECK(post.send() == "taken");
    const auto seen = post.server.requests().at(0);
    CHECK(seen.line() == "POST /hooks/shop?x=1");
    CHECK(seen.body == R"({"ok":true})");
    CHECK(seen.header("Idempotency-Key") == "4f2a");
    CHECK(seen.header("X-Line") == "north");
    CHECK(seen.header("Authorization") == "Basic YW5uOnNlY3JldA==");
}

TEST_CASE("a webhook that refuses is told with its words") {
    Post post(Service::Kind::webhook, "");
    post.letter.service.webhook.url = post.server.url("/hooks");
    post.server.answer("/hooks", {.status = 503, .body = "try\nlater"});
    CHECK(post.send() == "unavailable: the webhook ops answered with status 503: try later");
    post.server.answer("/hooks", {.status = 403});
    post.send();
    CHECK(post.send() == "denied: the webhook ops answered with status 403");
}

TEST_CASE("Slack gets a message for its channel") {
    Post post(Service::Kind::slack, "wafer-team");
    post.letter.service.slack = {"xoxb-1", "gitopsctl", ":rocket:", post.server.url("/api")};
    post.letter.attachments = R"([{"color": "#18be52"}])";
    post.server.answer("/api/chat.postMessage", {.body = R"({"ok": true})"});
    CHECK(post.send() == "taken");
    const auto seen = post.server.requests().at(0);
    CHECK(seen.line() == "POST /api/chat.postMessage");
    CHECK(seen.header("Authorization") == "Bearer xoxb-1");
    CHECK(seen.body == R"({"channel":"wafer-team","text":"shop is out","username":"gitopsctl","icon_emoji":":rocket:",)"
                       R"("attachments":[{"color":"#18be52"}]})");
    post.letter.attachments = "{}";
    CHECK(post.send() == "invalid: slack.attachments must be a JSON list");
}

TEST_CASE("Slack says no with status 200") {
    Post post(Service::Kind::slack, "nowhere");
    post.letter.service.slack = {"xoxb-1", "", "", post.server.url("/api")};
    post.server.answer("/api/chat.postMessage", {.body = R"({"ok": false, "error": "channel_not_found"})"});
    CHECK(post.send() == "denied: Slack did not take the message for nowhere: channel_not_found");
}

TEST_CASE("Slack messages of one key answer the first of their channel") {
    Post post(Service::Kind::slack, "wafer-team");
    post.letter.service.slack = {"xoxb-1", "", "", post.server.url("/api")};
    post.letter.thread.key = "shop";
    post.server.answer("/api/chat.postMessage", {.body = R"({"ok": true, "channel": "C1", "ts": "17.5"})"});
    post.server.answer("/api/chat.update", {.body = R"({"ok": true})"});
    CHECK(post.send() == "taken");
    CHECK(post.send() == "taken");
    post.letter.thread.is_broadcast = true;
    CHECK(post.send() == "taken");
    post.letter.thread.delivery = notify::SlackThread::Delivery::update;
    CHECK(post.send() == "taken");
    post.letter.thread.delivery = notify::SlackThread::Delivery::post_and_update;
    CHECK(post.send() == "taken");
    post.letter.recipient.address = "others";
    CHECK(post.send() == "taken");
    std::string seen;
    for (const auto& request : post.server.requests()) seen += request.line() + " " + request.body + "\n";
    CHECK(seen == R"(POST /api/chat.postMessage {"channel":"wafer-team","text":"shop is out"}
POST /api/chat.postMessage {"channel":"wafer-team","text":"shop is out","thread_ts":"17.5"}
POST /api/chat.postMessage {"channel":"wafer-team","text":"shop is out","thread_ts":"17.5","reply_broadcast":true}
POST /api/chat.update {"channel":"C1","text":"shop is out","ts":"17.5"}
POST /api/chat.update {"channel":"C1","text":"shop is out","ts":"17.5"}
POST /api/chat.postMessage {"channel":"wafer-team","text":"shop is out","thread_ts":"17.5","reply_broadcast":true}
POST /api/chat.postMessage {"channel":"others","text":"shop is out"}
)");
}

TEST_CASE("mail goes to the address of the recipient") {
    const SmtpServer server;
    Post post(Service::Kind::mail, "ann@example.com");
    post.letter.service.mail = {"127.0.0.1", server.port(), "", "", "gitops@example.com"};
    post.letter.subject = "shop";
    post.letter.body = "It is out.";
    CHECK(post.send() == "taken");
    REQUIRE(server.mails().size() == 1);
    CHECK(server.mails().front().to == std::vector<std::string>{"<ann@example.com>"});
    CHECK(server.mails().front().text.find("Message-ID: <4f2a@gitopsctl>\r\n") != std::string::npos);
}

TEST_CASE("a Slack thread whose message is gone is begun anew, and is that of one service") {
    using Delivery = notify::SlackThread::Delivery;
    Post post(Service::Kind::slack, "wafer-team");
    post.letter.service.slack = {"xoxb-1", "", "", post.server.url("/api")};
    post.letter.thread.key = "shop";
    post.server.answer("/api/chat.postMessage", {.body = R"({"ok": true, "channel": "C1", "ts": "17.5"})"});
    CHECK(post.send() == "taken");
    post.letter.recipient.service = "other";
    CHECK(post.send() == "taken");
    post.letter.thread.delivery = Delivery::update;
    for (const std::string why : {"message_not_found", "cant_update_message", "thread_not_found", "invalid_auth"})
        post.server.answer("/api/chat.update", {.body = R"({"ok": false, "error": ")" + why + "\"}"});
    for (int i = 0; i < 3; ++i) CHECK(post.send() == "taken");
    CHECK(post.send() == "denied: Slack did not take the message for wafer-team: invalid_auth");
    std::string seen;
    for (const auto& request : post.server.requests()) seen += request.line().substr(15) + " " + request.body + "\n";
    CHECK(seen == R"(postMessage {"channel":"wafer-team","text":"shop is out"}
postMessage {"channel":"wafer-team","text":"shop is out"}
update {"channel":"C1","text":"shop is out","ts":"17.5"}
postMessage {"channel":"wafer-team","text":"shop is out"}
update {"channel":"C1","text":"shop is out","ts":"17.5"}
postMessage {"channel":"wafer-team","text":"shop is out"}
update {"channel":"C1","text":"shop is out","ts":"17.5"}
postMessage {"channel":"wafer-team","text":"shop is out"}
update {"channel":"C1","text":"shop is out","ts":"17.5"}
)");
}
