#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"

namespace gitops::base {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};
/// The units of Go's time.ParseDuration; micro with both of its signs.
constexpr std::array<Unit, 8> k_units{{{"ns", 1},
                                       {"us", 1'000},
                                       {"\u00b5s", 1'000},
                                       {"\u03bcs", 1'000},
                                       {"ms", 1'000'000},
                                       {"s", 1'000'000'000},
                                       {"m", 60'000'000'000},
                                       {"h", 3'600'000'000'000}}};

constexpr std::int64_t k_longest = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& rest) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
    const std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(digits.size());
    return digits;
}

const Unit* take_unit(std::string_view& rest) {
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789."));
    const auto unit = std::find_if(k_units.begin(), k_units.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == k_units.end()) return nullptr;
    rest.remove_prefix(name.size());
    return unit;
}

/// `digits` times `unit`; nullopt when it does not fit.
std::optional<std::int64_t> scaled(std::string_view digits, std::int64_t unit) {
    std::int64_t value = 0;
    for (const char c : digits) {
        if (value > (k_longest - (c - '0')) / 10) return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (value > k_longest / unit) return std::nullopt;
    return value * unit;
}

/// What the decimals of a number are worth; those below a nanosecond are dropped.
std::int64_t scaled_decimals(std::string_view decimals, std::int64_t unit) {
    std::int64_t worth = 0;
    for (const char c : decimals) {
        // A unit that is not a multiple of ten (60, 3600) still divides exactly nine times and more.
        if (unit < 10) break;
        unit /= 10;
        worth += unit * (c - '0');
    }
    return worth;
}

/// The nanoseconds of an unsigned duration; nullopt when the text is none.
std::optional<std::int64_t> parse_parts(std::string_view rest) {
    std::int64_t total = 0;
    while (!rest.empty()) {
        const std::string_view whole = take_digits(rest);
        std::string_view decimals;
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            decimals = take_digits(rest);
        }
        if (whole.empty() && decimals.empty()) return std::nullopt;
        const Unit* unit = take_unit(rest);
        if (unit == nullptr) return std::nullopt;
        const auto value = scaled(whole, unit->nanoseconds);
        if (!value || *value > k_longest - total) return std::nullopt;
        total += *value;
        const std::int64_t part = scaled_decimals(decimals, unit->nanoseconds);
        if (part > k_longest - total) return std::nullopt;
        total += part;
    }
    return total;
}

}  // namespace

Duration parse_duration(std::string_view text) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const bool bare = !rest.empty() && std::all_of(rest.begin(), rest.end(), is_digit);
    const auto nanoseconds = bare           ? scaled(rest, 1'000'000'000)
                             : rest.empty() ? std::nullopt
                                            : parse_parts(rest);
    if (!nanoseconds) {
        throw Error(Code::invalid, fmt::format("\"{}\" is not a duration", text.substr(0, 80)))
            .hint("write it like 90s, 5m, 1h30m or 250ms");
    }
    const Duration span(*nanoseconds / 1'000'000);
    return negative ? -span : span;
}

std::string format_duration(Duration span) {
    if (span == Duration(0)) return "0s";
    std::string text = span < Duration(0) ? "-" : "";
    auto left = span < Duration(0) ? 0 - static_cast<std::uint64_t>(span.count()) : static_cast<std::uint64_t>(span.count());
    if (left < 1000) return text + fmt::format("{}ms", left);
    if (left >= 3'600'000) text += fmt::format("{}h", left / 3'600'000);
    left %= 3'600'000;
    if (left >= 60'000) text += fmt::format("{}m", left / 60'000);
    left %= 60'000;
    if (left == 0) return text;
    text += fmt::format("{}", left / 1000);
    if (left % 1000 != 0) {
        std::string decimals = fmt::format(".{:03}", left % 1000);
        decimals.erase(decimals.find_last_not_of('0') + 1);
        text += decimals;
    }
    return text + "s";
}

}  // namespace gitops::base
