#include "tests/support/tls_link.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/loopback.hpp"

namespace gitops::test {

namespace {

struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* connection) const { SSL_free(connection); }
    void operator()(BIO* text) const { BIO_free(text); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};

void trust(SSL_CTX* context, const std::string& ca_pem) {
    std::unique_ptr<BIO, Free> text(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())));
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);  // the server's own certificate may be all there is
    while (std::unique_ptr<X509, Free> one{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
        X509_STORE_add_cert(store, one.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

}  // namespace

struct TlsLink::Handles {
    std::unique_ptr<SSL_CTX, Free> context{SSL_CTX_new(TLS_client_method())};
    std::unique_ptr<SSL, Free> connection;
};

TlsLink::TlsLink(int port, const std::string& ca_pem) : m_handles(std::make_unique<Handles>()) {
    trust(m_handles->context.get(), ca_pem);
    m_socket = connect_to_loopback(port);
    m_handles->connection.reset(SSL_new(m_handles->context.get()));
    SSL_set_fd(m_handles->connection.get(), m_socket);
    if (m_socket >= 0 && SSL_connect(m_handles->connection.get()) == 1) return;
    if (m_socket >= 0) close(m_socket);
    throw std::runtime_error("no TLS connection to port " + std::to_string(port));
}

TlsLink::~TlsLink() { close(m_socket); }

bool TlsLink::send(std::string_view bytes) {
    std::size_t sent = 0;
    return bytes.empty() || SSL_write_ex(m_handles->connection.get(), bytes.data(), bytes.size(), &sent) == 1;
}

std::size_t TlsLink::read(char* into, std::size_t room, int millis) {
    if (SSL_pending(m_handles->connection.get()) == 0) {
        pollfd wait{m_socket, POLLIN, 0};
        if (poll(&wait, 1, millis) <= 0) return 0;
    }
    std::size_t got = 0;
    if (SSL_read_ex(m_handles->connection.get(), into, room, &got) != 1) m_at_end = true;
    return got;
}

}  // namespace gitops::test
