#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace gitops::backend {

/// How many requests may be under way at once: a semaphore whose waiters can be stopped.
class Places {
  public:
    explicit Places(int count) : m_free(std::max(count, 1)) {}

    /// One place, given back at the end of its life.
    class Taken {
      public:
        /// Waits for a place; holds none after a stop request.
        Taken(Places& places, std::stop_token stop) : m_places(places) {
            std::unique_lock lock(m_places.m_mutex);
            m_held = m_places.m_changed.wait(lock, stop, [&] { return m_places.m_free > 0; });
            if (m_held) --m_places.m_free;
        }
        ~Taken() {
            if (!m_held) return;
            {
                const std::lock_guard lock(m_places.m_mutex);
                ++m_places.m_free;
            }
            m_places.m_changed.notify_one();
        }
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        bool held() const { return m_held; }

      private:
        Places& m_places;
        bool m_held = false;
    };

  private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    int m_free;
};

}  // namespace gitops::backend
