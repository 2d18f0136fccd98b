// Credentials turns a KubeAccess into the headers and the certificate of each request, and renews them: a token file
// is read again when it was rotated, an exec plugin is run again when its credential expires or is refused.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/backend/kubeconfig.hpp"
#include "core/base/clock.hpp"
#include "core/io/http.hpp"
#include "core/io/small_file.hpp"

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
    /// `environment` is the caller's ("NAME=value"), handed on to exec plugins. Error(invalid) for a token, password
    /// or impersonated name that cannot stand in a header.
    Credentials(KubeAccess access, base::Clock& clock, std::vector<std::string> environment);

    /// Error(denied) with the plugin's own words and install hint when no credential can be had; Error(cancelled)
    /// after a stop request.
    Credential current(std::stop_token stop);
    /// After an answer 401 to a request that used `refused`: true when there is another one to try.
    bool renew(const Credential& refused, std::stop_token stop);

  private:
    /// One run of the plugin, which other threads may be waiting for.
    struct Run {
        enum class End { none, answered, failed, stopped } end = End::none;
        std::optional<base::Error> failure;
    };
    using Lock = std::unique_lock<std::mutex>;

    void set(const std::string& authorization, const io::ClientIdentity& identity);
    void follow_token_file();
    bool read_token_file();
    bool is_stale() const;
    void ask_plugin(Lock& lock, const std::stop_token& stop);
    void run_plugin(Lock& lock, const std::stop_token& stop);
    Run::End wait_for(Lock& lock, std::shared_ptr<Run> run, const std::stop_token& stop);

    const KubeAccess m_access;
    base::Clock& m_clock;
    const std::vector<std::string> m_environment;
    std::vector<io::HttpHeader> m_impersonation;

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::shared_ptr<Run> m_run;  ///< of the plugin that is running now; null when none is
    Credential m_current;
    std::optional<base::Time> m_expires;
    std::optional<io::FileStamp> m_stamp;  ///< of the token file as it was read
};

}  // namespace gitops::backend
