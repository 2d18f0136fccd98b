#include "core/backend/proxy.hpp"

#include <catch2/catch.hpp>

using gitops::backend::proxy_for;

namespace {

bool is_direct(const char* server, const char* none) {
    return proxy_for(server, {.https = "http://p:3128", .http = "http://p:3128", .none = none}).empty();
}

}  // namespace

TEST_CASE("the variable of the server's scheme counts, and a proxy may leave out its own scheme") {
    CHECK(proxy_for("https://a:6443", {.https = "p:3128", .http = "http://q", .none = ""}) == "http://p:3128");
    CHECK(proxy_for("http://a", {.https = "p", .http = "http://q", .none = ""}) == "http://q");
    CHECK(proxy_for("https://a", {.https = "", .http = "http://q", .none = ""}) == "");
}

TEST_CASE("this machine is reached directly") {
    CHECK(is_direct("https://localhost:6443", ""));
    CHECK(is_direct("https://127.9.0.1:6443", ""));
    CHECK(is_direct("https://[::1]:6443", ""));
    CHECK_FALSE(is_direct("https://10.0.0.1:6443", ""));
}

TEST_CASE("NO_PROXY names hosts, domains, ports and networks") {
    CHECK(is_direct("https://api.example.com", "other, example.com"));
    CHECK(is_direct("https://example.com", "example.com"));
    CHECK_FALSE(is_direct("https://badexample.com", "example.com"));
    CHECK(is_direct("https://api.example.com", ".example.com"));
    CHECK(is_direct("https://api.example.com", "*.example.com"));
    CHECK_FALSE(is_direct("https://example.com", ".example.com"));
    CHECK(is_direct("https://a:6443", "a:6443"));
    CHECK_FALSE(is_direct("https://a:6443", "a:443"));
    CHECK(is_direct("https://10.1.2.3:6443", "10.0.0.0/8"));
    CHECK_FALSE(is_direct("https://11.1.2.3", "10.0.0.0/8"));
    CHECK(is_direct("https://[fd00::7]:6443", "fd00::/16"));
    CHECK_FALSE(is_direct("https://10.1.2.3", "10.0.0.0/x"));
    CHECK(is_direct("https://a", "*"));
}
