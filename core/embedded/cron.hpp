// Cron schedules as CronJobs write them: five fields, names of months and days, steps, ranges, @hourly and its kin.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "core/base/clock.hpp"

namespace gitops::embedded {

/// A schedule in UTC, whole minutes.
class CronSchedule {
  public:
    /// nullopt when the text is no schedule.
    static std::optional<CronSchedule> parse(std::string_view text);
    /// The first moment after `time`; nullopt when there is none within eight years ("30 2 30 2 *").
    std::optional<base::Time> next_after(base::Time time) const;
    /// The last moment at or before `time` and after `floor`.
    std::optional<base::Time> last_within(base::Time floor, base::Time time) const;

  private:
    bool matches_day(std::chrono::sys_days day) const;

    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<32> m_days;
    std::bitset<13> m_months;
    std::bitset<8> m_weekdays;  ///< Sunday is 0
    bool m_any_day = false;     ///< the day-of-month field was '*'
    bool m_any_weekday = false;
};

}  // namespace gitops::embedded
