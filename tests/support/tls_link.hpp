#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gitops::test {

/// A TLS connection to a port of 127.0.0.1. The server must show a certificate that is, or is signed by, `ca_pem`.
/// Throws std::runtime_error when it cannot be made.
class TlsLink {
  public:
    TlsLink(int port, const std::string& ca_pem);
    ~TlsLink();

    bool send(std::string_view bytes);
    /// Waits for bytes for at most `millis`: how many came; 0 when none did.
    std::size_t read(char* into, std::size_t room, int millis);
    bool at_end() const { return m_at_end; }

  private:
    struct Handles;
    std::unique_ptr<Handles> m_handles;
    int m_socket = -1;
    bool m_at_end = false;
};

}  // namespace gitops::test
