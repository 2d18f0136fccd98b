#include "core/app/sync.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

/// How often a waiting process looks whether the lock is free.
constexpr base::Duration k_lock_poll{50};

std::string describe(const LockRow& holder) {
    return holder.actor + " is running " + holder.action + " on " + holder.app + " since " +
           base::to_rfc3339(holder.since) + " (pid " + std::to_string(holder.process.pid) + " on " +
           holder.process.host + ")";
}

}  // namespace

OperationLock::OperationLock(const Services& services, std::string app, std::string action, Wait wait,
                             base::Time deadline, std::stop_token stop)
    : m_state(services.state), m_app(std::move(app)), m_process(io::current_process()) {
    LockRow row{m_app, std::move(action), services.actor, services.clock.now(), m_process};
    bool told = false;
    while (auto holder = m_state.try_lock(row)) {
        if (wait == Wait::no || services.clock.now() >= deadline) {
            base::Error error(base::Code::conflict, "another operation is in progress: " + describe(*holder));
            error.hint("wait until it ends; the lock of a process that died is taken over by itself");
            throw error;
        }
        if (!told)
            services.events.emit({base::Level::info, "lock", m_app, "waiting: " + describe(*holder), {}});
        told = true;
        if (!services.clock.sleep_for(k_lock_poll, stop))
            throw base::Error(base::Code::cancelled, "stopped while waiting for the operation on " + m_app);
        row.since = services.clock.now();
    }
}

OperationLock::~OperationLock() {
    // A lock that cannot be released (full disk) is taken over as soon as this process is gone.
    try {
        m_state.unlock(m_app, m_process);
    } catch (const base::Error&) {
        return;
    }
}

}  // namespace gitops::app
