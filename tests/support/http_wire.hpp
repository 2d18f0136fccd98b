// The server's side of one connection, plain or TLS: bytes in, bytes out. For HttpServer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/http_server.hpp"

namespace gitops::test {

/// Certificates and settings that all connections of a TLS server share.
class TlsSettings {
  public:
    TlsSettings(const TestIdentity& identity, const std::string& client_authority);
    ~TlsSettings();
    void* handle() const { return m_handle; }  ///< an SSL_CTX

  private:
    void* m_handle;
};

class HttpWire {
  public:
    /// Owns the socket. Without `tls` the bytes are plain.
    HttpWire(int socket, const TlsSettings* tls);
    ~HttpWire();
    HttpWire(const HttpWire&) = delete;
    HttpWire& operator=(const HttpWire&) = delete;

    bool shake_hands();  ///< true at once without TLS
    /// The next request; nullopt when the client has left or does not speak HTTP.
    std::optional<HttpSeen> read_request();
    bool write(std::string_view bytes);
    void write_answer(const HttpAnswer& answer);
    /// Returns when the client has left.
    void wait_for_end();
    /// Ends TLS in order.
    void say_goodbye();

  private:
    int read_some(char* to, int room);
    bool write_chunk(std::string_view bytes);
    void write_body(const HttpAnswer& answer);

    int m_socket;
    void* m_tls = nullptr;  ///< an SSL
    std::string m_buffer;   ///< read, and not yet used
};

}  // namespace gitops::test
