// TimeZone is the local time of one place, read from the system's tz database (RFC 8536 files).
//
// It maps instants to wall-clock times and back. In the hour that a clock repeats one wall-clock time has two instants,
// in the hour that it skips none; what that means is for the caller to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/source.hpp"

namespace gitops::base {

using Instant = std::chrono::sys_seconds;
using WallTime = std::chrono::local_seconds;

/// A clock change of the rule that holds after the last one listed: "the last Sunday of March at 02:00".
struct ClockChange {
    enum class Day { month_week_weekday, julian_without_leap, day_of_year };
    Day day = Day::month_week_weekday;
    int month = 0, week = 0, weekday = 0;  ///< month_week_weekday; week 5 is the last
    int number = 0;                        ///< the other two
    std::chrono::seconds at{7200};         ///< wall-clock time of that day, before the change
};

class TimeZone {
  public:
    /// UTC.
    TimeZone() = default;
    /// Error(invalid) for bytes that are no TZif file, with `name` in the message.
    TimeZone(std::string_view bytes, std::string_view name);

    std::chrono::seconds offset_at(Instant instant) const;
    WallTime wall_time(Instant instant) const { return WallTime(instant.time_since_epoch() + offset_at(instant)); }
    /// When clocks show `wall`: never (skipped), once, or twice, oldest first.
    std::vector<Instant> instants_of(WallTime wall) const;
    /// The moment of the change that skips `wall`.
    Instant end_of_gap(WallTime wall) const;

  private:
    void read_rule(std::string_view text, std::string_view name);
    std::chrono::seconds offset_by_rule(Instant instant) const;

    std::vector<Instant> m_changes;                ///< ascending
    std::vector<std::chrono::seconds> m_offsets;   ///< from the change of the same index on
    std::chrono::seconds m_before{0};              ///< before the first change
    bool m_has_rule = false;                       ///< a rule for all times after the last change
    bool m_saves = false;                          ///< the rule has a summer time
    std::chrono::seconds m_standard{0}, m_summer{0};
    ClockChange m_to_summer, m_to_standard;
};

/// The zones of one tz database, each read once. Safe to share between threads.
class TimeZones {
  public:
    explicit TimeZones(std::shared_ptr<const FileTree> database) : m_database(std::move(database)) {}
    /// The database of the system.
    static TimeZones of_system();

    /// "" and "UTC" need no database. Error(invalid) for a name that is none, Error(not_found) with the next step
    /// where the database or the zone is missing.
    const TimeZone& zone(const std::string& name) const;

  private:
    std::shared_ptr<const FileTree> m_database;  ///< null: there is none
    mutable std::unique_ptr<std::mutex> m_mutex = std::make_unique<std::mutex>();
    mutable std::map<std::string, TimeZone> m_zones;
};

/// True for "Area/City" and its like: a relative path without surprises.
bool is_zone_name(std::string_view name);

}  // namespace gitops::base
