#include "core/backend/prometheus.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <thread>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/tls.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using namespace gitops::test;
using backend::PrometheusMetrics;
using rollout::MetricSource;
using rollout::Reading;
using Kind = Reading::Kind;
using Lines = std::vector<std::string>;

namespace {

std::string text_of(const Reading& reading) {
    switch (reading.kind) {
        case Kind::value: return fmt::format("{}", reading.value) + (reading.detail.empty() ? "" : " (" + reading.detail + ")");
        case Kind::no_data: return "no data: " + reading.detail;
        case Kind::not_a_number: return "NaN: " + reading.detail;
        case Kind::unreachable: return "unreachable: " + reading.detail;
        case Kind::refused: return "refused: " + reading.detail;
    }
    return "";
}

std::string result(const std::string& type, const std::string& result, const std::string& more = "") {
    return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}" + more + "}";
}
std::string vector(const std::string& values) {
    std::string series;
    for (const auto value : base::split(values, ' '))
        series += (series.empty() ? "" : ",") + std::string(R"({"metric":{"pod":"x"},"value":[1700000000.123,")") + std::string(value) + "\"]}";
    return result("vector", "[" + series + "]");
}
std::string answer(const std::string& body) { return text_of(backend::read_prometheus_answer(body)); }

struct Lab {
    HttpServer server;
    PrometheusMetrics metrics;
    MetricSource source{"prometheus", server.url()};

    std::string ask(const std::string& query = "up") {
        std::string text = text_of(metrics.read({"m", query, source, {}}, {}));
        for (auto at = text.find(server.address()); at != text.npos; at = text.find(server.address()))
            text.replace(at, server.address().size(), "SERVER");
        return text;
    }
    std::string ask_for(int status, const std::string& body, HttpHeaders headers = {}) {
        server.handle([=](const HttpSeen&) { return HttpAnswer{.status = status, .headers = headers, .body = body}; });
        return ask();
    }
};

}  // namespace

TEST_CASE("the value of the last series counts", "[prometheus]") {
    CHECK(answer(vector("97.25")) == "97.25");
    CHECK(answer(vector("1 2 3")) == "3 (3 series; the last one counts)");
    CHECK(answer(vector("+Inf")) == "inf");
    CHECK(answer(vector("-Inf")) == "-inf");
    CHECK(answer(vector("1e+06")) == "1000000");
    CHECK(answer(vector("NaN")) == "NaN: NaN: 0 divided by 0, as without any request");
    CHECK(answer(vector("1 NaN")) == "NaN: NaN: 0 divided by 0, as without any request");
    CHECK(answer(result("vector", "[]")) == "no data: no series matches");
    CHECK(answer(result("scalar", "[1700000000, \"5\"]")) == "5");
    CHECK(answer(result("vector", "[]", R"(,"warnings":["store a:\n no answer"])")) ==
          "no data: no series matches; the server warns: store a: no answer");
    CHECK(answer(result("scalar", "[1, \"5\"]", R"(,"warnings":["partial"])")) == "5 (the server warns: partial)");
}

TEST_CASE("other answers are refused, whatever they hold", "[prometheus]") {
    const std::string strange = "refused: the answer is not one of Prometheus's API",
                      no_number = "refused: the answer holds a sample that is no number";
    CHECK(answer(result("matrix", R"([{"values":[[1,"2"]]}])")) ==
          "refused: the query gives a range of values; take one of it, as with last_over_time(...)");
    CHECK(answer(result("string", R"([1,"x"])")) == "refused: the query gives a string, not a number");
    CHECK(answer(result("vector", R"([{"metric":{},"histogram":[1,{}]}])")) == no_number);
    CHECK(answer(result("vector", R"([{"value":[1,2]}])")) == no_number);
    CHECK(answer(result("vector", R"([{"value":[1,"two"]}])")) == no_number);
    CHECK(answer(result("vector", R"([{"value":[1,""]}])")) == no_number);
    CHECK(answer(result("vector", R"([7])")) == no_number);
    CHECK(answer(result("vector", R"({"value":[1,"2"]})")) == strange);
    CHECK(answer("{}") == strange);
    CHECK(answer("[1]") == strange);
    CHECK(answer(R"({"status":"success"})") == strange);
    CHECK(answer(R"({"status":"error","errorType":"bad_data","error":"what?"})") ==
          "refused: the metrics server refuses the query: what?");
    CHECK(answer("<html><title>Sign in</title>") == "refused: the metrics server answered with an HTML page (\"Sign in\")");
    CHECK(answer("") == "refused: the metrics server answered with nothing");
    CHECK(answer(std::string(1'000'000, '[')) ==
          "refused: the metrics server answered with half a JSON document (1000000 bytes)");
}

TEST_CASE("the query goes behind the address's path", "[prometheus]") {
    Lab lab;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.body = vector("1")}; });
    CHECK(lab.ask("a{b=\"c d\"} / 2 + 1") == "1");
    lab.source.address += "/prom/";
    CHECK(lab.ask("x") == "1");
    lab.source.address += "?x=1#y";
    CHECK(lab.ask("y") == "1");
    CHECK(lab.server.lines() == Lines{"GET /api/v1/query?query=a%7Bb%3D%22c%20d%22%7D%20%2F%202%20%2B%201",
                                      "GET /prom/api/v1/query?query=x", "GET /prom/api/v1/query?query=y"});
}

TEST_CASE("a token, else a name and password, and further headers are sent", "[prometheus]") {
    Lab lab;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.body = vector("1")}; });
    lab.ask();
    lab.source.headers = {{"X-Scope-OrgID", "team"}, {"authorization", "Custom x"}, {"User-Agent", "me"}};
    lab.ask();
    lab.source.username = "ann";
    lab.source.password = "pw";
    lab.ask();
    lab.source.bearer_token = "token";
    lab.ask();
    Lines sent;
    for (const auto& seen : lab.server.requests())
        sent.push_back(seen.header("Authorization") + "|" + seen.header("X-Scope-OrgID") + "|" + seen.header("User-Agent"));
    CHECK(sent == Lines{"||gitopsctl", "Custom x|team|me", "Basic YW5uOnB3|team|me", "Bearer token|team|me"});
}

TEST_CASE("a status says whether asking again can help", "[prometheus]") {
    Lab lab;
    const std::string error = R"({"status":"error","errorType":"bad_data","error":"1:4: parse error:\n unexpected \"}\""})";
    CHECK(lab.ask_for(400, error) == "refused: the metrics server refuses the query (400): 1:4: parse error: unexpected \"}\"");
    CHECK(lab.ask_for(422, error) == "refused: the metrics server refuses the query (422): 1:4: parse error: unexpected \"}\"");
    CHECK(lab.ask_for(401, "Unauthorized\n") ==
          "refused: the metrics server refuses the credentials (401): it answered the text \"Unauthorized\"");
    CHECK(lab.ask_for(403, R"({"message":"no rights"})") ==
          "refused: the metrics server refuses the credentials (403): no rights");
    CHECK(lab.ask_for(404, "") == "refused: the metrics server refuses the query (404): it answered nothing");
    CHECK(lab.ask_for(302, "", {{"Location", "https://elsewhere/"}}) ==
          "refused: the metrics server sends elsewhere (302): give the address it has moved to");
    CHECK(lab.ask_for(429, "slow down") ==
          "unreachable: the metrics server cannot answer now (429): it answered the text \"slow down\"");
    CHECK(lab.ask_for(503, R"({"status":"error","error":"query timed out"})") ==
          "unreachable: the metrics server cannot answer now (503): query timed out");
    CHECK(lab.ask_for(200, "<html>") == "refused: the metrics server answered with an HTML page");
}

TEST_CASE("no answer is no answer", "[prometheus]") {
    Lab lab;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::drop}; });
    CHECK(lab.ask() == "unreachable: SERVER closed the connection before it answered");
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.body = vector("1"), .cut = 10, .afterwards = Afterwards::drop}; });
    CHECK(lab.ask() == "unreachable: SERVER closed the connection in the middle of its answer");
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.body = std::string((std::size_t{4} << 20) + 1, ' ')}; });
    CHECK(lab.ask() == "unreachable: the answer of SERVER was broken off: more than 4194304 bytes");
    PrometheusMetrics hasty({.timeout = base::Duration(50)});
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::stall}; });
    CHECK(text_of(hasty.read({"m", "up", lab.source, {}}, {})) ==
          "unreachable: " + lab.server.address() + " did not answer within 50ms");
    int port = 0;
    {
        const HttpServer gone;
        port = gone.port();
    }
    const auto dead = "127.0.0.1:" + std::to_string(port);
    CHECK(text_of(lab.metrics.read({"m", "up", {"prometheus", "http://" + dead}, {}}, {})) ==
          "unreachable: cannot connect to " + dead + ": connection refused");
}

TEST_CASE("an address that cannot be asked is refused", "[prometheus]") {
    PrometheusMetrics metrics;
    for (const char* address : {"", "prom:9090", "ftp://prom", "http://", "file:///etc/passwd"}) {
        INFO(address);
        CHECK(metrics.read({"m", "up", {"prometheus", address}, {}}, {}).kind == Kind::refused);
    }
    CHECK(metrics.read({"m", "up", {"prometheus", "http://127.0.0.1:1", {}, "a\r\nb"}, {}}, {}).kind == Kind::refused);
}

TEST_CASE("no detail tells a credential", "[prometheus]") {
    Lab lab;
    lab.source.bearer_token = "hunter2token";
    lab.source.headers = {{"X-Key", "hunter2key"}};
    lab.server.handle([](const HttpSeen& seen) {
        return HttpAnswer{.status = 400, .body = R"({"status":"error","error":"no )" + seen.header("Authorization") + " nor " +
                                                 seen.header("X-Key") + R"( "})"};
    });
    CHECK(lab.ask() == "refused: the metrics server refuses the query (400): no *** nor ***");
    lab.source = {"prometheus", "http://ann:hunter2@127.0.0.1:1"};
    CHECK(lab.ask().find("hunter2") == std::string::npos);
}

TEST_CASE("a certificate is checked unless that was forbidden", "[prometheus]") {
    const TestAuthority authority("home");
    HttpServer server(authority.issue(std::vector<std::string>{"127.0.0.1"}));
    server.handle([](const HttpSeen&) { return HttpAnswer{.body = vector("1")}; });
    PrometheusMetrics metrics;
    MetricSource source{"prometheus", server.url()};
    const auto untrusted = metrics.read({"m", "up", source, {}}, {});
    CHECK(untrusted.kind == Kind::refused);
    CHECK(untrusted.detail.starts_with("the certificate of 127.0.0.1:"));
    source.skip_tls_verify = true;
    CHECK(text_of(metrics.read({"m", "up", source, {}}, {})) == "1");
}

TEST_CASE("many ask the same server over few connections", "[prometheus]") {
    Lab lab;
    lab.server.handle([](const HttpSeen& seen) { return HttpAnswer{.body = vector(seen.target.substr(seen.target.find('=') + 1))}; });
    std::vector<std::string> wrong(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < wrong.size(); ++i)
        threads.emplace_back([&, i] {
            for (int k = 0; k < 50; ++k) {
                const auto asked = std::to_string(i * 1000 + static_cast<std::size_t>(k));
                const auto told = text_of(lab.metrics.read({"m", asked, lab.source, {}}, {}));
                if (told != asked) wrong[i] = told;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<std::string>(8));
    CHECK(lab.server.requests().size() == 400);
    CHECK(lab.server.connections() <= 16);
}

TEST_CASE("a stop ends the asking", "[prometheus]") {
    Lab lab;
    lab.server.handle([](const HttpSeen&) { return HttpAnswer{.raw = "", .afterwards = Afterwards::stall}; });
    std::stop_source source;
    std::thread stopper([&] {
        lab.server.wait_for_requests(1);
        source.request_stop();
    });
    CHECK(thrown([&] { lab.metrics.read({"m", "up", lab.source, {}}, source.get_token()); }).code() == base::Code::cancelled);
    stopper.join();
}
