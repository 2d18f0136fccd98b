#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/base/digest.hpp"
#include "core/io/credential_helper.hpp"
#include "core/io/git.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/http_stub.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using test::all_text;
using test::HttpStub;
using test::TempDir;
using test::thrown;

namespace {

constexpr std::string_view k_token = "ghp_s3cretTOKEN";

io::GitOptions options_for(const TempDir& dir, const std::string& url) {
    io::GitOptions options;
    options.url = url;
    options.cache_root = dir / "repos";
    options.home = dir.path();
    options.credentials.token = k_token;
    return options;
}

std::string http(std::string_view status, std::string_view headers = {}) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) + "Content-Length: 0\r\nConnection: close\r\n\r\n";
}

std::string address(const HttpStub& server, const std::string& host = "127.0.0.1") {
    return "http://" + host + ":" + std::to_string(server.port());
}

bool mentions(const std::vector<std::string>& heads, std::string_view text) {
    for (const std::string& head : heads)
        if (head.find(text) != std::string::npos) return true;
    return false;
}

/// Sets a variable for as long as it lives.
class Variable {
  public:
    Variable(const char* name, const std::string& value) : m_name(name) { setenv(name, value.c_str(), 1); }
    ~Variable() { unsetenv(m_name); }

  private:
    const char* m_name;
};

bool has_git() { return std::filesystem::exists("/usr/bin/git") || std::filesystem::exists("/usr/local/bin/git"); }

}  // namespace

TEST_CASE("a token is sent when asked for, and a refusal does not show it") {
    TempDir dir;
    HttpStub server([](const std::string&) { return http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"\r\n"); });
    base::Error error = thrown([&] { io::open_repo(options_for(dir, address(server) + "/org/app.git")); });
    CHECK(error.message() == "the repository " + address(server) + "/org/app.git refused the token");
    CHECK(error.code() == Code::denied);
    CHECK(all_text(error).find(k_token) == std::string::npos);
    auto heads = server.heads();
    REQUIRE(heads.size() >= 2);
    CHECK_FALSE(mentions({heads.front()}, "Authorization"));
    CHECK(mentions(heads, "Authorization: Basic " + base::base64_encode("x-access-token:" + std::string(k_token))));
}

TEST_CASE("credentials in the URL are used but never shown or stored") {
    TempDir dir;
    HttpStub server([](const std::string&) { return http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"\r\n"); });
    std::string port = std::to_string(server.port());
    io::GitOptions options = options_for(dir, "http://ada:" + std::string(k_token) + "@127.0.0.1:" + port + "/app");
    options.credentials.token.clear();
    base::Error error = thrown([&] { io::open_repo(options); });
    CHECK(error.message() == "the repository http://127.0.0.1:" + port + "/app refused the token");
    CHECK(all_text(error).find(k_token) == std::string::npos);
    CHECK(mentions(server.heads(), "Authorization: Basic " + base::base64_encode("ada:" + std::string(k_token))));
}

TEST_CASE("what a server answers becomes an error in words") {
    struct Row {
        std::string answer;
        Code code;
        std::string message;
    };
    const Row rows[] = {
        {http("404 Not Found"), Code::not_found, " does not exist, or the credentials may not see it"},
        {http("403 Forbidden"), Code::denied, " refused the credentials"},
        {http("302 Found", "Location: http://localhost:1/elsewhere/info/refs?service=git-upload-pack\r\n"), Code::denied,
         " redirects to another place, which is not followed"},
    };
    for (const Row& row : rows) {
        TempDir dir;
        HttpStub server([&](const std::string&) { return row.answer; });
        base::Error error = thrown([&] { io::open_repo(options_for(dir, address(server) + "/app")); });
        CHECK(error.message() == "the repository " + address(server) + "/app" + row.message);
        CHECK(error.code() == row.code);
        CHECK(all_text(error).find(k_token) == std::string::npos);
    }
}

TEST_CASE("a server that breaks off, or is not there, is unavailable") {
    TempDir dir;
    std::string gone;
    {
        HttpStub server([](const std::string&) { return std::string("HTTP/1.1 200 OK\r\nContent-Le"); });
        gone = address(server);
        base::Error error = thrown([&] { io::open_repo(options_for(dir, gone + "/app")); });
        CHECK(error.code() == Code::unavailable);
        CHECK(all_text(error).find(k_token) == std::string::npos);
    }
    base::Error error = thrown([&] { io::check_remote(options_for(dir, gone + "/app")); });
    CHECK(error.code() == Code::unavailable);
    CHECK(error.message().starts_with("cannot reach the repository " + gone + "/app: "));
}

TEST_CASE("a redirect to another host never carries the token there") {
    TempDir dir;
    HttpStub thief([](const std::string&) { return http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"); });
    std::string target = address(thief, "localhost") + "/app/info/refs?service=git-upload-pack";
    HttpStub server([&](const std::string&) { return http("302 Found", "Location: " + target + "\r\n"); });
    base::Error error = thrown([&] { io::open_repo(options_for(dir, address(server) + "/app")); });
    CHECK(error.code() == Code::denied);
    CHECK_FALSE(mentions(thief.heads(), "Authorization"));
}

TEST_CASE("the credential helper is asked without a shell, and its answer is used") {
    if (!has_git()) return;
    TempDir dir;
    std::string script = dir.write("helper", "#!/bin/sh\n[ \"$1\" = get ] || exit 0\ncat > " + (dir / "asked") +
                                                 "\necho username=grace\necho password=" + std::string(k_token) + "\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    std::string config = dir.write("gitconfig", "[credential]\n\thelper = " + script + "\n\tuseHttpPath = true\n");
    Variable global("GIT_CONFIG_GLOBAL", config), system("GIT_CONFIG_NOSYSTEM", "1");

    auto found = io::ask_credential_helper({"https", "host.example:8443", "org/app.git", ""});
    REQUIRE(found);
    CHECK(found->username == "grace");
    CHECK(found->password == k_token);
    CHECK(dir.read("asked").starts_with("protocol=https\nhost=host.example:8443\npath=org/app.git\n"));

    HttpStub server([](const std::string&) { return http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"\r\n"); });
    io::GitOptions options = options_for(dir, address(server) + "/app");
    options.credentials.token.clear();
    base::Error error = thrown([&] { io::open_repo(options); });
    CHECK(error.code() == Code::denied);
    CHECK(all_text(error).find(k_token) == std::string::npos);
    CHECK(mentions(server.heads(), "Authorization: Basic " + base::base64_encode("grace:" + std::string(k_token))));
}

TEST_CASE("without a token or a helper the error says how to give one") {
    TempDir dir;
    Variable global("GIT_CONFIG_GLOBAL", dir.write("gitconfig", "")), system("GIT_CONFIG_NOSYSTEM", "1");
    HttpStub server([](const std::string&) { return http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"\r\n"); });
    io::GitOptions options = options_for(dir, address(server) + "/app");
    options.credentials.token.clear();
    base::Error error = thrown([&] { io::open_repo(options); });
    CHECK(error.message() == "the repository " + address(server) + "/app asks for credentials");
    CHECK(error.hint_text() == "give a token with 'gitopsctl repo add', or set up a git credential helper");
    CHECK(error.code() == Code::denied);
}
