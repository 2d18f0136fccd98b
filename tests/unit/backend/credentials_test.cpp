#include "core/backend/credentials.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/unit/backend/exec_fixture.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using backend::Credential;
using backend::Credentials;
using backend::KubeAccess;
using test::PluginFolder;
using test::plugin_environment;
using test::prints;
using test::TempDir;
using test::thrown;

namespace {

const base::Time k_start = *base::parse_rfc3339("2026-01-01T00:00:00Z");

/// "Name: value" lines.
std::string headers(const Credential& credential) {
    std::string text;
    for (const io::HttpHeader& header : credential.headers) text += header.name + ": " + header.value + "\n";
    return text;
}

std::string headers_of(KubeAccess access) {
    base::ManualClock clock(k_start);
    return headers(Credentials(std::move(access), clock, {}).current({}));
}

}  // namespace

TEST_CASE("tokens, passwords and impersonation become headers") {
    CHECK(headers_of({}) == "");
    CHECK(headers_of({.token = "abc"}) == "Authorization: Bearer abc\n");
    CHECK(headers_of({.username = "ann", .password = "pw"}) == "Authorization: Basic YW5uOnB3\n");
    CHECK(headers_of({.token = "abc",
                      .impersonate = {"ann", "7", {"ops", "dev"}, {{"scopes", {"a", "b"}}, {"example.com/Reason", {"x"}}}}}) ==
          "Authorization: Bearer abc\nImpersonate-User: ann\nImpersonate-Uid: 7\nImpersonate-Group: ops\n"
          "Impersonate-Group: dev\nImpersonate-Extra-scopes: a\nImpersonate-Extra-scopes: b\n"
          "Impersonate-Extra-example.com%2FReason: x\n");
}

TEST_CASE("a line break cannot smuggle a header in") {
    CHECK(thrown([] { headers_of({.token = "a\r\nX: y"}); }).message() ==
          "the token holds a line break or another control character");
    CHECK(thrown([] { headers_of({.impersonate = {"ann", "", {"a\nb"}, {}}}); }).message() ==
          "the impersonated group holds a line break or another control character");
}

TEST_CASE("a client certificate goes along, and a fixed credential cannot be renewed") {
    base::ManualClock clock(k_start);
    Credentials credentials({.identity = {"CERT", "KEY"}}, clock, {});
    const Credential credential = credentials.current({});
    REQUIRE(credential.identity);
    CHECK(credential.identity->cert_pem == "CERT");
    CHECK_FALSE(credentials.renew(credential, {}));
    CHECK(credentials.current({}).identity == credential.identity);
}

TEST_CASE("a token file is read again when it was replaced, and a missing one leaves the last token in use") {
    TempDir folder;
    base::ManualClock clock(k_start);
    const std::string file = folder.write("token", "first\n");
    Credentials credentials({.token_file = file}, clock, {});
    const Credential first = credentials.current({});
    CHECK(headers(first) == "Authorization: Bearer first\n");
    CHECK(credentials.current({}).generation == first.generation);
    folder.write("token", "second, and longer\n");
    CHECK(headers(credentials.current({})) == "Authorization: Bearer second, and longer\n");
    std::filesystem::remove(file);
    CHECK(headers(credentials.current({})) == "Authorization: Bearer second, and longer\n");
    CHECK(credentials.renew(first, {}));
    CHECK_FALSE(credentials.renew(credentials.current({}), {}));
}

TEST_CASE("after a refusal the token file is read whatever its time says") {
    TempDir folder;
    base::ManualClock clock(k_start);
    const std::string file = folder.write("token", "old");
    Credentials credentials({.token_file = file}, clock, {});
    const Credential old = credentials.current({});
    const auto written = std::filesystem::last_write_time(file);
    folder.write("token", "new");
    std::filesystem::last_write_time(file, written);
    CHECK(headers(credentials.current({})) == "Authorization: Bearer old\n");
    CHECK(credentials.renew(old, {}));
    CHECK(headers(credentials.current({})) == "Authorization: Bearer new\n");
}

TEST_CASE("a token file that was never there is an error, unless there is a fixed token") {
    TempDir folder;
    base::ManualClock clock(k_start);
    Credentials none({.token_file = folder / "x"}, clock, {});
    CHECK(thrown([&] { none.current({}); }).message() == (folder / "x") + " does not exist");
    Credentials fixed({.token = "t", .token_file = folder / "x"}, clock, {});
    CHECK(headers(fixed.current({})) == "Authorization: Bearer t\n");
}

TEST_CASE("a plugin is run once until its credential expires") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    Credentials credentials(
        plugin.access(prints("\"token\":\"'$(wc -c < \"$RUNS\")'\",\"expirationTimestamp\":\"2026-01-01T01:00:00Z\"")), clock,
        {"PATH=/usr/bin:/bin", "RUNS=" + plugin.folder / "runs"});
    CHECK(headers(credentials.current({})) == "Authorization: Bearer 1\n");
    clock.advance(base::Duration(3'599'999));
    CHECK(headers(credentials.current({})) == "Authorization: Bearer 1\n");
    clock.advance(base::Duration(1));
    CHECK(headers(credentials.current({})) == "Authorization: Bearer 2\n");
    CHECK(plugin.runs() == 2);
}

TEST_CASE("a refused credential runs the plugin again, once for all who were refused") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    Credentials credentials(plugin.access(prints("\"token\":\"'$(wc -c < \"$RUNS\")'\"")), clock,
                            {"PATH=/usr/bin:/bin", "RUNS=" + plugin.folder / "runs"});
    const Credential first = credentials.current({});
    CHECK(credentials.renew(first, {}));
    CHECK(credentials.renew(first, {}));
    CHECK(headers(credentials.current({})) == "Authorization: Bearer 2\n");
    CHECK(plugin.runs() == 2);
}

TEST_CASE("a plugin that gives the refused token again has nothing new to try") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    Credentials credentials(plugin.access(prints("\"token\":\"t\"")), clock, plugin_environment());
    CHECK_FALSE(credentials.renew(credentials.current({}), {}));
    CHECK(plugin.runs() == 2);
}

TEST_CASE("many threads share one run of the plugin") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    Credentials credentials(plugin.access(prints("\"token\":\"t\"")), clock, plugin_environment());
    std::vector<std::jthread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            if (headers(credentials.current({})) == "Authorization: Bearer t\n") ++good;
        });
    }
    threads.clear();
    CHECK(good == 8);
    CHECK(plugin.runs() == 1);
}

TEST_CASE("a thread that waits for another's run of the plugin can be stopped, and then takes nothing with it") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    // The plugin goes on when the test says so, by a file.
    const std::string wait = "while [ ! -e '" + (plugin.folder / "go") + "' ]; do sleep 0.01; done\n";
    Credentials credentials(plugin.access(wait + prints("\"token\":\"t\"")), clock, plugin_environment());
    std::string first;
    std::jthread runs([&] { first = headers(credentials.current({})); });
    while (plugin.runs() == 0) std::this_thread::yield();
    std::stop_source stop;
    stop.request_stop();
    CHECK(thrown([&] { credentials.current(stop.get_token()); }).code() == base::Code::cancelled);
    plugin.folder.write("go", "");
    runs.join();
    CHECK(first == "Authorization: Bearer t\n");
    CHECK(plugin.runs() == 1);
}

TEST_CASE("a credential that is already expired is used once, not asked for again and again") {
    PluginFolder plugin;
    base::ManualClock clock(k_start);
    Credentials credentials(plugin.access(prints("\"token\":\"t\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"")), clock,
                            plugin_environment());
    CHECK(headers(credentials.current({})) == "Authorization: Bearer t\n");
    CHECK(plugin.runs() == 1);
}
