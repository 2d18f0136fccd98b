#include <catch2/catch.hpp>

#include "core/io/mail.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using io::Mail;

namespace {

Mail mail() {
    Mail mail{"Gitops <gitops@example.com>", {"ann@example.com", "bob@example.com"}, "shop is out", "It runs v2.\n"};
    mail.id = "4f2a";
    mail.date = *base::parse_rfc3339("2026-01-01T09:05:03Z");
    return mail;
}

}  // namespace

TEST_CASE("a mail as RFC 5322 has it") {
    CHECK(io::mail_text(mail()) ==
          "Date: Thu, 01 Jan 2026 09:05:03 +0000\r\n"
          "From: Gitops <gitops@example.com>\r\n"
          "To: ann@example.com,\r\n bob@example.com\r\n"
          "Subject: shop is out\r\n"
          "Message-ID: <4f2a@gitopsctl>\r\n"
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: base64\r\n"
          "Auto-Submitted: auto-generated\r\n"
          "\r\n"
          "SXQgcnVucyB2Mi4K\r\n");
}

TEST_CASE("a subject in other letters is encoded in words that are whole") {
    auto greeting = mail();
    greeting.subject = "Ausbeute auf Linie Süd gefallen: 97,2 % statt 99,6 %, zurückgerollt";
    const auto text = io::mail_text(greeting);
    const auto begin = text.find("Subject: ");
    CHECK(text.substr(begin, text.find("\r\nMessage-ID") - begin) ==
          "Subject: =?utf-8?B?QXVzYmV1dGUgYXVmIExpbmllIFPDvGQgZ2VmYWxsZW46IDk3LDIgJSBz?=\r\n"
          " =?utf-8?B?dGF0dCA5OSw2ICUsIHp1csO8Y2tnZXJvbGx0?=");
}

TEST_CASE("nothing can be slipped into a mail's header") {
    for (const auto& [subject, to] : std::vector<std::pair<std::string, std::string>>{
             {"x\r\nBcc: eve@example.com", "ann@example.com"}, {"x", "ann@example.com\r\nBcc: eve@example.com"},
             {"x", "ann@example.com> <eve@example.com"}, {"x", "ann"}}) {
        auto bad = mail();
        bad.subject = subject;
        bad.to = {to};
        CHECK(test::thrown([&] { io::mail_text(bad); }).code() == base::Code::invalid);
    }
}

TEST_CASE("a mail reaches the server whole, and what the server refuses is told") {
    const test::SmtpServer server;
    io::send_mail({.host = "127.0.0.1", .port = server.port()}, mail(), {});
    REQUIRE(server.mails().size() == 1);
    const auto got = server.mails().front();
    CHECK(got.from == "<gitops@example.com>");
    CHECK(got.to == std::vector<std::string>{"<ann@example.com>", "<bob@example.com>"});
    CHECK(got.text == io::mail_text(mail()) + ".\r\n");

    const test::SmtpServer strict("550 no such user");
    const auto refused = test::thrown([&] { io::send_mail({.host = "127.0.0.1", .port = strict.port()}, mail(), {}); });
    CHECK(refused.code() == base::Code::unavailable);
    CHECK(refused.message() == "127.0.0.1:" + std::to_string(strict.port()) + " did not take the mail: RCPT failed: 550");
}

TEST_CASE("a password is never sent over a connection that is not encrypted") {
    const test::SmtpServer server;
    const auto refused = test::thrown(
        [&] { io::send_mail({.host = "127.0.0.1", .port = server.port(), .username = "u", .password = "hunter2"}, mail(), {}); });
    CHECK(refused.code() == base::Code::denied);
    CHECK(server.mails().empty());
    CHECK(test::all_text(refused).find("hunter2") == std::string::npos);
}
