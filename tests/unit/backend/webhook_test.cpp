#include "core/backend/webhook.hpp"

#include <catch2/catch.hpp>

#include <thread>

#include "core/base/error.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using namespace gitops::test;
using backend::WebhookCaller;
using rollout::HookCall;

namespace {

const base::Time k_start = *base::parse_rfc3339("2026-01-01T00:00:00Z");

struct Lab {
    HttpServer server;
    std::shared_ptr<base::ManualClock> clock = std::make_shared<base::ManualClock>(k_start);
    WebhookCaller caller{{.environment = {"PATH=/usr/bin:/bin", "COLOR=green"}}, clock};
    HookCall hook{.name = "load", .url = server.url("/hook"), .body = R"({"name":"web"})"};

    /// "passed: detail" or "failed: detail", and how long it waited.
    std::string call(std::stop_token stop = {}) {
        const auto before = clock->now();
        const auto answer = caller.call(hook, std::move(stop));
        std::string text = (answer.passed ? "passed: " : "failed: ") + answer.detail;
        const auto waited = clock->now() - before;
        if (waited.count() > 0) text += " [waited " + base::format_duration(waited) + "]";
        for (auto at = text.find(server.address()); at != text.npos; at = text.find(server.address()))
            text.replace(at, server.address().size(), "SERVER");
        return text;
    }
    std::string call_for(int status, const std::string& body = "") {
        server.handle([=](const HttpSeen&) { return HttpAnswer{.status = status, .body = body}; });
        return call();
    }
    void answer(int status, HttpHeaders headers = {}) { server.answer("/hook", {.status = status, .headers = std::move(headers)}); }
    std::string run(std::vector<std::string> command) {
        hook.url = "";
        hook.command = std::move(command);
        return call();
    }
};

}  // namespace

TEST_CASE("a hook is a POST of JSON, passed up to status 202", "[webhook]") {
    Lab lab;
    CHECK(lab.call_for(200, "go\n on") == "passed: go on");
    CHECK(lab.call_for(201) == "passed: ");
    CHECK(lab.call_for(202) == "passed: ");
    CHECK(lab.call_for(204) == "failed: status 204");
    CHECK(lab.call_for(302) == "failed: status 302");
    CHECK(lab.call_for(403, "the gate is closed") == "failed: status 403: the gate is closed");
    CHECK(lab.call_for(500, std::string(600, 'x')) == "failed: status 500: " + std::string(512, 'x') + "...");
    const auto seen = lab.server.requests().at(0);
    CHECK(seen.line() == "POST /hook");
    CHECK(seen.header("Content-Type") == "application/json");
    CHECK(seen.body == R"({"name":"web"})");
}

TEST_CASE("what may pass is tried again, with growing waits", "[webhook]") {
    Lab lab;
    lab.hook.retries = 7;
    for (const int status : {500, 502, 429, 504, 500, 599, 500}) lab.answer(status);
    lab.answer(200);
    CHECK(lab.call() == "passed:  [waited 1m31s]");  // 1 + 2 + 4 + 8 + 16 + 30 + 30
    CHECK(lab.server.requests().size() == 8);
}

TEST_CASE("retries end", "[webhook]") {
    Lab lab;
    lab.hook.retries = 2;
    CHECK(lab.call_for(503, "busy") == "failed: after 3 attempts: status 503: busy [waited 3s]");
    CHECK(lab.server.requests().size() == 3);
}

TEST_CASE("what is a plain no is not asked again", "[webhook]") {
    Lab lab;
    lab.hook.retries = 5;
    CHECK(lab.call_for(501) == "failed: status 501");
    CHECK(lab.call_for(400) == "failed: status 400");
    CHECK(lab.call_for(204) == "failed: status 204");
    CHECK(lab.server.requests().size() == 3);
    lab.hook.url = "ftp://x/?token=hunter2";
    const auto refused = lab.call();
    CHECK(refused.starts_with("failed: "));
    CHECK(refused.find("hunter2") == std::string::npos);
    CHECK(lab.clock->now() == k_start);
}

TEST_CASE("the server may say when to come back", "[webhook]") {
    Lab lab;
    lab.hook.retries = 5;
    lab.answer(429, {{"Retry-After", "7"}});
    lab.answer(503, {{"Retry-After", "Thu, 01 Jan 2026 00:01:07 GMT"}});
    lab.answer(503, {{"Retry-After", "86400"}});  // five minutes at the most
    lab.answer(500, {{"Retry-After", "77"}});     // not of a 500
    lab.answer(429, {{"Retry-After", "soon"}});
    lab.answer(200);
    CHECK(lab.call() == "passed:  [waited 6m31s]");  // 7 + 60 + 300 + 8 + 16
}

TEST_CASE("a connection that breaks is tried again", "[webhook]") {
    Lab lab;
    lab.hook.retries = 1;
    lab.server.answer("/hook", {.raw = "", .afterwards = Afterwards::drop});
    lab.server.answer("/hook", {.body = "ok"});
    CHECK(lab.call() == "passed: ok [waited 1s]");
    lab.hook.retries = 0;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::drop}; });
    lab.hook.url = lab.server.url("/other");
    CHECK(lab.call() == "failed: SERVER closed the connection before it answered");
}

TEST_CASE("the timeout is of one attempt", "[webhook]") {
    Lab lab;
    lab.hook.timeout = base::Duration(50);
    lab.hook.retries = 1;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::stall}; });
    CHECK(lab.call() == "failed: after 2 attempts: SERVER did not answer within 50ms [waited 1s]");
    CHECK(lab.server.requests().size() == 2);
}

TEST_CASE("certificates are checked unless that was forbidden", "[webhook]") {
    const TestAuthority authority("home");
    HttpServer server(authority.issue(std::vector<std::string>{"127.0.0.1"}));
    server.answer("/hook", {.body = "ok"});
    Lab lab;
    lab.hook.url = server.url("/hook");
    lab.hook.retries = 3;
    const auto untrusted = lab.call();
    CHECK(untrusted.starts_with("failed: the certificate of 127.0.0.1:"));
    CHECK(lab.clock->now() == k_start);
    lab.hook.skip_tls_verify = true;
    CHECK(lab.call() == "passed: ok");
}

TEST_CASE("a command in a hook's place reads the body and passes with status 0", "[webhook]") {
    Lab lab;
    CHECK(lab.run({"cat"}) == R"(passed: {"name":"web"})");
    CHECK(lab.run({"/bin/cat", "-"}) == R"(passed: {"name":"web"})");
    CHECK(lab.run({"sh", "-c", "echo fine; exit 0"}) == "passed: fine");
    CHECK(lab.run({"sh", "-c", "echo out; echo no >&2; exit 3"}) == "failed: exit status 3: no");
    CHECK(lab.run({"sh", "-c", "echo out; exit 4"}) == "failed: exit status 4: out");
    CHECK(lab.run({"false"}) == "failed: exit status 1");
    CHECK(lab.run({"echo", "$COLOR", "; false"}) == "passed: $COLOR ; false");  // no shell
    CHECK(lab.run({"env"}) == "passed: PATH=/usr/bin:/bin COLOR=green");        // and nothing of ours
    CHECK(lab.run({"no-such-program"}) == "failed: cannot run no-such-program: it is in no folder of $PATH");
    CHECK(lab.run({"/nowhere/x"}) == "failed: cannot run /nowhere/x: No such file or directory");
}

TEST_CASE("a command is run once, within its time, and the end of its words is kept", "[webhook]") {
    TempDir folder;
    Lab lab;
    lab.hook.retries = 3;
    CHECK(lab.run({"sh", "-c", "echo x >> " + (folder / "runs") + "; exit 1"}) == "failed: exit status 1");
    CHECK(folder.read("runs") == "x\n");
    lab.hook.timeout = base::Duration(50);
    CHECK(lab.run({"sleep", "600"}) == "failed: /usr/bin/sleep did not end within 50ms");
    lab.hook.timeout = base::Duration(10'000);
    std::string last_numbers = "... 874";  // what fits into 512 bytes
    for (int i = 875; i <= 1000; ++i) last_numbers += " " + std::to_string(i);
    CHECK(lab.run({"sh", "-c", "seq 1 1000; exit 1"}) == "failed: exit status 1: " + last_numbers);
}

TEST_CASE("a stop ends the waiting and the running", "[webhook]") {
    Lab lab;
    std::stop_source before;
    before.request_stop();
    CHECK(thrown([&] { lab.call(before.get_token()); }).code() == base::Code::cancelled);
    std::stop_source during;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::stall}; });
    std::thread stopper([&] {
        lab.server.wait_for_requests(1);
        during.request_stop();
    });
    CHECK(thrown([&] { lab.call(during.get_token()); }).code() == base::Code::cancelled);
    stopper.join();
    lab.hook.command = {"sleep", "600"};
    CHECK(thrown([&] { lab.call(before.get_token()); }).code() == base::Code::cancelled);
}
