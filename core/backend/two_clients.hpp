// HTTP clients for servers that many ask: one that checks certificates and one that was told not to.
#pragma once

#include <memory>
#include <mutex>

#include "core/io/http.hpp"

namespace gitops::backend {

/// Each is made when it is first asked for, and keeps its connections to every server. Safe to use from many threads.
class TwoClients {
  public:
    explicit TwoClients(io::HttpOptions options) : m_options(std::move(options)) {}

    io::HttpClient& client(io::TlsVerify verify) {
        const std::lock_guard lock(m_mutex);
        auto& made = verify == io::TlsVerify::yes ? m_careful : m_trusting;
        if (!made) {
            io::HttpOptions options = m_options;
            options.verify = verify;
            made = std::make_unique<io::HttpClient>(std::move(options));
        }
        return *made;
    }

  private:
    io::HttpOptions m_options;
    std::mutex m_mutex;
    std::unique_ptr<io::HttpClient> m_careful, m_trusting;
};

}  // namespace gitops::backend
