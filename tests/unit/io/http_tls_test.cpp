#include <catch2/catch.hpp>

#include "core/io/http.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/tls.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using test::HttpServer;
using test::TestAuthority;

namespace {

/// What a request with these options came to: its body, or the error's code and message.
std::string outcome(const HttpServer& server, io::HttpOptions options, std::shared_ptr<const io::ClientIdentity> identity = {}) {
    try {
        io::HttpClient client(std::move(options));
        return client.send({.url = server.url("/"), .identity = std::move(identity)}).body;
    } catch (const io::HttpError& error) {
        const bool was_sent = error.reached() == io::HttpError::Reached::maybe;
        return std::string(base::code_name(error.code())) + (was_sent ? " maybe: " : " not sent: ") + error.message();
    }
}

test::HttpAnswer who_asks(const test::HttpSeen& seen) {
    return {.body = "sni=" + seen.server_name + " host=" + seen.header("Host") + " client=" + seen.client_name};
}

std::shared_ptr<const io::ClientIdentity> client_identity(const test::TestIdentity& identity) {
    return std::make_shared<io::ClientIdentity>(io::ClientIdentity{identity.cert_pem, identity.key_pem});
}

}  // namespace

TEST_CASE("a certificate is trusted only when a given authority signed it, for the host, and in its time") {
    const TestAuthority authority;
    const TestAuthority other("another authority");
    HttpServer good(authority.issue({"127.0.0.1"}));
    HttpServer wrong_name(authority.issue({"api.example.com"}));
    HttpServer expired(authority.issue({"127.0.0.1"}, -std::chrono::minutes(1)));
    for (HttpServer* server : {&good, &wrong_name, &expired}) server->handle(who_asks);
    CHECK(outcome(good, {.ca_pem = authority.cert_pem()}) == "sni= host=" + good.address() + " client=");
    CHECK(outcome(good, {.ca_pem = other.cert_pem() + authority.cert_pem()}) == "sni= host=" + good.address() + " client=");
    CHECK(outcome(good, {.ca_pem = other.cert_pem()}) == "denied not sent: the certificate of " + good.address() +
                                                             " is not trusted: unable to get local issuer certificate");
    CHECK(outcome(good, {}) == "denied not sent: the certificate of " + good.address() +
                                   " is not trusted: unable to get local issuer certificate");
    CHECK(outcome(expired, {.ca_pem = authority.cert_pem()}) ==
          "denied not sent: the certificate of " + expired.address() + " is not trusted: certificate has expired");
    CHECK(outcome(wrong_name, {.ca_pem = authority.cert_pem()}) ==
          "denied not sent: the certificate of " + wrong_name.address() + " is not for the name 127.0.0.1");
    CHECK(expired.requests().empty());
}

TEST_CASE("the server name is asked for and compared, while the connection goes to the host of the URL") {
    const TestAuthority authority;
    HttpServer server(authority.issue({"api.example.com"}));
    server.handle(who_asks);
    CHECK(outcome(server, {.ca_pem = authority.cert_pem(), .server_name = "api.example.com"}) ==
          "sni=api.example.com host=" + server.address() + " client=");
    CHECK(outcome(server, {.ca_pem = authority.cert_pem(), .server_name = "www.example.com"}) ==
          "denied not sent: the certificate of " + server.address() + " is not for the name www.example.com");
}

TEST_CASE("without verification any certificate will do") {
    HttpServer server(TestAuthority().issue({"api.example.com"}, -std::chrono::minutes(1)));
    server.handle(who_asks);
    CHECK(outcome(server, {.verify = io::TlsVerify::no}) == "sni= host=" + server.address() + " client=");
}

TEST_CASE("a client shows its certificate, and connections are not shared between identities") {
    const TestAuthority authority;
    HttpServer server(authority.issue({"127.0.0.1"}), authority.cert_pem());
    server.handle(who_asks);
    io::HttpClient client({.ca_pem = authority.cert_pem()});
    for (const std::string name : {"anna", "bert", "anna"}) {
        const auto identity = client_identity(authority.issue({name}));
        CHECK(client.send({.url = server.url("/"), .identity = identity}).body ==
              "sni= host=" + server.address() + " client=" + name);
    }
}

TEST_CASE("a client certificate that a server declines, or that is none, is told as that") {
    const TestAuthority authority;
    const TestAuthority other("another authority");
    HttpServer server(authority.issue({"127.0.0.1"}), authority.cert_pem());
    const io::HttpOptions options{.ca_pem = authority.cert_pem()};
    const auto anna = authority.issue({"anna"});
    const auto bert = authority.issue({"bert"});
    CHECK(outcome(server, options) == "denied not sent: " + server.address() + " declined the client certificate: certificate required");
    CHECK(outcome(server, options, client_identity(other.issue({"anna"}))) ==
          "denied not sent: " + server.address() + " declined the client certificate: unknown ca");
    CHECK(outcome(server, options, client_identity({anna.cert_pem, bert.key_pem})) ==
          "invalid not sent: the client certificate or key given for " + server.address() + " cannot be used");
    CHECK(outcome(server, options, client_identity({"no certificate", anna.key_pem})) ==
          "invalid not sent: the client certificate or key given for " + server.address() + " cannot be used");
    CHECK(outcome(server, {.ca_pem = "no certificate"}) ==
          "invalid not sent: the certificate authority given for " + server.address() + " cannot be read");
}

TEST_CASE("a server that speaks no TLS is told as that") {
    HttpServer server;
    io::HttpClient client({});
    const base::Error error = test::thrown([&] { client.send({.url = "https://" + server.address() + "/"}); });
    CHECK(error.message() == "no TLS connection to " + server.address() + ": its answer is no TLS");
    CHECK(error.hint_text() == "check that the server speaks TLS 1.2 or newer on this port");
}

TEST_CASE("requests share a TLS connection") {
    const TestAuthority authority;
    HttpServer server(authority.issue({"127.0.0.1"}));
    server.handle(who_asks);
    io::HttpClient client({.ca_pem = authority.cert_pem()});
    for (int i = 0; i < 3; ++i) client.send({.url = server.url("/")});
    CHECK(server.connections() == 1);
}
