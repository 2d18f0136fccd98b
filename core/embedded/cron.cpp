#include "core/embedded/cron.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

namespace {

constexpr int k_search_days = 366 * 8;
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_shorthands{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};
constexpr std::array<std::string_view, 13> k_months{"",    "jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> k_weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Range {
    int low = 0;
    int high = 0;
};

std::optional<int> read_number(std::string_view text, const std::vector<std::string_view>& names) {
    std::string small = base::lower(text);
    auto named = std::ranges::find(names, small);
    if (!small.empty() && named != names.end()) return static_cast<int>(named - names.begin());
    if (text.empty() || text.size() > 2 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return std::stoi(std::string(text));
}

/// One of the comma-separated parts of a field: "*", "5", "1-5", "*/15", "2-20/3".
template <std::size_t Size>
bool read_part(std::string_view part, Range allowed, const std::vector<std::string_view>& names, std::bitset<Size>& out) {
    auto slash = part.find('/');
    std::string_view span = part.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        auto number = read_number(part.substr(slash + 1), {});
        if (!number || *number == 0) return false;
        step = *number;
    }
    Range range = allowed;
    if (span != "*" && span != "?") {
        auto dash = span.find('-');
        auto low = read_number(span.substr(0, dash), names);
        auto high = dash == std::string_view::npos ? low : read_number(span.substr(dash + 1), names);
        if (!low || !high) return false;
        range = {*low, dash == std::string_view::npos && slash != std::string_view::npos ? allowed.high : *high};
    }
    if (range.low < allowed.low || range.high > allowed.high || range.low > range.high) return false;
    for (int at = range.low; at <= range.high; at += step) out.set(static_cast<std::size_t>(at));
    return true;
}

template <std::size_t Size>
bool read_field(std::string_view field, Range allowed, const std::vector<std::string_view>& names, std::bitset<Size>& out) {
    return std::ranges::all_of(base::split(field, ','),
                               [&](std::string_view part) { return read_part(part, allowed, names, out); });
}

}  // namespace

std::optional<CronSchedule> CronSchedule::parse(std::string_view text) {
    text = base::trim(text);
    auto shorthand = std::ranges::find(k_shorthands, text, &std::pair<std::string_view, std::string_view>::first);
    if (shorthand != k_shorthands.end()) text = shorthand->second;
    std::vector<std::string_view> fields;
    for (std::string_view field : base::split(text, ' '))
        if (!field.empty()) fields.push_back(field);
    if (fields.size() != 5) return std::nullopt;
    CronSchedule schedule;
    bool good = read_field(fields[0], {0, 59}, {}, schedule.m_minutes) &&
                read_field(fields[1], {0, 23}, {}, schedule.m_hours) &&
                read_field(fields[2], {1, 31}, {}, schedule.m_days) &&
                read_field(fields[3], {1, 12}, {k_months.begin(), k_months.end()}, schedule.m_months) &&
                read_field(fields[4], {0, 7}, {k_weekdays.begin(), k_weekdays.end()}, schedule.m_weekdays);
    if (!good) return std::nullopt;
    if (schedule.m_weekdays.test(7)) schedule.m_weekdays.set(0);
    schedule.m_any_day = fields[2].starts_with('*') || fields[2] == "?";
    schedule.m_any_weekday = fields[4].starts_with('*') || fields[4] == "?";
    return schedule;
}

bool CronSchedule::matches_day(std::chrono::sys_days day) const {
    std::chrono::year_month_day date(day);
    if (!m_months.test(static_cast<unsigned>(date.month()))) return false;
    bool by_day = m_days.test(static_cast<unsigned>(date.day()));
    bool by_weekday = m_weekdays.test(std::chrono::weekday(day).c_encoding());
    // Cron's old rule: two restricted fields are alternatives, otherwise both must hold.
    return m_any_day || m_any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<base::Time> CronSchedule::next_after(base::Time time) const {
    auto first = std::chrono::floor<std::chrono::minutes>(time) + std::chrono::minutes(1);
    auto day = std::chrono::floor<std::chrono::days>(first);
    for (int i = 0; i < k_search_days; ++i, day += std::chrono::days(1)) {
        if (!matches_day(day)) continue;
        for (int minute = 0; minute < 24 * 60; ++minute) {
            auto at = day + std::chrono::minutes(minute);
            if (at >= first && m_hours.test(static_cast<std::size_t>(minute / 60)) &&
                m_minutes.test(static_cast<std::size_t>(minute % 60)))
                return at;
        }
    }
    return std::nullopt;
}

std::optional<base::Time> CronSchedule::last_within(base::Time floor, base::Time time) const {
    auto day = std::chrono::floor<std::chrono::days>(time);
    for (int i = 0; i < k_search_days && day + std::chrono::days(1) > floor; ++i, day -= std::chrono::days(1)) {
        if (!matches_day(day)) continue;
        for (int minute = 24 * 60 - 1; minute >= 0; --minute) {
            base::Time at = day + std::chrono::minutes(minute);
            if (at <= floor) return std::nullopt;
            if (at <= time && m_hours.test(static_cast<std::size_t>(minute / 60)) &&
                m_minutes.test(static_cast<std::size_t>(minute % 60)))
                return at;
        }
    }
    return std::nullopt;
}

}  // namespace gitops::embedded
