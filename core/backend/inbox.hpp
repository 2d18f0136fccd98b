// What streams bring in: the HTTP client's thread puts lines into an Inbox and rings the Doorbell that watchers wait at.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/clock.hpp"
#include "core/io/http.hpp"

namespace gitops::backend {

/// Where any number of threads wait for anything to come.
class Doorbell {
  public:
    void ring();
    std::uint64_t count() const;
    /// Waits in real time until it has rung more than `heard` times, for at most `span`; the time that took: of `span`
    /// all when nothing came.
    base::Duration wait(std::uint64_t heard, base::Duration span, const base::Clock& clock, const std::stop_token& stop);

  private:
    mutable std::mutex m_mutex;
    std::condition_variable_any m_rung;
    std::uint64_t m_count = 0;
};

/// Lines of one stream until somebody reads them, in bounded memory.
class Inbox {
  public:
    struct Content {
        std::deque<std::string> lines;
        std::optional<io::StreamEnd> end;
        bool opened = false;
        bool overflowed = false;  ///< lines after the last of these were dropped
    };

    explicit Inbox(Doorbell& bell) : m_bell(bell) {}
    void open();
    void put(std::string&& line);
    void close(io::StreamEnd&& end);
    /// What came since the last time.
    Content take();

  private:
    Doorbell& m_bell;
    std::mutex m_mutex;
    Content m_content;
    std::size_t m_bytes = 0;
};

}  // namespace gitops::backend
