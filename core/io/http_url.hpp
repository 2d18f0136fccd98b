// The parts of an http or https URL. For this folder only.
#pragma once

#include <string>
#include <string_view>

namespace gitops::io {

/// Views into the text it was made of.
struct HttpUrl {
    std::string_view scheme;
    std::string_view user_info;  ///< "" when there is none; a secret
    std::string_view host;       ///< an IPv6 address keeps its brackets
    std::string_view port;       ///< digits; "" the scheme's own
    std::string_view rest;       ///< path and query

    bool is_tls() const { return scheme == "https"; }
    /// "host:port" with the port as a number in any case: how messages name a server.
    std::string address() const;
    /// "host" or "host:port", as it was written: a Host header.
    std::string authority() const;
};

/// Error(invalid) for what is no URL of one of the schemes listed in `schemes` ("http https"); the message never
/// shows the user info.
HttpUrl split_http_url(std::string_view url, std::string_view schemes = "http https");

}  // namespace gitops::io
