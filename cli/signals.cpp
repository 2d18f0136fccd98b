#include "cli/signals.hpp"

#include <unistd.h>

namespace gitops::cli {

namespace {

constexpr int k_leave = SIGUSR2;  ///< tells the thread that nobody listens any more

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, k_leave}) sigaddset(&set, signal);
    return set;
}

void listen(std::stop_source source) {
    const sigset_t set = watched();
    int signal = 0;
    while (sigwait(&set, &signal) == 0 && signal != k_leave) {
        if (source.stop_requested()) _exit(k_interrupted);
        source.request_stop();
    }
}

}  // namespace

Signals::Signals() {
    const sigset_t set = watched();
    pthread_sigmask(SIG_BLOCK, &set, &m_before);
    m_thread = std::thread(listen, m_source);
}

Signals::~Signals() {
    pthread_kill(m_thread.native_handle(), k_leave);
    m_thread.join();
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

}  // namespace gitops::cli
