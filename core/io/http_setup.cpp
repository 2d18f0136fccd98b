#include <curl/curl.h>
// keep this order
#include "core/io/http_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "core/io/http_url.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

constexpr long k_buffer_bytes = 64L << 10;
/// A peer that vanished without a word is noticed after about a minute.
constexpr long k_keepalive_idle_s = 30;
constexpr long k_keepalive_interval_s = 10;
constexpr std::string_view k_proxy_schemes = "http https socks5 socks5h";

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    const CURLcode result = curl_library().easy_setopt(easy, option, value);
    if (result != CURLE_OK)
        throw Error(Code::unavailable, fmt::format("libcurl refused an option: {}", curl_library().easy_strerror(result)));
}

void set_blob(CURL* easy, CURLoption option, const std::string& text) {
    curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
    set(easy, option, &blob);
}

long milliseconds(base::Duration span) {
    return static_cast<long>(std::clamp<std::int64_t>(span.count(), 1, std::numeric_limits<int>::max()));
}

Transfer& transfer_of(void* user) { return *static_cast<Transfer*>(user); }

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    const Running& running = *static_cast<const Running*>(user);
    if (!running.transfer->take_header({data, size * count})) return 0;
    // The limit was for the head; curl reads it anew each time it looks at the clock.
    if (running.transfer->is_endless() && running.transfer->has_head())
        curl_library().easy_setopt(running.easy.get(), CURLOPT_TIMEOUT_MS, 0L);
    return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    return transfer_of(user).take_body({data, size * count}) ? size * count : 0;
}

std::size_t on_read(char* to, std::size_t size, std::size_t count, void* user) {
    return transfer_of(user).give_body(to, size * count);
}

/// Programs that are started while a connection is open must not inherit it.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool is_token(std::string_view name) {
    constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
    const auto allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || k_marks.find(c) != k_marks.npos;
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

void add_line(CurlList& list, const std::string& line) {
    curl_slist* longer = curl_library().slist_append(list.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    list.release();
    list.reset(longer);
}

void set_headers(Running& running, const HttpUrl& url, const HttpOptions& options) {
    const HttpRequest& request = running.transfer->request();
    for (const HttpHeader& header : request.headers) {
        if (!is_token(header.name)) throw Error(Code::invalid, "a request header has a name that cannot be sent");
        if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            throw Error(Code::invalid, fmt::format("the value of the header {} holds a line break", header.name));
        // curl's spelling of a header without a value is "Name;"
        add_line(running.headers, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    // No round trip before a large body, and no guess at its type.
    add_line(running.headers, "Expect:");
    if (!find_header(request.headers, "content-type")) add_line(running.headers, "Content-Type:");
    if (!find_header(request.headers, "accept")) add_line(running.headers, "Accept: */*");
    if (!options.server_name.empty() && !find_header(request.headers, "host"))
        add_line(running.headers, "Host: " + url.authority());
    set(running.easy.get(), CURLOPT_HTTPHEADER, running.headers.get());
}

/// The certificate and SNI follow the host of the URL that curl sees, so that one carries the name that is asked for,
/// and the connection is led to the real host.
void set_url(Running& running, const HttpUrl& url, const HttpOptions& options) {
    CURL* easy = running.easy.get();
    if (options.server_name.empty() || !url.is_tls()) {
        set(easy, CURLOPT_URL, running.transfer->request().url.c_str());
        return;
    }
    const std::string port = url.port.empty() ? std::string() : fmt::format(":{}", url.port);
    set(easy, CURLOPT_URL, fmt::format("https://{}{}{}", options.server_name, port, url.rest).c_str());
    add_line(running.connect_to, fmt::format("::{}:{}", url.host, url.port));
    set(easy, CURLOPT_CONNECT_TO, running.connect_to.get());
}

void set_method(CURL* easy, Transfer& transfer) {
    const HttpRequest& request = transfer.request();
    const std::string& method = request.method;
    if (!is_token(method)) throw Error(Code::invalid, "a request has a method that cannot be sent");
    if (method == "HEAD") {
        set(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    const bool is_bare = request.body.empty() && (method == "GET" || method == "DELETE" || method == "OPTIONS");
    if (!is_bare) {
        set(easy, CURLOPT_POST, 1L);
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        if (method == "POST" || method == "PATCH") {
            // curl repeats a request when a kept connection turns out to be closed. A body that it cannot rewind
            // keeps it from doing so once a part of the body was sent, and the server may have acted on it.
            set(easy, CURLOPT_READFUNCTION, &on_read);
            set(easy, CURLOPT_READDATA, &transfer);
        } else {
            set(easy, CURLOPT_POSTFIELDS, request.body.data());
        }
    }
    set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void set_tls(CURL* easy, const HttpOptions& options, const ClientIdentity* identity) {
    const bool is_verified = options.verify == TlsVerify::yes;
    set(easy, CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
    set(easy, CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_pem.empty()) {
        set_blob(easy, CURLOPT_CAINFO_BLOB, options.ca_pem);
        set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // else the system's are trusted as well
    }
    if (!identity) return;
    set_blob(easy, CURLOPT_SSLCERT_BLOB, identity->cert_pem);
    set_blob(easy, CURLOPT_SSLKEY_BLOB, identity->key_pem);
    set(easy, CURLOPT_SSLCERTTYPE, "PEM");
    set(easy, CURLOPT_SSLKEYTYPE, "PEM");
}

void set_proxy(CURL* easy, const HttpOptions& options) {
    // "" and not nothing: curl would ask the environment.
    set(easy, CURLOPT_NOPROXY, "");
    set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    constexpr std::string_view k_socks = "socks5:";
    // A SOCKS proxy resolves the names itself, as with Go's clients; curl's name for that is socks5h.
    const bool is_socks = options.proxy_url.starts_with(k_socks);
    const std::string url = is_socks ? "socks5h:" + options.proxy_url.substr(k_socks.size()) : options.proxy_url;
    set(easy, CURLOPT_PROXY, url.c_str());
}

void set_limits(CURL* easy, const HttpOptions& options, const HttpRequest& request) {
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
    if (request.timeout.count() > 0) set(easy, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    if (request.idle.count() > 0) {
        set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(easy, CURLOPT_LOW_SPEED_TIME, (milliseconds(request.idle) + 999) / 1000);
    }
    set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy, CURLOPT_TCP_KEEPIDLE, k_keepalive_idle_s);
    set(easy, CURLOPT_TCP_KEEPINTVL, k_keepalive_interval_s);
    // A handle that is used again may still have its buffer, and refuses another one.
    curl_library().easy_setopt(easy, CURLOPT_BUFFERSIZE, k_buffer_bytes);
}

void set_callbacks(Running& running) {
    CURL* easy = running.easy.get();
    Transfer& transfer = *running.transfer;
    set(easy, CURLOPT_ERRORBUFFER, transfer.error_buffer());
    set(easy, CURLOPT_HEADERFUNCTION, &on_header);
    set(easy, CURLOPT_HEADERDATA, &running);
    set(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set(easy, CURLOPT_WRITEDATA, &transfer);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
}

}  // namespace

void check_options(const HttpOptions& options) {
    if (!options.proxy_url.empty()) split_http_url(options.proxy_url, k_proxy_schemes);
    if (options.server_name.empty()) return;
    const std::string as_url = "https://" + options.server_name;
    const HttpUrl url = split_http_url(as_url);
    if (url.host != options.server_name)
        throw Error(Code::invalid, "the server name of a TLS connection is no host name: " + options.server_name);
}

void set_up(Running& running, const HttpOptions& options) {
    CURL* easy = running.easy.get();
    Transfer& transfer = *running.transfer;
    const HttpRequest& request = transfer.request();
    const HttpUrl url = split_http_url(request.url);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // a name that is being resolved does not hold up a cancelled request
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(url.is_tls() ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_PIPEWAIT, url.is_tls() ? 1L : 0L);
    if (!transfer.is_endless()) set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    set_url(running, url, options);
    set_headers(running, url, options);
    set_method(easy, transfer);
    if (url.is_tls()) set_tls(easy, options, request.identity.get());
    set_proxy(easy, options);
    set_limits(easy, options, request);
    set_callbacks(running);
}

}  // namespace gitops::io
