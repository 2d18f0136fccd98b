// Cron is a five-field schedule (minute hour day-of-month month day-of-week) in the local time of a zone.
//
// The rule for clock changes is cron(8)'s. A schedule whose hours are all hours goes by the running clock: what a change
// skips does not happen, what it repeats happens twice. Any other schedule means times of the day: one in a skipped hour
// happens at the moment of the change, one in a repeated hour happens the first time only.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time_zone.hpp"

namespace gitops::base {

class Cron {
  public:
    /// Lists, ranges, steps, `*`, `?`, names of months and days (any case). Sunday is 0. As in Argo CD a step above 1
    /// makes a field restricted, and of two restricted day fields either may hold. Error(invalid) naming the field.
    explicit Cron(std::string_view text);

    /// The first time after `instant`; nullopt when there is none within nine years ("0 0 30 2 *").
    std::optional<Instant> next(Instant instant, const TimeZone& zone) const;
    /// The last time in [earliest, instant].
    std::optional<Instant> last(Instant instant, Instant earliest, const TimeZone& zone) const;

  private:
    bool holds_on(std::chrono::local_days day) const;
    /// All times of one local day, ascending.
    std::vector<Instant> times_of(std::chrono::local_days day, const TimeZone& zone) const;

    std::bitset<64> m_minutes, m_hours, m_days, m_months, m_weekdays;
    bool m_any_day = false;
    bool m_any_weekday = false;
};

}  // namespace gitops::base
