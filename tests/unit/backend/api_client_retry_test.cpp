#include <catch2/catch.hpp>

#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/backend/api_fixture.hpp"

using namespace gitops;
using namespace gitops::test;
using backend::ApiRequest;
using backend::Repeat;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* k_ok = R"({"kind":"Ok"})";

HttpAnswer failing(int status, HttpHeaders headers = {}) {
    HttpAnswer answer;
    answer.status = status;
    answer.headers = std::move(headers);
    return answer;
}

HttpAnswer cut_answer() {
    HttpAnswer answer = json(R"({"kind":"Ok","filler":"0123456789"})");
    answer.cut = 20;
    answer.afterwards = Afterwards::drop;
    return answer;
}

HttpAnswer no_answer() {
    HttpAnswer answer;
    answer.raw = "";
    answer.afterwards = Afterwards::drop;
    return answer;
}

ApiRequest post(Repeat repeat) {
    ApiRequest request = request_of("POST", "/x");
    request.body = "{}";
    request.content_type = "application/json";
    request.repeat = repeat;
    return request;
}

}  // namespace

TEST_CASE("a 429 is repeated after the seconds it asks for") {
    ApiFixture lab;
    lab.server.answer("/x", failing(429, {{"Retry-After", "2"}}));
    lab.server.answer("/x", json(k_ok));
    const auto response = lab.client()->call(request_of("GET", "/x"));
    CHECK(response.status == 200);
    CHECK(response.repeated == false);
    CHECK(lab.server.lines() == Lines{"GET /x", "GET /x"});
    CHECK(lab.waited() >= 2'000);
    CHECK(lab.waited() <= 2'100);
}

TEST_CASE("a 429 is repeated after the date it names, and soon without one") {
    ApiFixture lab;
    lab.server.answer("/x", failing(429, {{"Retry-After", "Thu, 01 Jan 2026 00:00:05 GMT"}}));
    lab.server.answer("/x", json(k_ok));
    lab.server.answer("/y", failing(429));
    lab.server.answer("/y", json(k_ok));
    const auto client = lab.client();
    client->get("/x");
    CHECK(lab.waited() >= 5'000);
    CHECK(lab.waited() <= 5'100);
    client->get("/y");
    CHECK(lab.waited() <= 5'200);
    CHECK(client->requests() == 4);
}

TEST_CASE("bursts of server errors, broken connections and answers cut short are repeated") {
    for (const auto& trouble : {failing(500), failing(502), failing(503), failing(504), cut_answer(), no_answer()}) {
        ApiFixture lab;
        lab.server.answer("/x", trouble);
        lab.server.answer("/x", trouble);
        lab.server.answer("/x", json(k_ok));
        const auto response = lab.client()->call(request_of("GET", "/x"));
        CHECK(response.status == 200);
        CHECK(response.repeated);
        CHECK(lab.server.lines() == Lines{"GET /x", "GET /x", "GET /x"});
    }
}

TEST_CASE("a server that stalls is asked again") {
    ApiFixture lab;
    lab.options.timeout = base::Duration(50);
    HttpAnswer stalled = no_answer();
    stalled.afterwards = Afterwards::stall;
    lab.server.answer("/x", stalled);
    lab.server.answer("/x", json(k_ok));
    CHECK(lab.client()->call(request_of("GET", "/x")).repeated);
}

TEST_CASE("patience has an end") {
    ApiFixture lab;
    lab.server.answer("/x", json(R"({"kind":"Status","message":"etcd is\n away"})", 503));
    const auto client = lab.client();
    const std::string text = thrown_by([&] { client->get("/x"); }, lab.server);
    CHECK(lab.waited() <= 60'000);
    CHECK(lab.waited() >= 20'000);
    const std::string tries = std::to_string(client->requests()) + " tries";
    const std::string waited = base::format_duration(base::Duration(lab.waited()));
    CHECK(text == "unavailable: SERVER answered 503 (Service Unavailable): etcd is away\n"
                  "gave up after " + waited + " and " + tries + "\nwhile asking GET /x");
}

TEST_CASE("an error 500 is not asked for a whole minute") {
    ApiFixture lab;
    lab.server.answer("/x", json(R"({"kind":"Status","message":"failed calling webhook \"w\""})", 500));
    const auto client = lab.client();
    CHECK_THROWS_AS(client->get("/x"), base::Error);
    CHECK(client->requests() == 6);
    CHECK(lab.waited() <= 3'100);
}

TEST_CASE("a store that elects a new leader is waited for") {
    ApiFixture lab;
    for (int i = 0; i < 8; ++i)
        lab.server.answer("/x", json(R"({"kind":"Status","message":"etcdserver: leader changed"})", 500));
    lab.server.answer("/x", json(k_ok));
    CHECK(lab.client()->call(request_of("GET", "/x")).repeated);
}

TEST_CASE("an apply against the schema is refused, although servers call it their own failure") {
    ApiFixture lab;
    lab.server.answer("/x", json(R"({"kind":"Status","message":"failed to create typed patch object: .spec.x: field not declared in schema"})", 500));
    const auto response = lab.client()->call(request_of("PATCH", "/x"));
    CHECK(response.status == 422);
    CHECK(backend::error_of(response.status, response.body, "it").message() ==
          "it: failed to create typed patch object: .spec.x: field not declared in schema");
    CHECK(lab.server.lines() == Lines{"PATCH /x"});
}

TEST_CASE("a request with its own patience") {
    ApiFixture lab;
    lab.server.answer("/x", failing(503));
    auto request = request_of("GET", "/x");
    request.patience = base::Duration(0);
    CHECK(thrown_by([&] { lab.client()->call(request); }, lab.server) ==
          "unavailable: SERVER answered 503 (Service Unavailable)\nwhile asking GET /x");
    CHECK(lab.server.lines() == Lines{"GET /x"});
}

TEST_CASE("what may be done twice is repeated, what may not is given back with a warning") {
    ApiFixture lab;
    lab.server.answer("/x", failing(503));
    lab.server.answer("/x", json(k_ok, 201));
    CHECK(lab.client()->call(post(Repeat::safe)).repeated);
    CHECK(lab.server.requests().at(1).body == "{}");
    CHECK(lab.server.requests().at(1).header("content-type") == "application/json");

    ApiFixture other;
    other.server.answer("/x", failing(503));
    CHECK(thrown_by([&] { other.client()->call(post(Repeat::only_unsent)); }, other.server) ==
          "unavailable: SERVER answered 503 (Service Unavailable)\n"
          "the server may have carried it out\nwhile asking POST /x");
    CHECK(other.server.lines() == Lines{"POST /x"});
}

TEST_CASE("what may not be done twice is not repeated after a broken connection, but after a 429") {
    for (const auto& trouble : {cut_answer(), no_answer()}) {
        ApiFixture lab;
        lab.server.answer("/x", trouble);
        lab.server.answer("/x", json(k_ok, 201));
        try {
            lab.client()->call(post(Repeat::only_unsent));
            FAIL("nothing thrown");
        } catch (const base::Error& error) {
            CHECK(error.code() == base::Code::unavailable);
            CHECK(error.notes() == Lines{"the server may have carried it out", "while asking POST /x"});
        }
        CHECK(lab.server.lines() == Lines{"POST /x"});
    }
    ApiFixture lab;
    lab.server.answer("/x", failing(429));
    lab.server.answer("/x", json(k_ok, 201));
    CHECK(lab.client()->call(post(Repeat::only_unsent)).status == 201);
}

TEST_CASE("a server that has never answered is given up soon") {
    ApiFixture lab;
    {
        const HttpServer gone;
        lab.access.server = gone.url();
    }
    const auto client = lab.client();
    CHECK_THROWS_AS(client->get("/x"), base::Error);
    CHECK(client->requests() == 4);
    CHECK(lab.waited() < 1'000);
}

TEST_CASE("a token that was rotated is read again after a 401") {
    ApiFixture lab;
    TempDir folder;
    lab.access.token_file = folder.write("token", "old");
    lab.server.handle([&](const HttpSeen& seen) {
        replace_unseen(folder / "token", "new");
        return seen.header("authorization") == "Bearer new" ? json(k_ok) : json("{}", 401);
    });
    CHECK(lab.client()->call(post(Repeat::only_unsent)).status == 200);
    Lines sent;
    for (const HttpSeen& seen : lab.server.requests()) sent.push_back(seen.header("authorization"));
    CHECK(sent == Lines{"Bearer old", "Bearer new"});
}

TEST_CASE("a credential that stays refused is denied") {
    ApiFixture lab;
    lab.server.answer("/x", json(R"({"kind":"Status","message":"Unauthorized"})", 401));
    CHECK(thrown_by([&] { lab.client()->get("/x"); }, lab.server) ==
          "denied: SERVER does not accept the credentials of user \"ada\"\nwhile asking GET /x\n"
          "hint: they are missing or have expired: log in again, or see the user in the kubeconfig");
}

TEST_CASE("a stop request ends waiting and sending") {
    ApiFixture lab;
    std::stop_source stop;
    lab.server.handle([&](const HttpSeen&) {
        stop.request_stop();
        return failing(503);
    });
    try {
        lab.client()->get("/x", stop.get_token());
        FAIL("nothing thrown");
    } catch (const base::Error& error) {
        CHECK(error.code() == base::Code::cancelled);
    }
    CHECK(lab.server.lines() == Lines{"GET /x"});
}

TEST_CASE("a clock that jumps ahead does not end the patience") {
    ApiFixture lab;
    lab.options.timeout = base::Duration(1'000);
    int asked = 0;
    lab.server.handle([&](const HttpSeen&) {
        if (++asked < 4) {
            lab.clock->advance(std::chrono::hours(asked == 2 ? -24 : 24));
            return failing(503);
        }
        return json(k_ok);
    });
    CHECK(lab.client()->call(request_of("GET", "/x")).status == 200);
}
