#include "core/doc/yaml_text.hpp"

#include <array>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/scalar.hpp"

namespace gitops::doc::detail {

namespace {

/// What the analysis must know about a byte. `ordinary` bytes never matter, wherever they stand.
enum class ByteClass : unsigned char { ordinary, blank, colon, hash, quote, other };

constexpr auto k_classes = [] {
    std::array<ByteClass, 256> table{};
    table.fill(ByteClass::other);
    for (int c = 0x21; c <= 0x7E; ++c) table[static_cast<std::size_t>(c)] = ByteClass::ordinary;
    table[' '] = ByteClass::blank;
    table[':'] = ByteClass::colon;
    table['#'] = ByteClass::hash;
    table['\''] = table['"'] = table['\\'] = ByteClass::quote;
    return table;
}();

constexpr unsigned bit_of(ByteClass kind) { return 1U << static_cast<unsigned>(kind); }

constexpr auto k_class_bits = [] {
    std::array<unsigned char, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) table[c] = static_cast<unsigned char>(bit_of(k_classes[c]));
    return table;
}();

ByteClass class_of(char c) { return k_classes[static_cast<unsigned char>(c)]; }

unsigned char byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_blank(unsigned char byte) { return byte == ' ' || byte == '\t'; }

/// Characters that cannot start a plain scalar in block context.
bool is_indicator_first(std::string_view text) {
    constexpr std::string_view k_always = "#,[]{}&*!|>'\"%@`";
    constexpr std::string_view k_before_blank = "?:-";
    if (k_always.find(text[0]) != std::string_view::npos) return true;
    if (k_before_blank.find(text[0]) != std::string_view::npos && (text.size() == 1 || is_blank(byte_at(text, 1))))
        return true;
    return text.starts_with("---") || text.starts_with("...");
}

/// Facts gathered while walking over a text.
struct Walk {
    bool indicators = false;
    bool special = false;
    bool breaks = false;
    bool break_space = false;  ///< a blank behind a line break
    bool space_break = false;  ///< a line break behind a blank
    bool simple = true;
    bool newline = false;
};

Walk walk_over(std::string_view text) {
    Walk walk;
    bool previous_space = false;
    bool previous_break = false;
    bool after_blank = true;
    for (std::size_t at = 0; at < text.size(); at += utf8_width(text[at])) {
        const char c = text[at];
        const ByteClass kind = class_of(c);
        if (kind == ByteClass::ordinary) {
            previous_space = previous_break = after_blank = false;
            continue;
        }
        if (kind == ByteClass::colon && at > 0) {
            if (at + 1 >= text.size() || is_blank(byte_at(text, at + 1))) walk.indicators = true;
        } else if (kind == ByteClass::hash && at > 0) {
            if (after_blank) walk.indicators = true;
        }
        const bool is_space = kind == ByteClass::blank;
        const bool is_break = kind == ByteClass::other && is_break_at(text, at);
        if (kind != ByteClass::colon && kind != ByteClass::hash) walk.simple = false;
        if (kind == ByteClass::other && !is_printable_at(text, at)) walk.special = true;
        if (is_space && previous_break) walk.break_space = true;
        if (is_break) {
            walk.breaks = true;
            walk.newline |= c == '\n';
            if (previous_space) walk.space_break = true;
        }
        previous_space = is_space;
        previous_break = is_break;
        after_blank = is_space || is_break || c == '\t' || c == '\0';
    }
    return walk;
}

bool ends_with_break(std::string_view text) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80) --last;
    return is_break_at(text, last);
}

/// digits with underscores, then groups of ":" and two digits below 60, then an optional fraction.
bool is_base_60(std::string_view text) {
    std::size_t at = 0;
    const auto is_digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!is_digit()) return false;
    while (is_digit() || (at < text.size() && text[at] == '_')) ++at;
    std::size_t groups = 0;
    for (; at < text.size() && text[at] == ':'; ++groups) {
        ++at;
        if (!is_digit()) return false;
        const bool small = text[at] <= '5';
        ++at;
        if (small && is_digit()) ++at;
    }
    if (groups == 0) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        while (is_digit() || (at < text.size() && text[at] == '_')) ++at;
    }
    return at == text.size();
}

bool is_next_line(std::string_view text, std::size_t at) {
    return byte_at(text, at) == 0xC2 && byte_at(text, at + 1) == 0x85;
}

/// Line folding of a double-quoted scalar: blanks around a break go, one break becomes a blank, n become n-1 newlines.
void fold_next_lines(std::string_view text, std::string& out) {
    out.clear();
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        std::size_t breaks = 0;
        while (end < text.size() && (text[end] == ' ' || is_next_line(text, end))) {
            if (text[end] == ' ') {
                ++end;
            } else {
                ++breaks;
                end += 2;
            }
        }
        if (breaks == 0) out.append(text.substr(at, end - at));
        else if (breaks == 1) out += ' ';
        else out.append(breaks - 1, '\n');
        at = end;
        if (at < text.size()) out += text[at++];
    }
}

}  // namespace

bool is_break_at(std::string_view text, std::size_t at) {
    switch (byte_at(text, at)) {
        case '\r':
        case '\n': return true;
        case 0xC2: return byte_at(text, at + 1) == 0x85;
        case 0xE2: return byte_at(text, at + 1) == 0x80 && (byte_at(text, at + 2) == 0xA8 || byte_at(text, at + 2) == 0xA9);
        default: return false;
    }
}

bool is_printable_at(std::string_view text, std::size_t at) {
    const unsigned char first = byte_at(text, at);
    if (first < 0x80) return first == '\n' || (first >= 0x20 && first <= 0x7E);
    const unsigned char second = byte_at(text, at + 1);
    const unsigned char third = byte_at(text, at + 2);
    if (first == 0xC2) return second >= 0xA0;
    if (first == 0xED) return second < 0xA0;
    if (first == 0xEF) return !(second == 0xBB && third == 0xBF) && !(second == 0xBF && (third == 0xBE || third == 0xBF));
    return first > 0xC2 && first <= 0xEE;
}

TextTraits analyze_text(std::string_view text) {
    TextTraits traits;
    if (text.empty()) {
        traits.literal_allowed = false;
        return traits;
    }
    const Walk walk = walk_over(text);
    const bool edge_space = text.front() == ' ' || text.back() == ' ';
    const bool edge_break = walk.breaks && (is_break_at(text, 0) || ends_with_break(text));
    traits.multiline = walk.breaks;
    traits.has_newline = walk.newline;
    traits.simple = walk.simple;
    traits.single_allowed = !walk.break_space && !walk.space_break && !walk.special;
    traits.literal_allowed = text.back() != ' ' && !walk.space_break && !walk.special;
    traits.plain_allowed = traits.single_allowed && !edge_space && !edge_break && !walk.breaks && !walk.indicators &&
                           !is_indicator_first(text);
    return traits;
}

Look look_at(std::string_view text) {
    if (text.empty() || text.front() == ':' || text == "<<" || is_indicator_first(text)) return Look::unknown;
    unsigned kinds = 0;
    for (const char c : text) kinds |= k_class_bits[static_cast<unsigned char>(c)];
    if ((kinds & bit_of(ByteClass::other)) != 0 || text.front() == ' ' || text.back() == ' ') return Look::unknown;
    if ((kinds & bit_of(ByteClass::colon)) != 0 && (text.back() == ':' || text.find(": ") != text.npos)) return Look::unknown;
    if ((kinds & bit_of(ByteClass::hash)) != 0 && text.find(" #") != text.npos) return Look::unknown;
    if (needs_quotes(text)) return Look::unknown;
    return (kinds & bit_of(ByteClass::blank)) != 0 ? Look::line : Look::word;
}

ScalarStyle choose_style(const TextTraits& traits, bool is_simple_key, bool quoted) {
    if (traits.has_newline)
        return traits.literal_allowed && !is_simple_key ? ScalarStyle::literal : ScalarStyle::double_quoted;
    if (quoted || (is_simple_key && traits.multiline)) return ScalarStyle::double_quoted;
    if (traits.plain_allowed) return ScalarStyle::plain;
    return traits.single_allowed ? ScalarStyle::single_quoted : ScalarStyle::double_quoted;
}

bool needs_quotes(std::string_view text) {
    return scalar_meaning(text, YamlDialect::v1_1) != ScalarMeaning::string || is_base_60(text);
}

std::string_view passable_text(std::string_view text, std::string& scratch) {
    bool has_high = false;
    for (const char c : text) has_high |= static_cast<unsigned char>(c) >= 0x7F;
    if (!has_high) return text;
    using base::Code;
    using base::Error;
    if (!base::is_utf8(text)) throw Error(Code::invalid, "a text that is not UTF-8 cannot be written as YAML");
    bool has_next_line = false;
    for (std::size_t at = 0; at < text.size(); at += utf8_width(text[at])) {
        if (static_cast<unsigned char>(text[at]) < 0x7F || is_printable_at(text, at)) continue;
        const auto first = byte_at(text, at);
        if (is_next_line(text, at)) has_next_line = true;
        else if (first == 0x7F || first == 0xC2 || (first == 0xEF && byte_at(text, at + 1) == 0xBF))
            throw Error(Code::invalid, "control characters are not allowed in YAML");
    }
    if (!has_next_line) return text;
    fold_next_lines(text, scratch);
    return scratch;
}

}  // namespace gitops::doc::detail
