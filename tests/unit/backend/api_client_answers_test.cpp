#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/backend/api_fixture.hpp"

using namespace gitops;
using namespace gitops::test;
using Lines = std::vector<std::string>;

namespace {

HttpAnswer text(std::string body, int status = 200, HttpHeaders headers = {}) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.headers = std::move(headers);
    return answer;
}

/// What get() says of one answer.
std::string said_of(const HttpAnswer& answer) {
    ApiFixture lab;
    lab.server.answer("/x", answer);
    return thrown_by([&] { lab.client()->get("/x"); }, lab.server);
}

}  // namespace

TEST_CASE("a request carries its credential, who asks and what it accepts") {
    ApiFixture lab;
    lab.server.answer("/x", json("{}"));
    auto request = request_of("PATCH", "/x?fieldManager=a%20b");
    request.body = "{\"a\":1}";
    request.content_type = "application/apply-patch+yaml";
    request.accept = "application/json;as=Table";
    lab.client()->call(request);
    const HttpSeen seen = lab.server.requests().at(0);
    CHECK(lab.server.lines() == Lines{"PATCH /x?fieldManager=a%20b"});
    CHECK(seen.body == "{\"a\":1}");
    CHECK(seen.header("authorization") == "Bearer s3cr3t-token");
    CHECK(seen.header("content-type") == "application/apply-patch+yaml");
    CHECK(seen.header("accept") == "application/json;as=Table");
    CHECK(seen.header("user-agent") == "gitopsctl");
}

TEST_CASE("answers below 500 are given back") {
    ApiFixture lab;
    lab.server.answer("/a", json(R"({"kind":"Status","reason":"NotFound"})", 404));
    lab.server.answer("/b", text("404 page not found\n", 404, {{"Content-Type", "text/plain; charset=utf-8"}}));
    lab.server.answer("/c", text("", 204));
    const auto client = lab.client();
    const auto a = client->call(request_of("GET", "/a"));
    CHECK(a.status == 404);
    CHECK(a.body.text_at("reason") == "NotFound");
    CHECK(a.content_type == "application/json");
    CHECK(client->call(request_of("GET", "/b")).body.text() == "404 page not found");
    CHECK(client->call(request_of("GET", "/c")).body.is_null());
}

TEST_CASE("a login page is no answer of an API server") {
    CHECK(said_of(text("<!DOCTYPE html>\n<html><head><title>Sign\n in</title></head><body>token=abc</body></html>")) ==
          "unavailable: SERVER answered 200 with an HTML page (\"Sign in\") instead of a JSON object\nwhile asking GET /x\n"
          "hint: is this the address of a Kubernetes API server?");
    CHECK(said_of(text("<html>no</html>", 404)) ==
          "unavailable: SERVER answered 404 with an HTML page instead of a JSON object\nwhile asking GET /x\n"
          "hint: is this the address of a Kubernetes API server?");
    CHECK(said_of(text("It works!\x1b[31m\n")) ==
          "unavailable: SERVER answered 200 with the text \"It works! [31m\" instead of a JSON object\nwhile asking GET /x\n"
          "hint: is this the address of a Kubernetes API server?");
}

TEST_CASE("a redirect is not followed") {
    CHECK(said_of(text("", 302, {{"Location", "https://sso.example.com/login?state=abc"}})) ==
          "unavailable: SERVER answered 302, a redirect to https://sso.example.com/login\nwhile asking GET /x\n"
          "hint: is this the address of a Kubernetes API server?");
}

TEST_CASE("half a JSON document is asked for again, and never quoted") {
    ApiFixture lab;
    lab.server.answer("/x", json(R"({"data":{"password":"aHVudGVy)"));
    lab.server.answer("/x", json(R"({"kind":"Whole"})"));
    CHECK(lab.client()->get("/x").text_at("kind") == "Whole");

    ApiFixture other;
    other.server.answer("/x", json(R"({"data":{"password":"aHVudGVy)"));
    const std::string said = thrown_by([&] { other.client()->get("/x"); }, other.server);
    const std::string waited = base::format_duration(base::Duration(other.waited()));
    CHECK(said == "unavailable: SERVER answered 200 with half a JSON document (29 bytes) instead of a JSON object\n"
                  "gave up after " + waited + " and 3 tries\nwhile asking GET /x\n"
                  "hint: a proxy on the way may cut answers off");
}

TEST_CASE("a document beyond the limits is refused") {
    ApiFixture lab;
    lab.server.answer("/x", json("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
    CHECK_THROWS_AS(lab.client()->get("/x"), base::Error);
}

TEST_CASE("errors that come as a page or as text") {
    CHECK(said_of(text("<html><title>Forbidden</title></html>", 403)) ==
          "unavailable: SERVER answered 403 with an HTML page (\"Forbidden\") instead of a JSON object\nwhile asking GET /x\n"
          "hint: is this the address of a Kubernetes API server?");
    CHECK(said_of(text("Forbidden by policy", 403)) == "denied: GET /x: Forbidden by policy");
    ApiFixture lab;
    lab.server.answer("/x", text("<html><title>503 Backend\x01</title></html>", 503));
    auto request = request_of("GET", "/x");
    request.patience = base::Duration(0);
    CHECK(thrown_by([&] { lab.client()->call(request); }, lab.server) ==
          "unavailable: SERVER answered 503 (Service Unavailable) with an HTML page (\"503 Backend\")\nwhile asking GET /x");
}

TEST_CASE("every request is told, its token is not") {
    ApiFixture lab;
    lab.server.answer("/api/v1/pods?limit=500", json("{}"));
    lab.server.answer("/slow", text("", 429, {{"Retry-After", "5"}}));
    lab.server.answer("/slow", json("{}"));
    const auto client = lab.client();
    client->get("/api/v1/pods?limit=500");
    client->get("/slow");
    const Lines debug = lab.events.messages("request", base::Level::debug);
    CHECK(debug.size() == 3);
    CHECK(debug.at(0) == "GET /api/v1/pods?limit=500 200 in 0 ms");
    CHECK(debug.at(1) == "GET /slow 429 in 0 ms");
    const Lines info = lab.events.messages("request", base::Level::info);
    REQUIRE(info.size() == 1);
    CHECK(info[0].starts_with("GET /slow again in 5"));
}

TEST_CASE("no more requests are under way than there are places") {
    ApiFixture lab;
    lab.options.in_flight = 3;
    std::mutex mutex;
    std::condition_variable changed;
    int now = 0, most = 0, seen = 0;
    lab.server.handle([&](const HttpSeen&) {
        std::unique_lock lock(mutex);
        most = std::max(most, ++now);
        ++seen;
        changed.notify_all();
        // The first three wait for each other, so that all places are known to be used.
        changed.wait_for(lock, std::chrono::seconds(10), [&] { return seen >= 3; });
        --now;
        return json("{}");
    });
    const auto client = lab.client();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 12; ++i) threads.emplace_back([&] { client->get("/x"); });
    }
    CHECK(most == 3);
    CHECK(client->requests() == 12);
}

TEST_CASE("a stream takes no place") {
    ApiFixture lab;
    lab.options.in_flight = 1;
    auto feed = std::make_shared<HttpFeed>();
    HttpAnswer watch;
    watch.feed = feed;
    lab.server.answer("/watch", watch);
    lab.server.answer("/x", json("{}"));
    std::mutex mutex;
    std::condition_variable changed;
    Lines lines;
    io::StreamSink sink;
    sink.on_line = [&](std::string&& line) {
        const std::lock_guard lock(mutex);
        lines.push_back(std::move(line));
        changed.notify_all();
    };
    const auto client = lab.client();
    const auto stream = client->stream("/watch", sink);
    lab.server.wait_for_requests(1);
    CHECK(client->get("/x").is_map());
    feed->push("one\n");
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, std::chrono::seconds(10), [&] { return lines == Lines{"one"}; }));
    lock.unlock();
    feed->end();
}

TEST_CASE("a stream that ends with 401 has the next request renew the credential") {
    ApiFixture lab;
    const TempDir folder;
    lab.access.token_file = folder.write("token", "old");
    lab.server.answer("/watch", json("{}", 401));
    lab.server.answer("/x", json("{}"));
    std::promise<int> ended;
    io::StreamSink sink;
    sink.on_end = [&](io::StreamEnd&& end) { ended.set_value(end.status); };
    const auto client = lab.client();
    const auto stream = client->stream("/watch", sink);
    REQUIRE(ended.get_future().get() == 401);
    replace_unseen(folder / "token", "new");
    client->get("/x");
    Lines sent;
    for (const HttpSeen& seen : lab.server.requests()) sent.push_back(seen.header("authorization"));
    CHECK(sent == Lines{"Bearer old", "Bearer new"});
}
