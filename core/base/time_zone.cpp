#include "core/base/time_zone.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>

#include "core/base/error.hpp"

namespace gitops::base {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::year;

constexpr std::size_t k_header = 44;
constexpr std::size_t k_most_changes = 10'000;
constexpr std::size_t k_largest_file = 1 << 20;
constexpr seconds k_a_day{86'400};

Error broken(std::string_view name) { return {Code::invalid, "the tz database's file of " + std::string(name) + " cannot be read"}; }

/// Big-endian numbers, with every read checked against the end.
class Bytes {
  public:
    Bytes(std::string_view bytes, std::string_view name) : m_rest(bytes), m_name(name) {}

    std::string_view take(std::size_t count) {
        if (count > m_rest.size()) throw broken(m_name);
        const auto taken = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return taken;
    }
    std::int64_t number(std::size_t width) {
        std::uint64_t value = 0;
        for (const char c : take(width)) value = value << 8 | static_cast<unsigned char>(c);
        if (width == 4) return static_cast<std::int32_t>(value);
        return static_cast<std::int64_t>(value);
    }
    std::string_view rest() const { return m_rest; }

  private:
    std::string_view m_rest;
    std::string_view m_name;
};

struct Header {
    char version = 0;
    std::array<std::size_t, 6> counts{};  ///< isut, isstd, leap, time, type, char

    std::size_t times() const { return counts[3]; }
    std::size_t types() const { return counts[4]; }
    std::size_t body(std::size_t width) const {
        return times() * (width + 1) + types() * 6 + counts[5] + counts[2] * (width + 4) + counts[1] + counts[0];
    }
};

Header read_header(Bytes& bytes, std::string_view name) {
    if (bytes.take(4) != "TZif") throw broken(name);
    Header header;
    header.version = bytes.take(1).front();
    bytes.take(15);
    for (auto& count : header.counts) {
        const auto number = bytes.number(4);
        if (number < 0 || static_cast<std::size_t>(number) > k_most_changes) throw broken(name);
        count = static_cast<std::size_t>(number);
    }
    if (header.types() == 0) throw broken(name);
    return header;
}

/// The text of a POSIX TZ rule ("CET-1CEST,M3.5.0,M10.5.0/3") under reading.
class RuleText {
  public:
    RuleText(std::string_view text, std::string_view name) : m_rest(text), m_name(name) {}

    bool empty() const { return m_rest.empty(); }
    bool accept(char wanted) {
        if (m_rest.empty() || m_rest.front() != wanted) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted)) throw broken(m_name);
    }
    bool at_number() const {
        return !m_rest.empty() && (std::isdigit(static_cast<unsigned char>(m_rest.front())) != 0 || m_rest.front() == '-' ||
                                   m_rest.front() == '+');
    }
    void abbreviation() {
        const bool quoted = accept('<');
        std::size_t length = 0;
        while (length < m_rest.size() && (quoted ? m_rest[length] != '>' : std::isalpha(static_cast<unsigned char>(m_rest[length])) != 0))
            ++length;
        if (length == 0) throw broken(m_name);
        m_rest.remove_prefix(length);
        if (quoted) expect('>');
    }
    int number(int most) {
        int value = 0;
        std::size_t digits = 0;
        while (digits < m_rest.size() && digits < 4 && std::isdigit(static_cast<unsigned char>(m_rest[digits])) != 0)
            value = value * 10 + (m_rest[digits++] - '0');
        if (digits == 0 || value > most) throw broken(m_name);
        m_rest.remove_prefix(digits);
        return value;
    }
    /// [+-]hh[:mm[:ss]], hours up to 167.
    seconds time() {
        const bool negative = accept('-');
        if (!negative) accept('+');
        auto value = seconds(number(167) * 3600);
        if (accept(':')) value += seconds(number(59) * 60);
        if (accept(':')) value += seconds(number(59));
        return negative ? -value : value;
    }
    ClockChange change() {
        ClockChange change;
        expect(',');
        if (accept('M')) {
            change.month = std::max(1, number(12));
            expect('.');
            change.week = std::max(1, number(5));
            expect('.');
            change.weekday = number(6);
        } else {
            change.day = accept('J') ? ClockChange::Day::julian_without_leap : ClockChange::Day::day_of_year;
            change.number = number(365);
        }
        if (accept('/')) change.at = time();
        return change;
    }

  private:
    std::string_view m_rest;
    std::string_view m_name;
};

std::chrono::local_days day_of(const ClockChange& change, year in) {
    const auto first = std::chrono::local_days(in / std::chrono::January / 1);
    switch (change.day) {
        case ClockChange::Day::day_of_year: return first + days(change.number);
        case ClockChange::Day::julian_without_leap:
            return first + days(change.number - 1 + (in.is_leap() && change.number >= 60 ? 1 : 0));
        case ClockChange::Day::month_week_weekday: break;
    }
    const std::chrono::weekday weekday(static_cast<unsigned>(change.weekday));
    const auto month = in / std::chrono::month(static_cast<unsigned>(change.month));
    if (change.week == 5) return std::chrono::local_days(month / weekday[std::chrono::last]);
    return std::chrono::local_days(month / weekday[static_cast<unsigned>(change.week)]);
}

Instant instant_of(const ClockChange& change, year in, seconds offset_before) {
    return Instant((day_of(change, in).time_since_epoch() + change.at) - offset_before);
}

}  // namespace

TimeZone::TimeZone(std::string_view bytes, std::string_view name) {
    Bytes reader(bytes, name);
    Header header = read_header(reader, name);
    std::size_t width = 4;
    if (header.version >= '2') {  // the same again with 64-bit times
        reader.take(header.body(4));
        header = read_header(reader, name);
        width = 8;
    }
    Bytes body(reader.take(header.body(width)), name);
    for (std::size_t i = 0; i < header.times(); ++i) m_changes.emplace_back(seconds(body.number(width)));
    const auto indices = body.take(header.times());
    std::vector<seconds> types;
    for (std::size_t i = 0; i < header.types(); ++i) {
        types.emplace_back(body.number(4));
        body.take(2);
        if (std::chrono::abs(types.back()) > hours(26)) throw broken(name);
    }
    for (const char index : indices) {
        const auto type = static_cast<std::size_t>(static_cast<unsigned char>(index));
        if (type >= types.size()) throw broken(name);
        m_offsets.push_back(types[type]);
    }
    if (!std::ranges::is_sorted(m_changes)) throw broken(name);
    m_before = types.front();
    if (width == 4) return;
    reader.take(1);  // the newline before the rule
    const auto end = reader.rest().find('\n');
    if (end == std::string_view::npos) throw broken(name);
    if (end > 0) read_rule(reader.rest().substr(0, end), name);
}

void TimeZone::read_rule(std::string_view text, std::string_view name) {
    RuleText rule(text, name);
    rule.abbreviation();
    m_standard = -rule.time();  // POSIX counts westwards
    m_has_rule = true;
    if (rule.empty()) return;
    m_saves = true;
    rule.abbreviation();
    m_summer = rule.at_number() ? -rule.time() : m_standard + hours(1);
    m_to_summer = rule.change();
    m_to_standard = rule.change();
    if (!rule.empty()) throw broken(name);
}

seconds TimeZone::offset_by_rule(Instant instant) const {
    if (!m_saves) return m_standard;
    const auto date = std::chrono::year_month_day(std::chrono::floor<days>(instant + m_standard));
    const auto begin = instant_of(m_to_summer, date.year(), m_standard);
    const auto end = instant_of(m_to_standard, date.year(), m_summer);
    const bool summer = begin < end ? begin <= instant && instant < end : !(end <= instant && instant < begin);
    return summer ? m_summer : m_standard;
}

seconds TimeZone::offset_at(Instant instant) const {
    if (m_has_rule && (m_changes.empty() || instant >= m_changes.back())) return offset_by_rule(instant);
    const auto after = std::ranges::upper_bound(m_changes, instant);
    if (after == m_changes.begin()) return m_before;
    return m_offsets[static_cast<std::size_t>(after - m_changes.begin()) - 1];
}

std::vector<Instant> TimeZone::instants_of(WallTime wall) const {
    const Instant as_utc(wall.time_since_epoch());
    std::vector<Instant> found;
    for (const auto offset : {offset_at(as_utc - k_a_day), offset_at(as_utc + k_a_day)}) {
        const Instant instant = as_utc - offset;
        if (offset_at(instant) == offset && std::ranges::find(found, instant) == found.end()) found.push_back(instant);
    }
    std::ranges::sort(found);
    return found;
}

Instant TimeZone::end_of_gap(WallTime wall) const {
    Instant low(wall.time_since_epoch() - k_a_day);
    Instant high(wall.time_since_epoch() + k_a_day);
    const auto before = offset_at(low);
    while (high - low > seconds(1)) {
        const Instant middle = low + (high - low) / 2;
        (offset_at(middle) == before ? low : high) = middle;
    }
    return high;
}

bool is_zone_name(std::string_view name) {
    const auto legal = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '+' || c == '/';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '/' && name.back() != '/' &&
           std::ranges::all_of(name, legal) && name.find("//") == std::string_view::npos;
}

TimeZones TimeZones::of_system() {
    for (const char* folder : {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"}) {
        std::error_code ignored;
        if (std::filesystem::is_directory(folder, ignored)) return TimeZones(std::make_shared<DiskTree>(folder));
    }
    return TimeZones(nullptr);
}

const TimeZone& TimeZones::zone(const std::string& name) const {
    const std::scoped_lock guard(*m_mutex);
    if (const auto found = m_zones.find(name); found != m_zones.end()) return found->second;
    if (name.empty() || name == "UTC") return m_zones.emplace(name, TimeZone()).first->second;
    if (!is_zone_name(name)) throw Error(Code::invalid, "\"" + name.substr(0, 80) + "\" is no name of a time zone");
    if (!m_database)
        throw Error(Code::not_found, "there is no tz database on this machine, which the time zone " + name + " needs")
            .hint("install the package tzdata");
    if (m_database->kind(name) != EntryKind::file)
        throw Error(Code::not_found, "the tz database has no time zone " + name)
            .hint("name one as Europe/Berlin; a newer package tzdata may know it");
    const auto bytes = m_database->read(name);
    if (bytes.size() > k_largest_file) throw broken(name);
    return m_zones.emplace(name, TimeZone(bytes, name)).first->second;
}

}  // namespace gitops::base
