// Sends a mail through an SMTP server, over libcurl.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/clock.hpp"

namespace gitops::io {

/// Port 465 is TLS from the first byte; on others the connection becomes TLS by STARTTLS: always when there is a password,
/// where the server offers it otherwise.
struct MailServer {
    std::string host;
    int port = 587;
    std::string username{}, password{};
    std::string ca_pem{};  ///< trust only these authorities; "" the system's
    bool skip_tls_verify = false;
    base::Duration timeout{30'000};  ///< of the whole conversation
};

struct Mail {
    std::string from;             ///< an address, or "Name <address>"
    std::vector<std::string> to;  ///< addresses
    std::string subject, body;
    enum class Format { plain, html } format = Format::plain;
    std::string id{};             ///< its Message-ID becomes <id@gitopsctl>: who gets it twice sees it once
    base::Time date{};
};

/// The mail as RFC 5322 wants it: header lines in ASCII (RFC 2047 for others), the body in base64. Error(invalid) for an
/// address or a subject with a line break, and for no recipient.
std::string mail_text(const Mail& mail);

/// Error(unavailable) when the server cannot be reached or does not take it, Error(denied) for credentials or a certificate,
/// Error(invalid) as mail_text(), Error(cancelled).
void send_mail(const MailServer& server, const Mail& mail, std::stop_token stop);

}  // namespace gitops::io
