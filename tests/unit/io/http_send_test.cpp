#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "core/io/http.hpp"
#include "tests/support/http_server.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using test::HttpFeed;
using test::HttpServer;

namespace {

HttpServer::Handler echo() {
    return [](const test::HttpSeen& seen) { return test::HttpAnswer{.body = seen.line() + " " + seen.body}; };
}

std::string bytes(std::size_t count) { return std::string(count, 'x'); }

}  // namespace

TEST_CASE("a request and its answer keep what they hold") {
    HttpServer server;
    server.answer("PATCH /api/v1?force=true", {.status = 409, .headers = {{"X-Reason", "two  words"}}, .body = "no\n"});
    io::HttpClient client({});
    const io::HttpResponse response = client.send({.method = "PATCH",
                                                   .url = server.url("/api/v1?force=true"),
                                                   .headers = {{"Content-Type", "application/yaml"}, {"X-Empty", ""}},
                                                   .body = "a: 1\n"});
    CHECK(response.status == 409);
    CHECK(response.header("x-reason") == "two  words");
    CHECK(response.header("x-nothing").empty());
    CHECK(response.body == "no\n");
    const test::HttpSeen seen = server.requests().at(0);
    CHECK(seen.line() == "PATCH /api/v1?force=true");
    CHECK(seen.body == "a: 1\n");
    CHECK(seen.headers == test::HttpHeaders{{"Host", server.address()},
                                            {"Accept-Encoding", "gzip"},
                                            {"Content-Type", "application/yaml"},
                                            {"X-Empty", ""},
                                            {"Accept", "*/*"},
                                            {"Content-Length", "5"}});
}

TEST_CASE("every method sends its body, or says that there is none") {
    HttpServer server;
    server.handle(echo());
    io::HttpClient client({});
    const auto ask = [&](const std::string& method, const std::string& body) {
        const std::string answer = client.send({.method = method, .url = server.url("/x"), .headers = {}, .body = body}).body;
        return answer + "|" + server.requests().back().header("Content-Length");
    };
    CHECK(ask("GET", "") == "GET /x |");
    CHECK(ask("GET", "odd") == "GET /x odd|3");
    CHECK(ask("DELETE", "") == "DELETE /x |");
    CHECK(ask("DELETE", "{}") == "DELETE /x {}|2");
    CHECK(ask("POST", "") == "POST /x |0");
    CHECK(ask("POST", "{}") == "POST /x {}|2");
    CHECK(ask("PUT", "{}") == "PUT /x {}|2");
    CHECK(ask("PATCH", "{}") == "PATCH /x {}|2");
    CHECK(ask("PUT", std::string("a\0b", 3)) == std::string("PUT /x a\0b|3", 12));
}

TEST_CASE("large bodies go through whole, without a round trip to ask for them") {
    HttpServer server;
    server.handle(echo());
    io::HttpClient client({});
    for (const char* method : {"POST", "PUT"}) {
        const std::string body = bytes(3'000'000);
        CHECK(client.send({.method = method, .url = server.url("/"), .headers = {}, .body = body}).body ==
              std::string(method) + " / " + body);
        CHECK(server.requests().back().header("Expect").empty());
    }
}

TEST_CASE("requests share a kept connection") {
    HttpServer server;
    server.handle(echo());
    io::HttpClient client({});
    for (int i = 0; i < 5; ++i) client.send({.url = server.url("/")});
    CHECK(server.connections() == 1);
}

TEST_CASE("as many requests are in flight as threads ask") {
    HttpServer server;
    const auto gate = std::make_shared<HttpFeed>();
    std::atomic<int> inside{0};
    server.handle([&](const test::HttpSeen& seen) {
        if (++inside == 16) gate->end();
        (void)gate->next();
        return test::HttpAnswer{.body = seen.target};
    });
    io::HttpClient client({});
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            const std::string target = "/" + std::to_string(i);
            if (client.send({.url = server.url(target)}).body == target) ++right;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(right == 16);
}

TEST_CASE("a compressed answer is read, and one that claims to be is not") {
    HttpServer server;
    const test::HttpHeaders gzip{{"Content-Encoding", "gzip"}};
    server.answer("/good", {.headers = gzip, .body = test::gzipped(bytes(200'000))});
    server.answer("/bad", {.headers = gzip, .body = "plain"});
    io::HttpClient client({});
    CHECK(client.send({.url = server.url("/good")}).body == bytes(200'000));
    const base::Error error = test::thrown([&] { client.send({.url = server.url("/bad")}); });
    CHECK(error.message() == "the compressed answer of " + server.address() + " cannot be read");
}

TEST_CASE("an answer in chunks is put together, and an interim one is no answer") {
    HttpServer server;
    server.answer("/chunks", {.chunks = {"a", "bc", "def"}});
    server.answer("/early", {.raw = "HTTP/1.1 103 Early\r\nX-Hint: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\nContent-Length: 2\r\n\r\nok"});
    io::HttpClient client({});
    CHECK(client.send({.url = server.url("/chunks")}).body == "abcdef");
    const io::HttpResponse response = client.send({.url = server.url("/early")});
    CHECK(response.status == 200);
    CHECK(response.header("X-Hint").empty());
    CHECK(response.header("X-Real") == "1");
    CHECK(response.body == "ok");
}

TEST_CASE("a redirect is an answer like any other") {
    HttpServer server;
    server.answer("/", {.status = 302, .headers = {{"Location", server.url("/else")}}});
    io::HttpClient client({});
    CHECK(client.send({.url = server.url("/")}).status == 302);
    CHECK(server.lines() == std::vector<std::string>{"GET /"});
}

TEST_CASE("a path is sent as it is written") {
    HttpServer server;
    server.handle(echo());
    io::HttpClient client({});
    CHECK(client.send({.url = server.url("/a/../b%2Fc?x=%20&y=1")}).body == "GET /a/../b%2Fc?x=%20&y=1 ");
}

TEST_CASE("a connection that the server closed meanwhile is replaced") {
    HttpServer server;
    server.answer("/", {.body = "ok", .afterwards = test::Afterwards::drop});
    io::HttpClient client({});
    CHECK(client.send({.url = server.url("/")}).body == "ok");
    server.wait_for_closed(1);
    CHECK(client.send({.method = "POST", .url = server.url("/"), .headers = {}, .body = "{}"}).body == "ok");
    CHECK(server.connections() == 2);
}

TEST_CASE("a change that the server may have made is not sent twice") {
    HttpServer server;
    server.answer("/warm", {.body = "ok"});
    server.answer("/gone", {.raw = "", .afterwards = test::Afterwards::drop});
    io::HttpClient client({});
    const std::string method = GENERATE("POST", "PATCH");
    client.send({.url = server.url("/warm")});
    const base::Error error =
        test::thrown([&] { client.send({.method = method, .url = server.url("/gone"), .headers = {}, .body = "{}"}); });
    CHECK(error.message() == server.address() + " closed the connection before it answered");
    CHECK(server.lines() == std::vector<std::string>{"GET /warm", method + " /gone"});
}

TEST_CASE("a proxy is asked with the whole URL, and its secrets stay out of messages") {
    HttpServer proxy;
    proxy.handle([](const test::HttpSeen& seen) { return test::HttpAnswer{.body = "proxied " + seen.target}; });
    io::HttpClient client({.proxy_url = "http://user:secret@" + proxy.address()});
    CHECK(client.send({.url = "http://api.example.com/x"}).body == "proxied http://api.example.com/x");
    CHECK(proxy.requests().at(0).header("Proxy-Authorization") == "Basic dXNlcjpzZWNyZXQ=");
    const base::Error error = test::thrown([&] { client.send({.url = "https://api.example.com/x"}); });
    CHECK(proxy.lines().back() == "CONNECT api.example.com:443");
    CHECK(error.message() == "no TLS connection to api.example.com:443: its answer is no TLS");
}
