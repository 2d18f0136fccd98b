// Go string literals, written and read.
#include <algorithm>
#include <charconv>
#include <iterator>

#include "core/doc/unicode.hpp"
#include "core/templates/go_print.hpp"

namespace gitops::templates {

namespace {

bool is_printable(std::uint32_t rune) {
    if (rune < 0x20 || rune == 0x7F) return false;
    if (rune < 0x7F) return true;
    return rune > 0xA0 && rune != 0xAD && rune != 0xFEFF && (rune < 0x2028 || rune > 0x202F) &&
           (rune < 0xE000 || rune > 0xF8FF) && (rune < 0x2000 || rune > 0x200F) && rune != 0x3000;
}

void append_hex(std::string& out, std::uint32_t number, int digits) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += k_digits[number >> shift & 15];
}

/// The character behind a backslash; nullopt when the escape is none of Go's.
bool append_escape(std::string& out, std::string_view& rest, char quote) {
    constexpr std::string_view k_letters = "abfnrtv\\", k_meanings = "\a\b\f\n\r\t\v\\";
    const char letter = rest.front();
    rest.remove_prefix(1);
    if (const auto at = k_letters.find(letter); at != std::string_view::npos) {
        out += k_meanings[at];
        return true;
    }
    if (letter == quote) {
        out += quote;
        return true;
    }
    const bool octal = letter >= '0' && letter <= '7';
    const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : octal ? 2 : 0;
    if (digits == 0 || rest.size() < digits) return false;
    std::uint32_t number = 0;
    const std::string text = (octal ? std::string(1, letter) : "") + std::string(rest.substr(0, digits));
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, octal ? 8 : 16);
    if (problem != std::errc() || end != text.data() + text.size()) return false;
    rest.remove_prefix(digits);
    if (letter == 'x' || octal) {
        if (number > 255) return false;
        out += static_cast<char>(number);
        return true;
    }
    if (number > 0x10FFFF || (number >= 0xD800 && number < 0xE000)) return false;
    append_utf8(out, number);
    return true;
}

}  // namespace

std::string go_quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const std::size_t before = text.size();
        const std::uint32_t rune = take_rune(text);
        constexpr std::string_view k_special = "\a\b\f\n\r\t\v\\\"", k_letters = "abfnrtv\\\"";
        const auto at = rune < 0x80 ? k_special.find(static_cast<char>(rune)) : std::string_view::npos;
        if (rune == 0xFFFD && before - text.size() == 1) out += "\\x", append_hex(out, byte, 2);
        else if (at != std::string_view::npos) out += {'\\', k_letters[at]};
        else if (is_printable(rune)) append_utf8(out, rune);
        else if (rune < 0x80) out += "\\x", append_hex(out, rune, 2);
        else if (rune < 0x10000) out += "\\u", append_hex(out, rune, 4);
        else out += "\\U", append_hex(out, rune, 8);
    }
    return out + '"';
}

std::optional<std::string> go_unquote(std::string_view literal) {
    if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
    const char quote = literal.front();
    std::string_view rest = literal.substr(1, literal.size() - 2);
    std::string out;
    if (quote == '`') {
        std::ranges::copy_if(rest, std::back_inserter(out), [](char c) { return c != '\r'; });
        return out;
    }
    while (!rest.empty()) {
        if (rest.front() == quote || rest.front() == '\n') return std::nullopt;
        if (rest.front() != '\\') {
            out += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        rest.remove_prefix(1);
        if (rest.empty() || !append_escape(out, rest, quote)) return std::nullopt;
    }
    return out;
}

void append_utf8(std::string& out, std::uint32_t rune) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (rune >> shift & 0x3F)); };
    if (rune < 0x80) {
        out += static_cast<char>(rune);
    } else if (rune < 0x800) {
        out += static_cast<char>(0xC0 | rune >> 6), tail(0);
    } else if (rune < 0x10000) {
        out += static_cast<char>(0xE0 | rune >> 12), tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | rune >> 18), tail(12), tail(6), tail(0);
    }
}

std::uint32_t take_rune(std::string_view& text) {
    std::size_t at = 0;
    const std::uint32_t rune = doc::detail::take_rune(text, at);
    text.remove_prefix(at);
    return rune;
}

}  // namespace gitops::templates
