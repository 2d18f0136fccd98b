#include "core/templates/go_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/text.hpp"

namespace gitops::templates {

namespace {

constexpr std::array<std::string_view, 12> k_months{"January", "February", "March",     "April",   "May",      "June",
                                                    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> k_days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

enum class Part {
    none, long_month, short_month, month, month2, long_day, short_day, day, day_blank, day2, day_of_year, hour24, hour12, hour12_2,
    minute, minute2, second, second2, year, year2, upper_pm, lower_pm, zone_name, zone_z, zone_z_colon, zone, zone_colon, zone_hour,
    fraction_zeros, fraction_nines
};

struct Word {
    std::string_view text;
    Part part;
};
/// Longer ones before their beginnings.
constexpr std::array<Word, 27> k_words{{{"January", Part::long_month},
                                        {"Jan", Part::short_month},
                                        {"Monday", Part::long_day},
                                        {"Mon", Part::short_day},
                                        {"MST", Part::zone_name},
                                        {"2006", Part::year},
                                        {"-07:00", Part::zone_colon},
                                        {"-0700", Part::zone},
                                        {"-07", Part::zone_hour},
                                        {"Z07:00", Part::zone_z_colon},
                                        {"Z0700", Part::zone_z},
                                        {"002", Part::day_of_year},
                                        {"01", Part::month2},
                                        {"02", Part::day2},
                                        {"03", Part::hour12_2},
                                        {"04", Part::minute2},
                                        {"05", Part::second2},
                                        {"06", Part::year2},
                                        {"15", Part::hour24},
                                        {"PM", Part::upper_pm},
                                        {"pm", Part::lower_pm},
                                        {"_2", Part::day_blank},
                                        {"1", Part::month},
                                        {"2", Part::day},
                                        {"3", Part::hour12},
                                        {"4", Part::minute},
                                        {"5", Part::second}}};

/// The next part of a layout, and what stands before it.
struct Cut {
    std::string_view before;
    Part part = Part::none;
    std::size_t digits = 0;  ///< of a fraction
};

std::size_t fraction_digits(std::string_view layout) {
    if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',') || (layout[1] != '0' && layout[1] != '9')) return 0;
    const std::size_t end = std::min(layout.find_first_not_of(layout[1], 1), layout.size());
    return end < layout.size() && layout[end] >= '0' && layout[end] <= '9' ? 0 : end - 1;
}

Cut next_part(std::string_view& layout) {
    for (std::size_t at = 0; at < layout.size(); ++at) {
        const std::string_view rest = layout.substr(at);
        if (const std::size_t digits = fraction_digits(rest)) {
            const Cut cut{layout.substr(0, at), rest[1] == '0' ? Part::fraction_zeros : Part::fraction_nines, digits};
            layout = rest.substr(1 + digits);
            return cut;
        }
        for (const Word& word : k_words) {
            if (!rest.starts_with(word.text)) continue;
            // "Jan" inside "Janet" is no month.
            const bool letters = word.part == Part::short_month || word.part == Part::short_day;
            if (letters && rest.size() > word.text.size() && rest[word.text.size()] >= 'a' && rest[word.text.size()] <= 'z')
                continue;
            const Cut cut{layout.substr(0, at), word.part};
            layout = rest.substr(word.text.size());
            return cut;
        }
    }
    const Cut cut{layout};
    layout = {};
    return cut;
}

struct Fields {
    std::int64_t year = 1;
    std::int64_t month = 1, day = 1, hour = 0, minute = 0, second = 0, millis = 0;
    std::int64_t offset = 0;  ///< seconds east of UTC
    bool is_pm = false, has_pm = false;
};

std::string fraction(const Cut& cut, base::Time time) {
    const auto millis = time.time_since_epoch().count() % 1000;
    std::string digits = fmt::format("{:03}000000", (millis + 1000) % 1000).substr(0, cut.digits);
    if (cut.part == Part::fraction_zeros) return "." + digits;
    while (digits.ends_with('0')) digits.pop_back();
    return digits.empty() ? "" : "." + digits;
}

std::string formatted(const Cut& cut, base::Time time) {
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(time - days);
    const auto hour = clock.hours().count(), minute = clock.minutes().count(), second = clock.seconds().count();
    const auto hour12 = hour % 12 == 0 ? 12 : hour % 12;
    const int year = static_cast<int>(date.year());
    const unsigned month = static_cast<unsigned>(date.month()), day = static_cast<unsigned>(date.day());
    const unsigned weekday = std::chrono::weekday(days).c_encoding();
    switch (cut.part) {
        case Part::none: return {};
        case Part::long_month: return std::string(k_months[month - 1]);
        case Part::short_month: return std::string(k_months[month - 1].substr(0, 3));
        case Part::month: return std::to_string(month);
        case Part::month2: return fmt::format("{:02}", month);
        case Part::long_day: return std::string(k_days[weekday]);
        case Part::short_day: return std::string(k_days[weekday].substr(0, 3));
        case Part::day: return std::to_string(day);
        case Part::day_blank: return fmt::format("{:2}", day);
        case Part::day2: return fmt::format("{:02}", day);
        case Part::day_of_year:
            return fmt::format("{:03}", (days - std::chrono::sys_days(date.year() / 1 / 1)).count() + 1);
        case Part::hour24: return fmt::format("{:02}", hour);
        case Part::hour12: return std::to_string(hour12);
        case Part::hour12_2: return fmt::format("{:02}", hour12);
        case Part::minute: return std::to_string(minute);
        case Part::minute2: return fmt::format("{:02}", minute);
        case Part::second: return std::to_string(second);
        case Part::second2: return fmt::format("{:02}", second);
        case Part::year: return fmt::format("{:04}", year);
        case Part::year2: return fmt::format("{:02}", year % 100);
        case Part::upper_pm: return hour >= 12 ? "PM" : "AM";
        case Part::lower_pm: return hour >= 12 ? "pm" : "am";
        case Part::zone_name: return "UTC";
        case Part::zone_z:
        case Part::zone_z_colon: return "Z";
        case Part::zone: return "+0000";
        case Part::zone_colon: return "+00:00";
        case Part::zone_hour: return "+00";
        case Part::fraction_zeros:
        case Part::fraction_nines: return fraction(cut, time);
    }
    return {};
}

class Reader {
  public:
    explicit Reader(std::string_view text) : m_rest(text) {}

    bool skip(std::string_view text) {
        if (!m_rest.starts_with(text)) return false;
        m_rest.remove_prefix(text.size());
        return true;
    }
    bool done() const { return m_rest.empty(); }

    bool read(const Cut& cut, Fields& fields) {
        switch (cut.part) {
            case Part::none: return true;
            case Part::long_month: return name(k_months, 0, fields.month, 1);
            case Part::short_month: return name(k_months, 3, fields.month, 1);
            case Part::month: return number(1, 2, fields.month);
            case Part::month2: return number(2, 2, fields.month);
            case Part::long_day: return name(k_days, 0, m_ignored, 0);
            case Part::short_day: return name(k_days, 3, m_ignored, 0);
            case Part::day_blank: skip(" "); return number(1, 2, fields.day);
            case Part::day: return number(1, 2, fields.day);
            case Part::day2: return number(2, 2, fields.day);
            case Part::day_of_year: return number(3, 3, m_ignored);
            case Part::hour24: return number(2, 2, fields.hour);
            case Part::hour12: return number(1, 2, fields.hour);
            case Part::hour12_2: return number(2, 2, fields.hour);
            case Part::minute: return number(1, 2, fields.minute);
            case Part::minute2: return number(2, 2, fields.minute);
            case Part::second: return number(1, 2, fields.second) && after_seconds(fields);
            case Part::second2: return number(2, 2, fields.second) && after_seconds(fields);
            case Part::year: return number(4, 4, fields.year);
            case Part::year2:
                if (!number(2, 2, fields.year)) return false;
                fields.year += fields.year >= 69 ? 1900 : 2000;
                return true;
            case Part::upper_pm:
            case Part::lower_pm: return half_day(fields);
            case Part::zone_name: return skip("UTC") || skip("GMT");
            case Part::zone_z:
            case Part::zone_z_colon: return skip("Z") || zone(fields);
            case Part::zone:
            case Part::zone_colon:
            case Part::zone_hour: return zone(fields);
            case Part::fraction_zeros:
            case Part::fraction_nines: return after_seconds(fields);
        }
        return false;
    }

  private:
    bool number(std::size_t least, std::size_t most, std::int64_t& out) {
        std::size_t count = 0;
        while (count < most && count < m_rest.size() && m_rest[count] >= '0' && m_rest[count] <= '9') ++count;
        if (count < least) return false;
        std::from_chars(m_rest.data(), m_rest.data() + count, out);
        m_rest.remove_prefix(count);
        return true;
    }
    template <std::size_t Size>
    bool name(const std::array<std::string_view, Size>& names, std::size_t letters, std::int64_t& out, int first) {
        for (std::size_t i = 0; i < Size; ++i)
            if (skip(letters == 0 ? names[i] : names[i].substr(0, letters))) {
                out = static_cast<std::int64_t>(i) + first;
                return true;
            }
        return false;
    }
    bool half_day(Fields& fields) {
        fields.has_pm = true;
        if (skip("PM") || skip("pm")) return fields.is_pm = true;
        return skip("AM") || skip("am");
    }
    /// A fraction may follow seconds in any layout.
    bool after_seconds(Fields& fields) {
        if (m_rest.size() < 2 || (m_rest[0] != '.' && m_rest[0] != ',') || m_rest[1] < '0' || m_rest[1] > '9') return true;
        m_rest.remove_prefix(1);
        std::int64_t scale = 100;
        for (; !m_rest.empty() && m_rest[0] >= '0' && m_rest[0] <= '9'; m_rest.remove_prefix(1), scale /= 10)
            fields.millis += (m_rest[0] - '0') * scale;
        return true;
    }
    bool zone(Fields& fields) {
        const bool west = skip("-");
        if (!west && !skip("+")) return false;
        std::int64_t hours = 0, minutes = 0;
        if (!number(2, 2, hours)) return false;
        skip(":");
        number(2, 2, minutes);
        fields.offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
        return true;
    }

    std::string_view m_rest;
    std::int64_t m_ignored = 0;
};

}  // namespace

std::string format_time(std::string_view layout, base::Time time) {
    std::string out;
    while (!layout.empty()) {
        const Cut cut = next_part(layout);
        out += cut.before;
        out += formatted(cut, time);
    }
    return out;
}

std::optional<base::Time> parse_time(std::string_view layout, std::string_view text) {
    Fields fields;
    Reader reader(text);
    while (!layout.empty()) {
        const Cut cut = next_part(layout);
        if (!reader.skip(cut.before) || !reader.read(cut, fields)) return std::nullopt;
    }
    if (!reader.done()) return std::nullopt;
    if (fields.has_pm) fields.hour = fields.hour % 12 + (fields.is_pm ? 12 : 0);
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(fields.year)),
                                           std::chrono::month(static_cast<unsigned>(fields.month)),
                                           std::chrono::day(static_cast<unsigned>(fields.day))};
    if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 59) return std::nullopt;
    const auto seconds = (fields.hour * 60 + fields.minute) * 60 + fields.second - fields.offset;
    return base::Time(std::chrono::sys_days(date)) + std::chrono::seconds(seconds) + base::Duration(fields.millis);
}

}  // namespace gitops::templates
