#include <curl/curl.h>
// keep this order
#include "core/io/http_failure.hpp"

#include <fmt/format.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/text.hpp"
#include "core/io/http_url.hpp"
#include "core/io/late_library.hpp"

namespace gitops::io {

namespace {

constinit const LateFunction<decltype(::X509_verify_cert_error_string)> X509_verify_cert_error_string(
    k_libcrypto, "X509_verify_cert_error_string");

using base::Code;
using Reached = HttpError::Reached;

/// Some proxies and servers put a page into a reason.
constexpr std::size_t k_longest_detail = 200;

struct Ending {
    CURLcode result;
    const Running& running;
    const HttpOptions& options;
    std::string server;  ///< "host:port"
    std::string proxy;   ///< the same; "" when there is none

    Reached reached() const { return was_sent(running.easy.get()) ? Reached::maybe : Reached::not_sent; }
};

/// curl's own words, or else the meaning of its code; one line.
std::string detail_of(const Ending& ending) {
    std::string_view text = ending.running.transfer->error_text();
    if (text.empty()) text = curl_library().easy_strerror(ending.result);
    std::string line(text.substr(0, k_longest_detail));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    return std::string(base::trim(line));
}

long number_of(CURL* easy, CURLINFO what) {
    long value = 0;
    curl_library().easy_getinfo(easy, what, &value);
    return value;
}

/// "connection refused"; "" when the system had no complaint.
std::string system_reason(CURL* easy) {
    const long number = number_of(easy, CURLINFO_OS_ERRNO);
    return number == 0 ? std::string() : base::lower(std::strerror(static_cast<int>(number)));
}

HttpError resolve_failed(const Ending& ending) {
    const bool is_proxy = ending.result == CURLE_COULDNT_RESOLVE_PROXY;
    HttpError error(Code::unavailable,
                    fmt::format("cannot find the address of {}{}", is_proxy ? "the proxy " : "", is_proxy ? ending.proxy : ending.server),
                    Reached::not_sent);
    error.hint("check the name, and that this machine's DNS knows it");
    return error;
}

HttpError connect_failed(const Ending& ending) {
    std::string reason = system_reason(ending.running.easy.get());
    if (reason.empty()) reason = detail_of(ending);
    const std::string peer = ending.proxy.empty() ? ending.server : "the proxy " + ending.proxy;
    HttpError error(Code::unavailable, fmt::format("cannot connect to {}: {}", peer, reason), Reached::not_sent);
    error.hint("check that the server runs, and that a firewall or VPN lets this machine reach it");
    return error;
}

HttpError proxy_failed(const Ending& ending) {
    const long status = number_of(ending.running.easy.get(), CURLINFO_HTTP_CONNECTCODE);
    const std::string reason = status == 0 ? detail_of(ending) : fmt::format("it answered with status {}", status);
    return {Code::unavailable, fmt::format("the proxy {} does not lead to {}: {}", ending.proxy, ending.server, reason),
            Reached::not_sent};
}

/// "OpenSSL/3.0.2: error:0A00010B:SSL routines::wrong version number" -> "wrong version number"
std::string tls_reason(const Ending& ending) {
    const std::string detail = detail_of(ending);
    if (detail.ends_with("wrong version number")) return "its answer is no TLS";
    const std::size_t mark = detail.rfind("::");
    return mark == std::string::npos ? detail : detail.substr(mark + 2);
}

HttpError tls_failed(const Ending& ending) {
    HttpError error(Code::unavailable, fmt::format("no TLS connection to {}: {}", ending.server, tls_reason(ending)),
                    Reached::not_sent);
    error.hint("check that the server speaks TLS 1.2 or newer on this port");
    return error;
}

HttpError not_trusted(const Ending& ending) {
    const long verdict = number_of(ending.running.easy.get(), CURLINFO_SSL_VERIFYRESULT);
    if (ending.running.transfer->error_text().find("subject name") != std::string_view::npos) {
        const std::string& name = ending.options.server_name;
        const std::string host(split_http_url(ending.running.transfer->request().url).host);
        HttpError error(Code::denied,
                        fmt::format("the certificate of {} is not for the name {}", ending.server, name.empty() ? host : name),
                        Reached::not_sent);
        error.hint("connect by a name the certificate has, or set the TLS server name to one");
        return error;
    }
    HttpError error(Code::denied,
                    fmt::format("the certificate of {} is not trusted: {}", ending.server, X509_verify_cert_error_string(verdict)),
                    Reached::not_sent);
    error.hint("give the certificate of the authority that signed it");
    return error;
}

HttpError bad_authority(const Ending& ending) {
    HttpError error(Code::invalid, fmt::format("the certificate authority given for {} cannot be read", ending.server),
                    Reached::not_sent);
    error.hint("it must be one or more certificates as PEM text");
    return error;
}

HttpError bad_identity(const Ending& ending) {
    HttpError error(Code::invalid, fmt::format("the client certificate or key given for {} cannot be used", ending.server),
                    Reached::not_sent);
    error.hint("both must be PEM text, the key without a password, and they must belong together");
    return error;
}

HttpError timed_out(const Ending& ending) {
    const Transfer& transfer = *ending.running.transfer;
    const HttpRequest& request = transfer.request();
    const std::string& server = ending.server;
    if (ending.reached() == Reached::not_sent) {
        const base::Duration limit = ending.options.connect_timeout;
        const base::Duration waited = request.timeout.count() > 0 ? std::min(limit, request.timeout) : limit;
        HttpError error(Code::unavailable, fmt::format("cannot connect to {}: no answer within {}", server, base::format_duration(waited)),
                        Reached::not_sent);
        error.hint("check that the server runs, and that a firewall or VPN lets this machine reach it");
        return error;
    }
    // curl has one code for all its clocks; only its text tells them apart.
    if (transfer.error_text().starts_with("Operation too slow"))
        return {Code::unavailable, fmt::format("{} sent nothing for {}", server, base::format_duration(request.idle)), Reached::maybe};
    const std::string_view what = transfer.has_head() ? "did not finish its answer" : "did not answer";
    return {Code::unavailable, fmt::format("{} {} within {}", server, what, base::format_duration(request.timeout)),
            Reached::maybe};
}

HttpError broke_off(const Ending& ending) {
    const bool has_begun = ending.running.transfer->status() != 0;
    const std::string_view when = has_begun ? "in the middle of its answer" : "before it answered";
    const std::string reason = system_reason(ending.running.easy.get());
    return {Code::unavailable,
            fmt::format("{} closed the connection {}{}{}", ending.server, when, reason.empty() ? "" : ": ", reason), ending.reached()};
}

HttpError not_http(const Ending& ending) {
    return {Code::unavailable, fmt::format("{} did not answer in HTTP", ending.server), ending.reached()};
}

HttpError not_decoded(const Ending& ending) {
    return {Code::unavailable, fmt::format("the compressed answer of {} cannot be read", ending.server), Reached::maybe};
}

HttpError refused_by_us(const Ending& ending) {
    const std::string& why = ending.running.transfer->refusal();
    return {Code::unavailable,
            fmt::format("the answer of {} was broken off: {}", ending.server, why.empty() ? detail_of(ending) : why), Reached::maybe};
}

HttpError otherwise(const Ending& ending) {
    return {Code::unavailable, fmt::format("the request to {} failed: {}", ending.server, detail_of(ending)), ending.reached()};
}

struct Meaning {
    CURLcode result;
    HttpError (*says)(const Ending&);
};

constexpr std::array k_meanings{
    Meaning{CURLE_COULDNT_RESOLVE_HOST, resolve_failed}, Meaning{CURLE_COULDNT_RESOLVE_PROXY, resolve_failed},
    Meaning{CURLE_COULDNT_CONNECT, connect_failed},      Meaning{CURLE_PROXY, proxy_failed},
    Meaning{CURLE_SSL_CONNECT_ERROR, tls_failed},        Meaning{CURLE_PEER_FAILED_VERIFICATION, not_trusted},
    Meaning{CURLE_SSL_CACERT_BADFILE, bad_authority},    Meaning{CURLE_SSL_CERTPROBLEM, bad_identity},
    Meaning{CURLE_OPERATION_TIMEDOUT, timed_out},        Meaning{CURLE_GOT_NOTHING, broke_off},
    Meaning{CURLE_PARTIAL_FILE, broke_off},              Meaning{CURLE_RECV_ERROR, broke_off},
    Meaning{CURLE_SEND_ERROR, broke_off},                Meaning{CURLE_SEND_FAIL_REWIND, broke_off},
    Meaning{CURLE_HTTP2, broke_off},                     Meaning{CURLE_HTTP2_STREAM, broke_off},
    Meaning{CURLE_BAD_CONTENT_ENCODING, not_decoded},    Meaning{CURLE_WRITE_ERROR, refused_by_us},
    Meaning{CURLE_WEIRD_SERVER_REPLY, not_http},         Meaning{CURLE_UNSUPPORTED_PROTOCOL, not_http}};

/// TLS alerts (RFC 8446, 6.2) by which a server declines the client's certificate. With TLS 1.3 they come when the
/// client holds the connection for open and has sent its request, which the server then never reads.
constexpr std::array<std::string_view, 7> k_identity_alerts{
    "certificate required", "bad certificate", "unknown ca", "certificate expired",
    "certificate revoked",  "certificate unknown", "unsupported certificate"};

std::optional<HttpError> identity_declined(const Ending& ending) {
    const std::string text = base::lower(ending.running.transfer->error_text());
    const std::size_t alert = text.find("alert ");
    if (alert == std::string::npos) return std::nullopt;
    for (const std::string_view reason : k_identity_alerts) {
        if (text.find(reason, alert) == std::string::npos) continue;
        HttpError error(Code::denied, fmt::format("{} declined the client certificate: {}", ending.server, reason), Reached::not_sent);
        error.hint("give a client certificate that an authority of the server has signed, and that has not expired");
        return error;
    }
    return std::nullopt;
}

bool failed_at_proxy(const Ending& ending) {
    const long status = number_of(ending.running.easy.get(), CURLINFO_HTTP_CONNECTCODE);
    return !ending.proxy.empty() && status != 0 && status / 100 != 2;
}

}  // namespace

bool was_sent(CURL* easy) { return number_of(easy, CURLINFO_REQUEST_SIZE) > 0; }

HttpError failure_of(CURLcode result, const Running& running, const HttpOptions& options) {
    Ending ending{result, running, options, split_http_url(running.transfer->request().url).address(), {}};
    if (!options.proxy_url.empty()) ending.proxy = split_http_url(options.proxy_url, "http https socks5 socks5h").address();
    if (failed_at_proxy(ending)) return proxy_failed(ending);
    if (auto declined = identity_declined(ending)) return *declined;
    const auto known =
        std::find_if(k_meanings.begin(), k_meanings.end(), [&](const Meaning& meaning) { return meaning.result == result; });
    return known == k_meanings.end() ? otherwise(ending) : known->says(ending);
}

HttpError cancelled_failure(const Transfer& transfer, HttpError::Reached reached) {
    return {Code::cancelled, fmt::format("the {} request was cancelled", transfer.request().method), reached};
}

HttpError unsent_failure(const base::Error& error) {
    HttpError failure(error.code(), error.message(), Reached::not_sent);
    if (!error.hint_text().empty()) failure.hint(error.hint_text());
    return failure;
}

}  // namespace gitops::io
