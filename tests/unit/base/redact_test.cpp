#include "core/base/redact.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"

using namespace gitops::base;
using Pair = std::pair<std::string, std::string>;

TEST_CASE("the user info of a URL is taken out in every form it comes in") {
    const auto [text, expected] = GENERATE(values<Pair>({
        {"https://user:token@host/repo.git", "https://***@host/repo.git"},
        {"https://token@host/repo.git", "https://***@host/repo.git"},
        {"HTTPS://user:token@host", "HTTPS://***@host"},
        {"https://user:p@ss@word@host/x", "https://***@host/x"},
        {"https://user:pa/ss@host/x", "https://***@host/x"},
        {"https://user:pa ss@host/x", "https://***@host/x"},
        {"https://user:pa#ss?@host/x", "https://***@host/x"},
        {"https://user:@host", "https://***@host"},
        {"https://:token@host", "https://***@host"},
        {"https://us%40er:to%2Fken@host", "https://***@host"},
        {"clone 'https://a:b@h/x' and \"http://c:d@h\"", "clone 'https://***@h/x' and \"http://***@h\""},
        {"https://a:b@h https://c:d@i", "https://***@h https://***@i"},
        {"ssh://git:secret@host/x", "ssh://***@host/x"},
        {"git+https://u:t@h/x", "git+https://***@h/x"},
        {"https://u:t@[::1]:8443/x", "https://***@[::1]:8443/x"},
        {"url=https://u:t@h,x", "url=https://***@h,x"},
    }));
    CHECK(redact(text) == expected);
}

TEST_CASE("what holds no secret stays as it is") {
    const char* const text = GENERATE("https://host/repo.git", "ssh://git@host/x", "git@host:team/repo.git",
                                      "http://[::1]:8080/x@y", "https://host:8080/a@b", "https://host/path@v1",
                                      "mail a@b.example about https://host/x", "", "://", "a://", "no bearer token is configured",
                                      "authorization.k8s.io/v1", "file:///srv/x", "https://host/x?page=2&keys=3", "ghp_short");
    CHECK(redact(text) == text);
}

TEST_CASE("tokens outside of URLs") {
    const auto [text, expected] = GENERATE(values<Pair>({
        {"Authorization: Basic dXNlcjpwYXNz", "Authorization: ***"},
        {"authorization:token abc def\nnext", "authorization:***\nnext"},
        {"{\"Authorization\": \"Bearer abc\"}", "{\"Authorization\": \"***\"}"},
        {"Proxy-Authorization: x", "Proxy-Authorization: ***"},
        {"curl -H 'PRIVATE-TOKEN: glx'", "curl -H 'PRIVATE-TOKEN: ***'"},
        {"sent Bearer eyJh.bGci-Oi_J9/+= twice", "sent Bearer *** twice"},
        {"got ghp_0123456789abcdefABCDEF from env", "got *** from env"},
        {"glpat-abcdefghijkl", "***"},
        {"https://host/x?access_token=abc&b=1", "https://host/x?access_token=***&b=1"},
        {"/hook?a=1&token=s3cr3t#top", "/hook?a=1&token=***#top"},
    }));
    CHECK(redact(text) == expected);
}

TEST_CASE("redacting twice changes nothing more") {
    const std::string once = redact("https://u:t@h Authorization: x\nBearer y");
    CHECK(redact(once) == once);
}

TEST_CASE("errors are redacted as they are made") {
    Error error(Code::denied, "cannot reach https://u:t@h");
    error.note("while fetching https://u:t@h").hint("check https://u:t@h").at({"https://u:t@h/x.yaml", 3, 1});
    CHECK(error.message() == "cannot reach https://***@h");
    CHECK(error.notes() == std::vector<std::string>{"while fetching https://***@h"});
    CHECK(error.hint_text() == "check https://***@h");
    CHECK(error.place().file == "https://***@h/x.yaml");
}

TEST_CASE("the innermost place of an error stays") {
    Error error(Code::invalid, "x");
    error.at({"", 7, 2}).at({"a.yaml", 1, 1}).at({"b.yaml", 9, 9});
    CHECK(error.place().file == "a.yaml");
    CHECK(error.place().line == 7);
}

TEST_CASE("hostile text is redacted in linear time") {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "a://b:c ";
    for (int i = 0; i < 50'000; ++i) text += "?token";
    CHECK(redact(text) == text);
}
