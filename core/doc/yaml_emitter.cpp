#include "core/doc/yaml_emitter.hpp"

#include <algorithm>
#include <array>

namespace gitops::doc::detail {

namespace {

/// A line breaks at the first blank that stands beyond this column.
constexpr int k_width = 80;

bool is_blank_at(std::string_view text, std::size_t at) { return at < text.size() && text[at] == ' '; }

struct Escape {
    char32_t character;
    char letter;
};
constexpr std::array<Escape, 15> k_escapes{{{0x00, '0'},
                                            {0x07, 'a'},
                                            {0x08, 'b'},
                                            {0x09, 't'},
                                            {0x0A, 'n'},
                                            {0x0B, 'v'},
                                            {0x0C, 'f'},
                                            {0x0D, 'r'},
                                            {0x1B, 'e'},
                                            {0x22, '"'},
                                            {0x5C, '\\'},
                                            {0x85, 'N'},
                                            {0xA0, '_'},
                                            {0x2028, 'L'},
                                            {0x2029, 'P'}}};

char32_t decode_at(std::string_view text, std::size_t at) {
    constexpr std::array<unsigned, 5> k_first_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
    const std::size_t width = utf8_width(text[at]);
    char32_t value = static_cast<unsigned char>(text[at]) & k_first_bits[width];
    for (std::size_t i = 1; i < width; ++i) value = (value << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    return value;
}

/// Where the next byte stands that may begin a line break, or that `also` names; the text's end when there is none.
std::size_t run_end(std::string_view text, std::size_t at, char also) {
    static constexpr auto k_may_break = [] {
        std::array<bool, 256> table{};
        table['\n'] = table['\r'] = table[0xC2] = table[0xE2] = true;
        return table;
    }();
    while (at < text.size() && text[at] != also && !k_may_break[static_cast<unsigned char>(text[at])]) ++at;
    return at;
}

}  // namespace

void YamlEmitter::put(char c) {
    m_out += c;
    ++m_column;
}

void YamlEmitter::put_break() {
    m_out += '\n';
    m_column = 0;
}

void YamlEmitter::put_character(std::string_view text, std::size_t& at) {
    const std::size_t width = utf8_width(text[at]);
    m_out.append(text, at, width);
    at += width;
    ++m_column;
}

void YamlEmitter::put_run(std::string_view text) {
    m_out.append(text);
    for (const char c : text) m_column += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
}

void YamlEmitter::put_line_break(std::string_view text, std::size_t& at) {
    if (text[at] == '\n') {
        put_break();
        ++at;
    } else {
        put_character(text, at);
        m_column = 0;
    }
}

bool YamlEmitter::beyond_width() const { return m_column > k_width; }

void YamlEmitter::write_indent() {
    const int indent = m_indent < 0 ? 0 : m_indent;
    if (!m_indention || m_column > indent || (m_column == indent && !m_whitespace)) put_break();
    if (m_column < indent) {
        m_out.append(static_cast<std::size_t>(indent - m_column), ' ');
        m_column = indent;
    }
    m_whitespace = true;
    m_indention = true;
}

void YamlEmitter::write_indicator(char indicator, Spacing spacing) {
    if (spacing.needs_blank && !m_whitespace) put(' ');
    put(indicator);
    m_whitespace = spacing.counts_as_blank;
    m_indention = m_indention && spacing.keeps_indention;
}

void YamlEmitter::write_word(std::string_view text) {
    if (!m_whitespace) put(' ');
    m_out.append(text);
    m_column += static_cast<int>(text.size());
    m_whitespace = false;
    m_indention = false;
}

void YamlEmitter::write_text(std::string_view text, ScalarStyle style, bool folds) {
    switch (style) {
        case ScalarStyle::plain: write_plain(text, folds); return;
        case ScalarStyle::single_quoted: write_single_quoted(text, folds); return;
        case ScalarStyle::double_quoted: write_double_quoted(text, folds); return;
        case ScalarStyle::literal: write_literal(text); return;
    }
}

void YamlEmitter::write_plain(std::string_view text, bool folds) {
    if (!m_whitespace) put(' ');
    bool after_blank = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != ' ') {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            put_run(text.substr(at, end - at));
            at = end;
            m_indention = false;
            after_blank = false;
            continue;
        }
        if (folds && !after_blank && beyond_width() && !is_blank_at(text, at + 1)) {
            write_indent();
            ++at;
        } else {
            put_character(text, at);
        }
        after_blank = true;
    }
    m_whitespace = false;
    m_indention = false;
}

void YamlEmitter::write_single_quoted(std::string_view text, bool folds) {
    write_indicator('\'', {.needs_blank = true});
    bool after_blank = false;
    bool after_break = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            const bool inside = at > 0 && at + 1 < text.size();
            if (folds && !after_blank && beyond_width() && inside && !is_blank_at(text, at + 1)) {
                write_indent();
                ++at;
            } else {
                put_character(text, at);
            }
            after_blank = true;
        } else if (is_break_at(text, at)) {
            if (!after_break && text[at] == '\n') put_break();
            put_line_break(text, at);
            m_indention = true;
            after_break = true;
        } else {
            if (after_break) write_indent();
            if (text[at] == '\'') put('\'');
            put_character(text, at);
            m_indention = false;
            after_blank = after_break = false;
        }
    }
    write_indicator('\'', {});
    m_whitespace = false;
    m_indention = false;
}

void YamlEmitter::put_escape(std::string_view text, std::size_t& at) {
    const char32_t character = decode_at(text, at);
    at += utf8_width(text[at]);
    put('\\');
    for (const Escape& escape : k_escapes) {
        if (escape.character != character) continue;
        put(escape.letter);
        return;
    }
    const int digits = character <= 0xFF ? 2 : character <= 0xFFFF ? 4 : 8;
    put(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
    for (int digit = digits - 1; digit >= 0; --digit)
        put("0123456789ABCDEF"[(character >> static_cast<unsigned>(4 * digit)) & 0xFU]);
}

void YamlEmitter::write_double_quoted(std::string_view text, bool folds) {
    // The emitter looks for a byte order mark at the start of the text only, yet takes it for one everywhere.
    const bool escapes_all = text.starts_with("\xEF\xBB\xBF");
    write_indicator('"', {.needs_blank = true});
    bool after_blank = false;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (escapes_all || !is_printable_at(text, at) || is_break_at(text, at) || c == '"' || c == '\\') {
            put_escape(text, at);
            after_blank = false;
        } else if (c == ' ') {
            if (folds && !after_blank && beyond_width() && at > 0 && at + 1 < text.size()) {
                write_indent();
                if (is_blank_at(text, at + 1)) put('\\');
                ++at;
            } else {
                put_character(text, at);
            }
            after_blank = true;
        } else {
            put_character(text, at);
            after_blank = false;
        }
    }
    write_indicator('"', {});
    m_whitespace = false;
    m_indention = false;
}

void YamlEmitter::write_block_hints(std::string_view text) {
    if (text[0] == ' ' || is_break_at(text, 0)) write_indicator('2', {});
    const auto previous = [&](std::size_t at) {
        do --at;
        while ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80);
        return at;
    };
    const std::size_t last = previous(text.size());
    if (!is_break_at(text, last)) write_indicator('-', {});
    else if (last == 0 || is_break_at(text, previous(last))) write_indicator('+', {});
}

void YamlEmitter::write_literal(std::string_view text) {
    write_indicator('|', {.needs_blank = true});
    write_block_hints(text);
    put_break();
    m_indention = true;
    m_whitespace = true;
    bool after_break = true;
    for (std::size_t at = 0; at < text.size();) {
        if (is_break_at(text, at)) {
            put_line_break(text, at);
            m_indention = true;
            after_break = true;
            continue;
        }
        if (after_break) write_indent();
        // The first byte may look like a break's and be none.
        const std::size_t end = run_end(text, at + 1, '\n');
        put_run(text.substr(at, end - at));
        at = end;
        m_indention = false;
        after_break = false;
    }
}

}  // namespace gitops::doc::detail
