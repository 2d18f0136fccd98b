// Clock is the port to time. Nothing else in core asks the system what time it is, or sleeps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace gitops::base {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    /// Waits until `when` or a stop request; false when it was stopped.
    virtual bool sleep_until(Time when, std::stop_token stop) = 0;

    bool sleep_for(Duration span, std::stop_token stop) { return sleep_until(now() + span, std::move(stop)); }
};

class SystemClock final : public Clock {
  public:
    Time now() const override;
    bool sleep_until(Time when, std::stop_token stop) override;
};

/// The fake: time moves only when told, and sleeping moves it. Safe to share between threads.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : m_now(start) {}
    Time now() const override;
    bool sleep_until(Time when, std::stop_token stop) override;
    void advance(Duration span);

  private:
    mutable std::mutex m_mutex;
    Time m_now;
};

/// "2026-11-22T20:34:05Z": whole seconds, UTC, as metav1.Time is written.
std::string to_rfc3339(Time time);
/// "2026-11-22T20:34:05.123Z": milliseconds kept.
std::string to_rfc3339_millis(Time time);
/// Reads RFC 3339 with any zone and fraction; nullopt when it is not one.
std::optional<Time> parse_rfc3339(std::string_view text);

/// "1h30m", "90s", "250ms", "1.5h" as Go's time.ParseDuration reads it; a bare integer is seconds (Argo CD's
/// rule for retry durations). Throws Error(invalid) naming the text.
Duration parse_duration(std::string_view text);
/// The shortest of the same form: "1h30m", "45s", "250ms", "0s".
std::string format_duration(Duration span);

}  // namespace gitops::base
