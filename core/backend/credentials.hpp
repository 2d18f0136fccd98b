// Credentials turns a KubeAccess into the headers and the certificate of each request, and renews them: a token file
// is read again when it was rotated, an exec plugin is run again when its credential expires or is refused.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/backend/kubeconfig.hpp"
#include "core/base/clock.hpp"
#include "core/io/http.hpp"

namespace gitops::backend {

/// What one request authenticates with.
struct Credential {
    std::vector<io::HttpHeader> headers;  ///< Authorization and Impersonate-*
    std::shared_ptr<const io::ClientIdentity> identity;
    std::uint64_t generation = 0;  ///< grows with every renewal
};

/// Safe to use from many threads; one of them renews while the others wait.
class Credentials {
  public:
    /// `environment` is the caller's ("NAME=value"), handed on to exec plugins.
    Credentials(KubeAccess access, base::Clock& clock, std::vector<std::string> environment);

    /// Error(denied) with the plugin's own words and install hint when no credential can be had.
    Credential current(std::stop_token stop);
    /// After an answer 401 to a request that used `refused`: true when there is another one to try.
    bool renew(const Credential& refused, std::stop_token stop);

  private:
    KubeAccess m_access;
    base::Clock& m_clock;
    std::vector<std::string> m_environment;
    std::mutex m_mutex;
    Credential m_current;
    std::optional<base::Time> m_expires;
};

}  // namespace gitops::backend
