// sprig's functions that change the case of text and wrap it.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/doc/unicode.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return std::string_view(" \t\n\r\v\f").find(c) != std::string_view::npos; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }

std::string each(std::string text, char (*change)(char)) {
    std::ranges::transform(text, text.begin(), change);
    return text;
}

/// Latin-1, Latin Extended-A, Greek and Cyrillic beside ASCII.
std::uint32_t lower_rune(std::uint32_t rune) {
    if (rune < 0x80) return static_cast<unsigned char>(to_lower(static_cast<char>(rune)));
    if ((rune >= 0xC0 && rune <= 0xDE && rune != 0xD7) || (rune >= 0x391 && rune <= 0x3A9) ||
            (rune >= 0x410 && rune <= 0x42F)) return rune + 32;
    if (rune >= 0x400 && rune <= 0x40F) return rune + 80;
    const bool even = (rune >= 0x100 && rune <= 0x137) || (rune >= 0x14A && rune <= 0x177);
    const bool odd = (rune >= 0x139 && rune <= 0x148) || (rune >= 0x179 && rune <= 0x17E);
    if (even && rune % 2 == 0 && rune != 0x130) return rune + 1;
    return odd && rune % 2 == 1 ? rune + 1 : rune;
}

std::uint32_t upper_rune(std::uint32_t rune) {
    if (rune < 0x80) return static_cast<unsigned char>(to_upper(static_cast<char>(rune)));
    for (const std::uint32_t step : {1U, 32U, 80U})
        if (rune > step && lower_rune(rune - step) == rune && rune - step != rune) return rune - step;
    return rune == 0xFF ? 0x178 : rune;
}

std::string each_rune(std::string_view text, std::uint32_t (*change)(std::uint32_t)) {
    std::string out;
    while (!text.empty()) append_utf8(out, change(take_rune(text)));
    return out;
}

/// strings.Title: the first letter of each word; letters, digits and '_' make words.
Datum title(GoCall& call) {
    std::string out;
    bool in_word = false;
    std::string_view rest = call.text(0);
    while (!rest.empty()) {
        const std::uint32_t rune = take_rune(rest);
        const char c = rune < 0x80 ? static_cast<char>(rune) : 'x';
        append_utf8(out, in_word ? rune : upper_rune(rune));
        in_word = is_lower(c) || is_upper(c) || is_digit(c) || c == '_';
    }
    return out;
}

Datum untitle(GoCall& call) {
    std::string out = call.text(0);
    bool first = true;
    for (char& c : out) {
        if (is_blank(c)) first = true;
        else if (std::exchange(first, false)) c = to_lower(c);
    }
    return out;
}

char swapped(char c) { return is_upper(c) ? to_lower(c) : to_upper(c); }

Datum initials(GoCall& call) {
    std::string out;
    bool first = true;
    std::string_view rest = call.text(0);
    while (!rest.empty()) {
        std::string_view tail = rest;
        take_rune(tail);
        if (is_blank(rest.front())) first = true;
        else if (std::exchange(first, false)) out += rest.substr(0, rest.size() - tail.size());
        rest = tail;
    }
    return out;
}

bool is_joint(char c) { return c == '_' || c == '-' || is_blank(c); }

/// Words of "HTTPServer2xx-name" joined by `joint`: a capital begins a word, of several the last one when a small
/// letter follows it.
std::string joined_words(const std::string& text, char joint) {
    std::string out;
    bool in_number_word = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char before = i > 0 ? text[i - 1] : '\0', after = i + 1 < text.size() ? text[i + 1] : '\0';
        if (is_joint(c)) {
            out += joint;
            continue;
        }
        const bool word_before = i > 0 && !is_joint(before);
        bool begins = word_before && is_upper(c) && (!is_upper(before) || is_lower(after));
        if (begins || !word_before) in_number_word = is_digit(c);
        if (word_before && is_digit(c) && !is_digit(before) && !in_number_word) {
            // A number begins a word when small letters go on after it: "http2xx", not "bld4Floor".
            const std::size_t end = std::min(text.find_first_not_of("0123456789", i), text.size());
            in_number_word = begins = end < text.size() && is_lower(text[end]);
        }
        if (begins) out += joint;
        out += to_lower(c);
    }
    return out;
}

/// "some_words here" -> "SomeWordsHere", "GO_IS" -> "GoIs"; joints at the front stay.
Datum camelcase(GoCall& call) {
    const std::string& text = call.text(0);
    std::string out;
    std::size_t at = 0;
    while (at < text.size() && is_joint(text[at])) out += text[at++];
    bool first = true;
    std::string joints;
    bool after_capital = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (is_joint(c)) {
            joints += c;
            first = true;
            continue;
        }
        if (joints.size() > 1) out += joints.substr(1);
        joints.clear();
        const char in_word = after_capital ? to_lower(c) : c;
        out += std::exchange(first, false) ? to_upper(c) : in_word;
        after_capital = is_upper(c);
    }
    return out + joints;
}

/// goutils.WrapCustom: lines broken at blanks, words longer than a line only where `breaks_words`.
std::string wrapped(std::string_view text, std::int64_t width, const std::string& newline, bool breaks_words) {
    if (text.empty()) return {};
    const std::size_t length = static_cast<std::size_t>(std::max<std::int64_t>(width, 1));
    const std::string_view line_end = newline.empty() ? "\n" : std::string_view(newline);
    std::string out;
    std::size_t at = 0;
    while (text.size() - at > length) {
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        std::size_t blank = text.rfind(' ', at + length);
        if (blank != std::string_view::npos && blank >= at) {
            out.append(text, at, blank - at).append(line_end);
            at = blank + 1;
        } else if (breaks_words) {
            out.append(text, at, length).append(line_end);
            at += length;
        } else {
            blank = text.find(' ', at + length);
            if (blank == std::string_view::npos) break;
            out.append(text, at, blank - at).append(line_end);
            at = blank + 1;
        }
    }
    return out.append(text, at);
}

constexpr SprigRow k_rows[] = {
    {"upper", "s", [](GoCall& call) { return Datum(each_rune(call.text(0), upper_rune)); }},
    {"lower", "s", [](GoCall& call) { return Datum(each_rune(call.text(0), lower_rune)); }},
    {"title", "s", title},
    {"untitle", "s", untitle},
    {"swapcase", "s", [](GoCall& call) { return Datum(each(call.text(0), swapped)); }},
    {"nospace", "s",
     [](GoCall& call) {
         std::string out = call.text(0);
         std::erase_if(out, is_blank);
         return Datum(std::move(out));
     }},
    {"initials", "s", initials},
    {"snakecase", "s", [](GoCall& call) { return Datum(joined_words(call.text(0), '_')); }},
    {"kebabcase", "s", [](GoCall& call) { return Datum(joined_words(call.text(0), '-')); }},
    {"camelcase", "s", camelcase},
    {"wrap", "is", [](GoCall& call) { return Datum(wrapped(call.text(1), call.number(0), "", false)); }},
    {"wrapWith", "iss", [](GoCall& call) { return Datum(wrapped(call.text(2), call.number(0), call.text(1), true)); }},
};

}  // namespace

void add_sprig_words(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
