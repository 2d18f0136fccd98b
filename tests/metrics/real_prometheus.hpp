// A Prometheus of its own for a test: a process on a loopback port that scrapes an Exporter ten times a second.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/rollout/ports.hpp"
#include "tests/support/exporter.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

/// Who may ask.
struct Guard {
    std::string username, password;
    std::string hash;  ///< bcrypt, of the password
};

class RealPrometheus {
  public:
    /// Ready when this returns, or a std::runtime_error.
    RealPrometheus();
    explicit RealPrometheus(const Guard& guard);

    Exporter exporter;
    const std::string& address() const { return m_address; }  ///< "127.0.0.1:port"
    void stop();

    rollout::Reading ask(const std::string& query);
    /// Asks until the reading is of that kind, for half a minute.
    rollout::Reading ask_until(const std::string& query, rollout::Reading::Kind kind);
    const rollout::MetricSource& source() const { return m_source; }

  private:
    void start(const std::string& web_config);

    TempDir m_dir;
    std::string m_address;
    rollout::MetricSource m_source;
    std::unique_ptr<Process> m_process;
};

/// Asks until it is true, for half a minute.
bool eventually(const std::function<bool()>& done);

/// "97.5 (detail)", "no data: detail", ...
std::string text_of(const rollout::Reading& reading);

/// False, and says so, where there is no Prometheus.
bool has_prometheus();

/// One for all tests that do not stop it.
RealPrometheus& shared_prometheus();

}  // namespace gitops::test
