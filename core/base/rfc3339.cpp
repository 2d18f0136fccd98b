#include <fmt/format.h>

#include "core/base/clock.hpp"

namespace gitops::base {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads from the front of a text; every step answers nullopt or false when the text does not go on as expected.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : m_rest(text) {}

    bool at_end() const { return m_rest.empty(); }

    bool take(std::string_view any_of) {
        if (m_rest.empty() || any_of.find(m_rest.front()) == std::string_view::npos) return false;
        m_rest.remove_prefix(1);
        return true;
    }

    /// Exactly `width` digits.
    std::optional<int> number(std::size_t width) {
        if (m_rest.size() < width) return std::nullopt;
        int value = 0;
        for (const char c : m_rest.substr(0, width)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
        m_rest.remove_prefix(width);
        return value;
    }

    /// The digits of a fraction as milliseconds, the rest of them dropped; nullopt without a digit.
    std::optional<Duration> fraction() {
        int millis = 0;
        int unit = 100;
        std::size_t digits = 0;
        for (; digits < m_rest.size() && m_rest[digits] >= '0' && m_rest[digits] <= '9'; ++digits) {
            millis += (m_rest[digits] - '0') * unit;
            unit /= 10;
        }
        if (digits == 0) return std::nullopt;
        m_rest.remove_prefix(digits);
        return Duration(millis);
    }

  private:
    std::string_view m_rest;
};

std::optional<Time> scan_date(Scanner& in) {
    const auto year = in.number(4);
    if (!year || !in.take("-")) return std::nullopt;
    const auto month = in.number(2);
    if (!month || !in.take("-")) return std::nullopt;
    const auto day = in.number(2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return Time(std::chrono::sys_days(date));
}

std::optional<Duration> scan_time_of_day(Scanner& in) {
    const auto hour = in.number(2);
    if (!hour || *hour > 23 || !in.take(":")) return std::nullopt;
    const auto minute = in.number(2);
    if (!minute || *minute > 59 || !in.take(":")) return std::nullopt;
    const auto second = in.number(2);
    if (!second || *second > 59) return std::nullopt;
    const Duration whole = hours(*hour) + minutes(*minute) + seconds(*second);
    if (!in.take(".")) return whole;
    const auto fraction = in.fraction();
    return fraction ? std::optional(whole + *fraction) : std::nullopt;
}

/// How far the zone is ahead of UTC.
std::optional<Duration> scan_zone(Scanner& in) {
    if (in.take("Zz")) return Duration(0);
    const bool ahead = in.take("+");
    if (!ahead && !in.take("-")) return std::nullopt;
    const auto hour = in.number(2);
    if (!hour || *hour > 23 || !in.take(":")) return std::nullopt;
    const auto minute = in.number(2);
    if (!minute || *minute > 59) return std::nullopt;
    const Duration offset = hours(*hour) + minutes(*minute);
    return ahead ? offset : -offset;
}

std::string to_seconds(Time time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

}  // namespace

std::string to_rfc3339(Time time) { return to_seconds(time) + "Z"; }

std::string to_rfc3339_millis(Time time) {
    const Duration past = time - std::chrono::floor<seconds>(time);
    return fmt::format("{}.{:03}Z", to_seconds(time), past.count());
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    Scanner in(text);
    const auto date = scan_date(in);
    if (!date || !in.take("Tt")) return std::nullopt;
    const auto time_of_day = scan_time_of_day(in);
    if (!time_of_day) return std::nullopt;
    const auto ahead = scan_zone(in);
    if (!ahead || !in.at_end()) return std::nullopt;
    return *date + *time_of_day - *ahead;
}

}  // namespace gitops::base
