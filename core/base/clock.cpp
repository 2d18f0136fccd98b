#include "core/base/clock.hpp"

#include <algorithm>

namespace gitops::base {

Time SystemClock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

bool SystemClock::sleep_until(Time when, std::stop_token stop) {
    // In steps, so that a far `when` cannot overflow the finer ticks of the system and a changed clock is noticed.
    constexpr Duration longest_step = std::chrono::minutes(1);
    std::mutex mutex;
    std::condition_variable_any nobody;
    std::unique_lock lock(mutex);
    for (Time at = now(); at < when && !stop.stop_requested(); at = now()) {
        nobody.wait_for(lock, stop, std::min(when - at, longest_step), [] { return false; });
    }
    return !stop.stop_requested();
}

Time ManualClock::now() const {
    const std::lock_guard lock(m_mutex);
    return m_now;
}

bool ManualClock::sleep_until(Time when, std::stop_token stop) {
    if (stop.stop_requested()) return false;
    const std::lock_guard lock(m_mutex);
    m_now = std::max(m_now, when);
    return true;
}

void ManualClock::advance(Duration span) {
    const std::lock_guard lock(m_mutex);
    m_now += span;
}

}  // namespace gitops::base
