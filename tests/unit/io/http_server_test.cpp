#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/io/http.hpp"
#include "core/io/http_server.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;

namespace {

io::Page greet(const std::string& path) {
    if (path == "/broken") throw base::Error(base::Code::internal, "no page");
    if (path == "/large") return {200, "text/plain", std::string(std::size_t{3} << 20, 'x')};
    if (path != "/hello") return {404, "text/plain; charset=utf-8", "nothing at " + path + "\n"};
    return {200, "text/html", "hello\n"};
}

struct Served {
    base::SystemClock clock;
    io::HttpServer server{"127.0.0.1:0", greet, clock};
    io::HttpClient client{{}};

    /// "200 text/html hello"
    std::string ask(const std::string& path, const std::string& method = "GET") {
        io::HttpRequest request{.method = method, .url = "http://" + server.address() + path};
        const auto answer = client.send(request);
        return std::to_string(answer.status) + " " + std::string(answer.header("content-type")) + " " + answer.body;
    }
};

}  // namespace

TEST_CASE("pages are served by their path, to GET and HEAD alone") {
    Served served;
    CHECK(served.ask("/hello") == "200 text/html hello\n");
    CHECK(served.ask("/hello?who=me") == "200 text/html hello\n");
    CHECK(served.ask("/other") == "404 text/plain; charset=utf-8 nothing at /other\n");
    CHECK(served.ask("/broken") == "500 text/plain; charset=utf-8 no page\n");
    CHECK(served.ask("/hello", "DELETE") == "405 text/plain; charset=utf-8 GET or HEAD\n");
    CHECK(served.ask("/large").size() == std::string("200 text/plain ").size() + (std::size_t{3} << 20));
}

TEST_CASE("a request without end and one that is none are refused") {
    Served served;
    io::HttpRequest request{.url = "http://" + served.server.address() + "/hello",
                            .headers = {{"X-Long", std::string(std::size_t{20} << 10, 'x')}}};
    CHECK(served.client.send(request).status == 431);
    CHECK(served.ask("/hello") == "200 text/html hello\n");
}

TEST_CASE("an address that cannot be listened on is told") {
    base::SystemClock clock;
    const io::HttpServer first("127.0.0.1:0", greet, clock);
    CHECK(test::thrown([&] { io::HttpServer(first.address(), greet, clock); }).message() ==
          "cannot listen on " + first.address() + ": Address already in use");
    for (const char* wrong : {"8082", "localhost:", "::1:80", "localhost:65536", ":-1", ":http"}) {
        CAPTURE(wrong);
        CHECK(test::thrown([&] { io::HttpServer(wrong, greet, clock); }).message() ==
              "\"" + std::string(wrong) + "\" is no address to listen on");
    }
}
