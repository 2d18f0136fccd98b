// Ctrl-C and `kill` as a stop request: work ends between two steps, not in the middle of one.
#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace gitops::cli {

/// Exit code of a command that was stopped before its end.
inline constexpr int k_interrupted = 130;

/// While it lives, SIGINT and SIGTERM request a stop; a second one ends the process at once. To be made before other
/// threads are started, which inherit the blocked signals.
class Signals {
  public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    std::stop_token token() const { return m_source.get_token(); }

  private:
    std::stop_source m_source;
    sigset_t m_before{};
    std::thread m_thread;
};

}  // namespace gitops::cli
