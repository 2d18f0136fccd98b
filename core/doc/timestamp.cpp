#include "core/doc/timestamp.hpp"

#include <array>
#include <cstdio>

namespace gitops::doc {

namespace {

struct Moment {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string fraction;    ///< up to nine digits
    int offset_minutes = 0;  ///< east of Greenwich
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Walks over the text; every take_ function leaves the text alone when it fails.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : m_rest(text) {}

    bool at_end() const { return m_rest.empty(); }
    char peek() const { return m_rest.empty() ? '\0' : m_rest.front(); }
    bool take(char wanted) {
        if (peek() != wanted || m_rest.empty()) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    /// Between `least` and `most` digits with a value from `low` to `high`.
    std::optional<int> take_number(std::size_t least, std::size_t most, int low, int high) {
        int value = 0;
        std::size_t count = 0;
        while (count < most && count < m_rest.size() && is_digit(m_rest[count])) value = value * 10 + (m_rest[count++] - '0');
        if (count < least || value < low || value > high) return std::nullopt;
        m_rest.remove_prefix(count);
        return value;
    }
    std::string take_fraction() {
        if (m_rest.size() < 2 || (m_rest[0] != '.' && m_rest[0] != ',') || !is_digit(m_rest[1])) return {};
        m_rest.remove_prefix(1);
        std::string digits;
        for (; !m_rest.empty() && is_digit(m_rest[0]); m_rest.remove_prefix(1))
            if (digits.size() < 9) digits += m_rest[0];
        while (!digits.empty() && digits.back() == '0') digits.pop_back();
        return digits;
    }

  private:
    std::string_view m_rest;
};

int days_in(int year, int month) {
    constexpr std::array<int, 13> k_days{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : k_days[static_cast<std::size_t>(month)];
}

bool read_date(Cursor& cursor, Moment& moment) {
    const auto year = cursor.take_number(4, 4, 0, 9999);
    if (!year || !cursor.take('-')) return false;
    const auto month = cursor.take_number(1, 2, 1, 12);
    if (!month || !cursor.take('-')) return false;
    const auto day = cursor.take_number(1, 2, 1, days_in(*year, *month));
    if (!day) return false;
    moment.year = *year;
    moment.month = *month;
    moment.day = *day;
    return true;
}

bool read_time(Cursor& cursor, Moment& moment) {
    const auto hour = cursor.take_number(1, 2, 0, 23);
    if (!hour || !cursor.take(':')) return false;
    const auto minute = cursor.take_number(1, 2, 0, 59);
    if (!minute || !cursor.take(':')) return false;
    const auto second = cursor.take_number(1, 2, 0, 59);
    if (!second) return false;
    moment.hour = *hour;
    moment.minute = *minute;
    moment.second = *second;
    moment.fraction = cursor.take_fraction();
    return true;
}

bool read_zone(Cursor& cursor, Moment& moment) {
    if (cursor.take('Z')) return true;
    const bool west = cursor.peek() == '-';
    if (!cursor.take('-') && !cursor.take('+')) return false;
    const auto hours = cursor.take_number(2, 2, 0, 24);
    if (!hours || !cursor.take(':')) return false;
    const auto minutes = cursor.take_number(2, 2, 0, 60);
    if (!minutes) return false;
    moment.offset_minutes = (*hours * 60 + *minutes) * (west ? -1 : 1);
    return true;
}

std::optional<Moment> read_moment(std::string_view text) {
    Cursor cursor(text);
    Moment moment;
    if (!read_date(cursor, moment)) return std::nullopt;
    if (cursor.at_end()) return moment;
    const bool zoned = cursor.peek() == 'T' || cursor.peek() == 't';
    if (zoned) {
        cursor.take(cursor.peek());
    } else {
        if (cursor.peek() != ' ') return std::nullopt;
        while (cursor.take(' ')) {}
    }
    if (!read_time(cursor, moment)) return std::nullopt;
    if (zoned && !read_zone(cursor, moment)) return std::nullopt;
    if (!cursor.at_end()) return std::nullopt;
    return moment;
}

}  // namespace

std::optional<std::string> yaml_timestamp_to_rfc3339(std::string_view text) {
    if (text.size() < 6 || !is_digit(text[0]) || text[4] != '-') return std::nullopt;
    const auto moment = read_moment(text);
    if (!moment) return std::nullopt;
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", moment->year, moment->month, moment->day,
                  moment->hour, moment->minute, moment->second);
    std::string out = buffer.data();
    if (!moment->fraction.empty()) out.append(".").append(moment->fraction);
    const int offset = moment->offset_minutes;
    if (offset == 0) return out + "Z";
    const int size = offset < 0 ? -offset : offset;
    std::snprintf(buffer.data(), buffer.size(), "%c%02d:%02d", offset < 0 ? '-' : '+', size / 60, size % 60);
    return out + buffer.data();
}

}  // namespace gitops::doc
