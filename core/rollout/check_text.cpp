#include "core/rollout/check_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/doc/number.hpp"

namespace gitops::rollout {

namespace {

constexpr int k_decimals = 2, k_most_decimals = 9;
constexpr double k_largest_plain = 1e15;
constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

bool looks_the_same(const std::string& text, double value, const std::optional<double>& bound, int decimals) {
    return bound && value != *bound && text == fmt::format("{:.{}f}", *bound, decimals);
}

/// Decimals of a number below 1 so that three digits are seen.
int decimals_of(double value) {
    const double size = std::abs(value);
    if (size >= 1) return k_decimals;
    return std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), k_decimals, k_most_decimals);
}

std::string_view relation(bool is_upper, bool holds, Glyphs glyphs) {
    if (!holds) return is_upper ? ">" : "<";
    if (glyphs == Glyphs::ascii) return is_upper ? "<=" : ">=";
    return is_upper ? "\u2264" : "\u2265";
}

struct Character {
    std::string_view bytes;
    char32_t point = 0;  ///< U+FFFD when the bytes are none
};

Character front_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    const auto bytes = text.substr(0, size);
    if (bytes.size() < size || !base::is_utf8(bytes)) return {text.substr(0, 1), U'\uFFFD'};
    if (size == 1) return {bytes, lead};
    char32_t point = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) point = point << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
    return {bytes, point};
}

bool is_blank(char32_t point) { return point == '\n' || point == '\t' || point == '\r' || point == 0x2028 || point == 0x2029; }

/// Controls, marks of direction, and what no XML document may hold.
bool is_unprintable(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200E && point <= 0x200F) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0x061C || point == 0xFEFF ||
           point == 0xFFFE || point == 0xFFFF;
}

/// Bytes of the first `length` characters.
std::size_t bytes_of(std::string_view text, std::size_t length) {
    std::size_t at = 0;
    while (at < text.size() && length > 0) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
        --length;
    }
    return at;
}

}  // namespace

bool is_hook(const CheckResult& check) {
    return !check.value && check.query.empty() && !check.range.min && !check.range.max;
}

std::string number_text(double value, const Range& range) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    if (std::abs(value) >= k_largest_plain) return fmt::format("{:.3g}", value);
    if (value == std::trunc(value)) return fmt::format("{:.0f}", value == 0 ? 0.0 : value);
    for (int decimals = decimals_of(value);; ++decimals) {
        auto text = fmt::format("{:.{}f}", value, decimals);
        const bool misleads = looks_the_same(text, value, range.min, decimals) || looks_the_same(text, value, range.max, decimals);
        if (misleads && decimals < k_most_decimals) continue;
        const auto shortest = text.find('.') + 1 + k_decimals;
        while (text.size() > shortest && text.back() == '0') text.pop_back();
        return text;
    }
}

std::string bound_text(double bound) {
    return std::isfinite(bound) && std::abs(bound) < k_largest_plain ? doc::format_double(bound) : number_text(bound);
}

std::string limit_text(const Range& range, Glyphs glyphs) {
    if (range.min && range.max) return bound_text(*range.min) + " to " + bound_text(*range.max);
    if (range.min) return fmt::format("{} {}", relation(false, true, glyphs), bound_text(*range.min));
    if (range.max) return fmt::format("{} {}", relation(true, true, glyphs), bound_text(*range.max));
    return {};
}

std::string check_text(const CheckResult& check, Glyphs glyphs) {
    constexpr std::size_t most_of_name = 60, most_of_detail = 200;
    const auto name = clean_text(check.name, most_of_name, glyphs);
    const auto detail = clean_text(check.detail, most_of_detail, glyphs);
    if (is_hook(check) || !check.value) {
        auto text = fmt::format("{}: {}", name, verdict_word(check.verdict));
        return detail.empty() ? text : text + ", " + detail;
    }
    const auto value = number_text(*check.value, check.range);
    const auto& [min, max] = check.range;
    if (min && *check.value < *min) return fmt::format("{} {} < {}", name, value, bound_text(*min));
    if (max && *check.value > *max) return fmt::format("{} {} > {}", name, value, bound_text(*max));
    auto text = name + " " + value;
    if (min && max) text += fmt::format(" in {}", limit_text(check.range, glyphs));
    else if (min || max) text += " " + limit_text(check.range, glyphs);
    // In range and yet not passed: a sequential test, whose detail says why.
    if (check.verdict == Verdict::pass) return text;
    text += fmt::format(": {}", verdict_word(check.verdict));
    return detail.empty() ? text : text + ", " + detail;
}

std::string_view verdict_mark(Verdict verdict, Glyphs glyphs) {
    const bool ascii = glyphs == Glyphs::ascii;
    switch (verdict) {
        case Verdict::pass: return ascii ? "+" : "\u2714";
        case Verdict::fail: return ascii ? "x" : "\u2716";
        case Verdict::no_data: return ascii ? "o" : "\u25CB";
        case Verdict::unreachable: return ascii ? "!" : "\u26A0";
        case Verdict::inconclusive: return "?";
    }
    return "";
}

std::string_view verdict_word(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return "passed";
        case Verdict::fail: return "failed";
        case Verdict::no_data: return "no data";
        case Verdict::unreachable: return "no answer";
        case Verdict::inconclusive: return "undecided";
    }
    return "";
}

std::string elapsed_text(base::Duration span) {
    const auto seconds = std::max<std::int64_t>(span.count(), 0) / 1000;
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string span_text(base::Duration span) {
    constexpr std::int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
    const auto millis = std::max<std::int64_t>(span.count(), 0);
    const auto unit = millis < second ? 1 : millis < hour ? second : minute;
    const auto rounded = (millis + unit / 2) / unit * unit;
    if (rounded < day) return base::format_duration(base::Duration(rounded));
    return fmt::format("{}d{}h", rounded / day, rounded % day / hour);
}

std::string short_image(std::string_view image) {
    constexpr std::size_t digits = 12;
    std::string digest;
    if (const auto at = image.find('@'); at != std::string_view::npos) {
        const auto sum = image.substr(at + 1);
        const auto colon = sum.find(':');
        digest = "@" + std::string(sum.substr(colon == std::string_view::npos ? 0 : colon + 1).substr(0, digits));
        image = image.substr(0, at);
    }
    const auto slash = image.rfind('/');
    return std::string(slash == std::string_view::npos ? image : image.substr(slash + 1)) + digest;
}

std::string clean_text(std::string_view text, std::size_t most, Glyphs glyphs) {
    const std::string_view dots = glyphs == Glyphs::ascii ? "..." : "\u2026";
    const std::size_t dots_length = glyphs == Glyphs::ascii ? 3 : 1;
    std::string clean;
    std::size_t length = 0;
    std::size_t cut_at = 0;  // where the ellipsis goes when the text turns out to be too long
    while (!text.empty()) {
        if (length + dots_length <= most) cut_at = clean.size();
        if (length == most) return clean.substr(0, cut_at).append(dots.substr(0, most < dots_length ? most : dots.size()));
        const auto character = front_character(text);
        if (is_blank(character.point)) clean += ' ';
        else if (is_unprintable(character.point)) clean += '?';
        else if (character.point == U'\uFFFD') clean += glyphs == Glyphs::ascii ? std::string_view("?") : k_replacement;
        else clean += character.bytes;
        ++length;
        text.remove_prefix(character.bytes.size());
    }
    return clean;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t length, std::size_t most, Glyphs glyphs) {
    constexpr std::size_t most_characters = 4096;
    const auto clean = clean_text(text, most_characters, glyphs);
    std::string_view rest = clean;
    std::vector<std::string> lines;
    while (length_of(rest) > length && lines.size() + 1 < most) {
        const auto whole = rest.substr(0, bytes_of(rest, length + 1));
        const auto blank = whole.rfind(' ');
        const bool breaks_word = blank == std::string_view::npos || blank == 0;
        const auto end = breaks_word ? bytes_of(rest, length) : blank;
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(breaks_word ? end : end + 1);
    }
    lines.push_back(clean_text(rest, length, glyphs));
    return lines;
}

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace gitops::rollout
