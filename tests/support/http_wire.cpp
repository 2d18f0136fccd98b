#include "tests/support/http_wire.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "tests/support/tls.hpp"

namespace gitops::test {

namespace {

constexpr std::size_t k_max_head = std::size_t{1} << 20;

std::unique_ptr<BIO, decltype(&BIO_free)> reader_of(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

std::unique_ptr<X509, decltype(&X509_free)> cert_of(const std::string& pem) {
    return {PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

SSL* ssl(void* handle) { return static_cast<SSL*>(handle); }

std::string common_name(SSL* tls) {
    const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get1_peer_certificate(tls), X509_free);
    char name[256] = {};
    if (cert) X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName, name, sizeof name);
    return name;
}

HttpSeen parse_head(std::string_view head) {
    HttpSeen seen;
    const std::string_view first = head.substr(0, head.find("\r\n"));
    const std::size_t space = std::min(first.find(' '), first.size());
    const std::size_t last = std::max(first.rfind(' '), space + 1);
    seen.method = first.substr(0, space);
    seen.target = first.substr(std::min(space + 1, first.size()), last - space - 1);
    head.remove_prefix(first.size());
    while (head.starts_with("\r\n")) {
        head.remove_prefix(2);
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(line.size());
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::size_t value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
        seen.headers.emplace_back(line.substr(0, colon), line.substr(value));
    }
    return seen;
}

std::string head_of(const HttpAnswer& answer) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Scripted\r\n";
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    if (answer.feed || !answer.chunks.empty()) {
        head += "Transfer-Encoding: chunked\r\n";
    } else if (answer.status != 204 && answer.status != 304) {
        head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    }
    if (answer.afterwards == Afterwards::close) head += "Connection: close\r\n";
    return head + "\r\n";
}

}  // namespace

TlsSettings::TlsSettings(const TestIdentity& identity, const std::string& client_authority)
    : m_handle(SSL_CTX_new(TLS_server_method())) {
    auto* settings = static_cast<SSL_CTX*>(m_handle);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(reader_of(identity.key_pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    if (SSL_CTX_use_certificate(settings, cert_of(identity.cert_pem).get()) != 1 || SSL_CTX_use_PrivateKey(settings, key.get()) != 1)
        throw std::runtime_error("the identity of a test server cannot be used");
    if (client_authority.empty()) return;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(settings), cert_of(client_authority).get());
    SSL_CTX_set_verify(settings, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

TlsSettings::~TlsSettings() { SSL_CTX_free(static_cast<SSL_CTX*>(m_handle)); }

HttpWire::HttpWire(int socket, const TlsSettings* tls) : m_socket(socket) {
    if (!tls) return;
    m_tls = SSL_new(static_cast<SSL_CTX*>(tls->handle()));
    SSL_set_fd(ssl(m_tls), socket);
}

HttpWire::~HttpWire() {
    if (m_tls) SSL_free(ssl(m_tls));
    close(m_socket);
}

bool HttpWire::shake_hands() {
    if (!m_tls || SSL_accept(ssl(m_tls)) == 1) return true;
    // Closing with unread bytes would reset the connection, and take our alert from the client.
    shutdown(m_socket, SHUT_WR);
    char bytes[4096];
    while (read(m_socket, bytes, sizeof bytes) > 0) {
    }
    return false;
}

void HttpWire::say_goodbye() {
    if (m_tls) SSL_shutdown(ssl(m_tls));
}

int HttpWire::read_some(char* to, int room) {
    if (m_tls) return SSL_read(ssl(m_tls), to, room);
    return static_cast<int>(read(m_socket, to, static_cast<std::size_t>(room)));
}

bool HttpWire::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = m_tls ? SSL_write(ssl(m_tls), bytes.data(), static_cast<int>(bytes.size()))
                                    : send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void HttpWire::wait_for_end() {
    char bytes[4096];
    while (read_some(bytes, sizeof bytes) > 0) {
    }
}

std::optional<HttpSeen> HttpWire::read_request() {
    char bytes[16384];
    std::size_t end = 0;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos) {
        const int count = read_some(bytes, sizeof bytes);
        if (count <= 0 || m_buffer.size() > k_max_head) return std::nullopt;
        m_buffer.append(bytes, static_cast<std::size_t>(count));
        if (m_buffer.front() < 'A' || m_buffer.front() > 'Z') {  // such as the hello of TLS
            write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            return std::nullopt;
        }
    }
    HttpSeen seen = parse_head(std::string_view(m_buffer).substr(0, end));
    m_buffer.erase(0, end + 4);
    const std::string length = seen.header("Content-Length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    while (m_buffer.size() < size) {
        const int count = read_some(bytes, sizeof bytes);
        if (count <= 0) return std::nullopt;
        m_buffer.append(bytes, static_cast<std::size_t>(count));
    }
    seen.body = m_buffer.substr(0, size);
    m_buffer.erase(0, size);
    if (m_tls) {
        const char* name = SSL_get_servername(ssl(m_tls), TLSEXT_NAMETYPE_host_name);
        seen.server_name = name ? name : "";
        seen.client_name = common_name(ssl(m_tls));
    }
    return seen;
}

bool HttpWire::write_chunk(std::string_view bytes) {
    char digits[17] = {};
    *std::to_chars(digits, digits + 16, bytes.size(), 16).ptr = '\0';
    return write(std::string(digits) + "\r\n" + std::string(bytes) + "\r\n");
}

void HttpWire::write_body(const HttpAnswer& answer) {
    if (answer.feed) {
        while (const auto part = answer.feed->next())
            if (!part->empty() && !write_chunk(*part)) return;
        if (!answer.feed->is_cut()) write("0\r\n\r\n");
        return;
    }
    if (answer.chunks.empty()) {
        write(std::string_view(answer.body).substr(0, answer.cut.value_or(answer.body.size())));
        return;
    }
    const std::size_t count = std::min(answer.chunks.size(), answer.cut.value_or(answer.chunks.size()));
    for (std::size_t i = 0; i < count; ++i)
        if (!write_chunk(answer.chunks[i])) return;
    if (!answer.cut) write("0\r\n\r\n");
}

void HttpWire::write_answer(const HttpAnswer& answer) {
    if (answer.raw) {
        write(*answer.raw);
        return;
    }
    if (write(head_of(answer))) write_body(answer);
}

}  // namespace gitops::test
