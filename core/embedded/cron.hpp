// The schedules of CronJobs: base::Cron, and what Kubernetes knows beside it (@hourly and its kin).
#pragma once

#include <optional>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/cron.hpp"

namespace gitops::embedded {

/// A schedule in UTC, whole minutes.
class CronSchedule {
  public:
    /// Error(invalid) that says what is wrong with it.
    explicit CronSchedule(std::string_view text);
    /// nullopt when the text is no schedule.
    static std::optional<CronSchedule> parse(std::string_view text);
    /// The first moment after `time`; nullopt when there is none within nine years ("30 2 30 2 *").
    std::optional<base::Time> next_after(base::Time time) const;
    /// The last moment at or before `time` and after `floor`.
    std::optional<base::Time> last_within(base::Time floor, base::Time time) const;

  private:
    base::Cron m_cron;
};

}  // namespace gitops::embedded
