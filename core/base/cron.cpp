#include "core/base/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::base {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::seconds;

constexpr int k_most_days_ahead = 366 * 9;  // 29 February may be eight years away
constexpr std::size_t k_longest = 256;
constexpr int k_widest = 100;  ///< more values than any field has

struct Field {
    std::string_view name;
    int least, most;
    std::string_view names;  ///< three letters each, the first one stands for `first_named`
    int first_named;
};
constexpr std::array k_fields{Field{"minute", 0, 59, "", 0}, Field{"hour", 0, 23, "", 0}, Field{"day of month", 1, 31, "", 0},
                              Field{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
                              Field{"day of week", 0, 6, "sunmontuewedthufrisat", 0}};

struct Read {
    std::bitset<64> values;
    bool any = false;
};

[[noreturn]] void wrong(const Field& field, std::string_view entry, std::string_view why) {
    Error error(Code::invalid, "the " + std::string(field.name) + " \"" + std::string(entry.substr(0, 40)) + "\" " + std::string(why));
    if (field.names.starts_with("sun") && entry.find('7') != std::string_view::npos) error.hint("Sunday is 0 or sun");
    throw error;
}

int read_value(const Field& field, std::string_view text, std::string_view entry) {
    const auto word = lower(text);
    if (word.size() == 3 && !field.names.empty())
        for (std::size_t i = 0; i < field.names.size(); i += 3)
            if (field.names.substr(i, 3) == word) return field.first_named + static_cast<int>(i / 3);
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || text.empty()) wrong(field, entry, "is no number");
    if (value < field.least || value > field.most)
        wrong(field, entry, "is not between " + std::to_string(field.least) + " and " + std::to_string(field.most));
    return value;
}

void read_entry(const Field& field, std::string_view entry, Read& read) {
    const auto parts = split(entry, '/');
    if (parts.size() > 2) wrong(field, entry, "has two steps");
    const auto range = split(parts[0], '-');
    int low = field.least;
    int high = field.most;
    const bool any = parts[0] == "*" || parts[0] == "?";
    if (!any) {
        if (range.size() > 2) wrong(field, entry, "is no range");
        low = read_value(field, range[0], entry);
        high = range.size() == 2 ? read_value(field, range[1], entry) : parts.size() == 2 ? field.most : low;
        if (low > high) wrong(field, entry, "begins after its end");
    }
    int step = 1;
    if (parts.size() == 2) {
        const auto [end, problem] = std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), step);
        if (problem != std::errc() || end != parts[1].data() + parts[1].size() || parts[1].empty() || step < 1)
            wrong(field, entry, "has no step of 1 or more");
        step = std::min(step, k_widest);  // one that leads out of the field leaves its first value
    }
    read.any = read.any || (any && step == 1);
    for (int value = low; value <= high; value += step) read.values.set(static_cast<std::size_t>(value));
}

Read read_field(const Field& field, std::string_view text) {
    Read read;
    for (const auto entry : split(text, ',')) read_entry(field, entry, read);
    return read;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return words;
        text.remove_prefix(begin);
        const auto length = std::min(text.find_first_of(" \t"), text.size());
        words.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
}

}  // namespace

Cron::Cron(std::string_view text) {
    const auto words = words_of(text.substr(0, k_longest));
    if (words.size() != k_fields.size() || text.size() > k_longest) {
        Error error(Code::invalid, "a schedule has five fields, \"" + std::string(text.substr(0, 80)) + "\" has " +
                                       std::to_string(words.size()));
        error.hint("minute, hour, day of month, month, day of week: \"0 22 * * mon-fri\"");
        throw error;
    }
    std::array<Read, k_fields.size()> read;
    for (std::size_t i = 0; i < words.size(); ++i) read[i] = read_field(k_fields[i], words[i]);
    m_minutes = read[0].values;
    m_hours = read[1].values;
    m_days = read[2].values;
    m_months = read[3].values;
    m_weekdays = read[4].values;
    m_any_day = read[2].any;
    m_any_weekday = read[4].any;
}

bool Cron::holds_on(local_days day) const {
    const std::chrono::year_month_day date(day);
    if (!m_months.test(static_cast<unsigned>(date.month()))) return false;
    const bool by_day = m_days.test(static_cast<unsigned>(date.day()));
    const bool by_weekday = m_weekdays.test(std::chrono::weekday(day).c_encoding());
    return m_any_day || m_any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

std::vector<Instant> Cron::times_of(local_days day, const TimeZone& zone) const {
    std::vector<Instant> times;
    const bool runs_on = m_hours.count() == 24;
    for (int hour = 0; hour < 24; ++hour) {
        if (!m_hours.test(static_cast<std::size_t>(hour))) continue;
        for (int minute = 0; minute < 60; ++minute) {
            if (!m_minutes.test(static_cast<std::size_t>(minute))) continue;
            const WallTime wall = day + seconds(hour * 3600 + minute * 60);
            const auto instants = zone.instants_of(wall);
            if (runs_on) times.insert(times.end(), instants.begin(), instants.end());
            else times.push_back(instants.empty() ? zone.end_of_gap(wall) : instants.front());
        }
    }
    std::ranges::sort(times);
    return times;
}

std::optional<Instant> Cron::next(Instant instant, const TimeZone& zone) const {
    const auto today = std::chrono::floor<days>(zone.wall_time(instant));
    for (int ahead = -1; ahead <= k_most_days_ahead; ++ahead) {
        const local_days day = today + days(ahead);
        if (!holds_on(day)) continue;
        const auto times = times_of(day, zone);
        const auto found = std::ranges::upper_bound(times, instant);
        if (found != times.end()) return *found;
    }
    return std::nullopt;
}

std::optional<Instant> Cron::last(Instant instant, Instant earliest, const TimeZone& zone) const {
    const auto first = std::chrono::floor<days>(zone.wall_time(earliest)) - days(1);
    for (local_days day = std::chrono::floor<days>(zone.wall_time(instant)) + days(1); day >= first; day -= days(1)) {
        if (!holds_on(day)) continue;
        const auto times = times_of(day, zone);
        const auto after = std::ranges::upper_bound(times, instant);
        if (after == times.begin()) continue;
        const Instant found = *(after - 1);
        if (found >= earliest) return found;
        return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace gitops::base
