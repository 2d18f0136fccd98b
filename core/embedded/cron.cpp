#include "core/embedded/cron.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::embedded {

namespace {

using std::chrono::floor;
using std::chrono::seconds;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_shorthands{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

std::string_view fields_of(std::string_view text) {
    text = base::trim(text);
    const auto shorthand = std::ranges::find(k_shorthands, text, &std::pair<std::string_view, std::string_view>::first);
    return shorthand == k_shorthands.end() ? text : shorthand->second;
}

}  // namespace

CronSchedule::CronSchedule(std::string_view text) : m_cron(fields_of(text)) {}

std::optional<CronSchedule> CronSchedule::parse(std::string_view text) {
    try {
        return CronSchedule(text);
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

std::optional<base::Time> CronSchedule::next_after(base::Time time) const {
    return m_cron.next(floor<seconds>(time), base::TimeZone());
}

std::optional<base::Time> CronSchedule::last_within(base::Time earliest, base::Time time) const {
    return m_cron.last(floor<seconds>(time), floor<seconds>(earliest) + seconds(1), base::TimeZone());
}

}  // namespace gitops::embedded
