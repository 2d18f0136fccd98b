#include <catch2/catch.hpp>

#include <stop_token>
#include <thread>

#include "core/io/http.hpp"
#include "tests/support/http_server.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using io::HttpError;
using test::Afterwards;
using test::HttpServer;
using Reached = HttpError::Reached;

namespace {

struct Failure {
    Code code;
    Reached reached;
    std::string message;
    bool operator==(const Failure&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
    return out << base::code_name(failure.code) << (failure.reached == Reached::maybe ? " maybe: " : " not sent: ")
               << failure.message;
}

Failure failure_of(io::HttpClient& client, const io::HttpRequest& request, std::stop_token stop = {}) {
    try {
        const int status = client.send(request, std::move(stop)).status;
        return {Code::internal, Reached::maybe, "no failure but status " + std::to_string(status)};
    } catch (const HttpError& error) {
        return {error.code(), error.reached(), error.message()};
    }
}

Failure failure_of(const io::HttpRequest& request, io::HttpOptions options = {}) {
    io::HttpClient client(std::move(options));
    return failure_of(client, request);
}

/// A port where nobody listens.
std::string dead_address() { return HttpServer().address(); }

}  // namespace

TEST_CASE("a server that is not there has seen nothing") {
    const std::string address = dead_address();
    CHECK(failure_of({.url = "http://" + address}) ==
          Failure{Code::unavailable, Reached::not_sent, "cannot connect to " + address + ": connection refused"});
    CHECK(failure_of({.url = "https://" + address + "/x"}) ==
          Failure{Code::unavailable, Reached::not_sent, "cannot connect to " + address + ": connection refused"});
    CHECK(failure_of({.url = "http://api.example.com"}, {.proxy_url = "http://me:pw@" + address}) ==
          Failure{Code::unavailable, Reached::not_sent, "cannot connect to the proxy " + address + ": connection refused"});
    CHECK(failure_of({.url = "http://nowhere.invalid/"}) ==
          Failure{Code::unavailable, Reached::not_sent, "cannot find the address of nowhere.invalid:80"});
}

TEST_CASE("an answer that breaks says where") {
    HttpServer server;
    const std::string name = server.address();
    server.answer("/nothing", {.raw = "", .afterwards = Afterwards::drop});
    server.answer("/garbage", {.raw = "\x01\x02 what is this\n\n", .afterwards = Afterwards::drop});
    server.answer("/half", {.body = "0123456789", .cut = 4, .afterwards = Afterwards::drop});
    server.answer("/half-chunks", {.chunks = {"a", "b"}, .cut = 1, .afterwards = Afterwards::drop});
    const auto ask = [&](const char* target) { return failure_of({.url = server.url(target)}); };
    CHECK(ask("/nothing") == Failure{Code::unavailable, Reached::maybe, name + " closed the connection before it answered"});
    CHECK(ask("/garbage") == Failure{Code::unavailable, Reached::maybe, name + " did not answer in HTTP"});
    CHECK(ask("/half") == Failure{Code::unavailable, Reached::maybe, name + " closed the connection in the middle of its answer"});
    CHECK(ask("/half-chunks") ==
          Failure{Code::unavailable, Reached::maybe, name + " closed the connection in the middle of its answer"});
}

TEST_CASE("a server that does not answer is not waited for longer than asked") {
    HttpServer server;
    server.answer("/silent", {.raw = "", .afterwards = Afterwards::stall});
    server.answer("/slow", {.body = "0123456789", .cut = 4, .afterwards = Afterwards::stall});
    const auto ask = [&](const char* target, int timeout, int idle) {
        return failure_of({.url = server.url(target), .timeout = base::Duration(timeout), .idle = base::Duration(idle)});
    };
    CHECK(ask("/silent", 50, 0) == Failure{Code::unavailable, Reached::maybe, server.address() + " did not answer within 50ms"});
    CHECK(ask("/slow", 50, 0) ==
          Failure{Code::unavailable, Reached::maybe, server.address() + " did not finish its answer within 50ms"});
    CHECK(ask("/silent", 0, 1000) == Failure{Code::unavailable, Reached::maybe, server.address() + " sent nothing for 1s"});
}

TEST_CASE("an answer larger than allowed is broken off") {
    HttpServer server;
    const std::string body(100'000, 'x');
    server.answer("/plain", {.body = body});
    server.answer("/compressed", {.headers = {{"Content-Encoding", "gzip"}}, .body = test::gzipped(body)});
    server.answer("/headers", {.headers = test::HttpHeaders(1'200, {"X-Name", "value"})});
    server.answer("/long", {.headers = {{"X-Name", std::string(90'000, 'x')}, {"X-Two", std::string(90'000, 'x')}, {"X-Three", std::string(90'000, 'x')}}});
    const auto ask = [&](const char* target) { return failure_of({.url = server.url(target)}, {.max_body = 99'999}); };
    const std::string start = "the answer of " + server.address() + " was broken off: ";
    CHECK(ask("/plain") == Failure{Code::unavailable, Reached::maybe, start + "more than 99999 bytes"});
    CHECK(ask("/compressed") == Failure{Code::unavailable, Reached::maybe, start + "more than 99999 bytes"});
    CHECK(ask("/headers") == Failure{Code::unavailable, Reached::maybe, start + "too many headers"});
    CHECK(ask("/long") == Failure{Code::unavailable, Reached::maybe, start + "too many headers"});
}

TEST_CASE("a stop request ends a request soon and closes its connection") {
    HttpServer server;
    server.answer("/", {.raw = "", .afterwards = Afterwards::stall});
    io::HttpClient client({});
    std::stop_source stop;
    std::thread stopper([&] {
        server.wait_for_requests(1);
        stop.request_stop();
    });
    CHECK(failure_of(client, {.url = server.url("/")}, stop.get_token()) ==
          Failure{Code::cancelled, Reached::maybe, "the GET request was cancelled"});
    stopper.join();
    server.wait_for_closed(1);
}

TEST_CASE("a request that was stopped before it began is not sent") {
    HttpServer server;
    io::HttpClient client({});
    std::stop_source stop;
    stop.request_stop();
    CHECK(failure_of(client, {.url = server.url("/")}, stop.get_token()) ==
          Failure{Code::cancelled, Reached::not_sent, "the GET request was cancelled"});
    CHECK(server.connections() == 0);
}

TEST_CASE("what cannot be sent is refused, and its secrets are not shown") {
    HttpServer server;
    const auto refusal = [](const io::HttpRequest& request) { return failure_of(request).message; };
    CHECK(refusal({.url = "ftp://host/x"}) == "a URL has the scheme ftp, which is none of: http https");
    CHECK(refusal({.url = "file:///etc/passwd"}) == "a URL has the scheme file, which is none of: http https");
    CHECK(refusal({.url = "https://user:secret@:80/x"}) == "a URL has no usable host and port");
    CHECK(refusal({.url = "http://host/a b"}) == "a URL holds a space or a control character");
    CHECK(refusal({.url = "http://host/a\r\nX: 1"}) == "a URL holds a space or a control character");
    CHECK(refusal({.url = "no url"}) == "a URL holds a space or a control character");
    CHECK(refusal({.url = server.url(), .headers = {{"X-A", "secret\r\nX-B: 2"}}}) == "the value of the header X-A holds a line break");
    CHECK(refusal({.url = server.url(), .headers = {{"X: 1\r\nY", "2"}}}) == "a request header has a name that cannot be sent");
    CHECK(refusal({.method = "GET /else HTTP/1.1", .url = server.url()}) == "a request has a method that cannot be sent");
    CHECK(server.connections() == 0);
    CHECK(test::thrown([] { io::HttpClient client({.proxy_url = "ftp://me:pw@host"}); }).message() ==
          "a URL has the scheme ftp, which is none of: http https socks5 socks5h");
    CHECK(test::thrown([] { io::HttpClient client({.server_name = "a/b"}); }).message() ==
          "the server name of a TLS connection is no host name: a/b");
}
