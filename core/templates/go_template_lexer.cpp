#include "core/templates/go_template_lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/doc/unicode.hpp"
#include "core/templates/go_print.hpp"

namespace gitops::templates::detail {

namespace {

constexpr std::string_view k_blanks = " \t\r\n";
constexpr std::string_view k_left = "{{", k_right = "}}";

bool is_blank(char c) { return k_blanks.find(c) != std::string_view::npos; }

bool trims_left(std::string_view text) { return text.size() >= 2 && text[0] == '-' && is_blank(text[1]); }
bool trims_right(std::string_view text) { return text.size() >= 2 && is_blank(text[0]) && text[1] == '-'; }

bool is_word_rune(char32_t rune) { return rune == '_' || doc::detail::is_letter_rune(rune) || doc::detail::is_digit_rune(rune); }

/// The character at the front of `text` in Go's "%#U": U+0040 '@'.
std::string rune_name(std::string_view text) {
    if (text.empty()) return "U+FFFFFFFFFFFFFFFF";
    std::string_view rest = text;
    const std::uint32_t rune = take_rune(rest);
    const std::string shown(text.substr(0, text.size() - rest.size()));
    return rune < 0x20 || rune == 0x7F ? fmt::format("U+{:04X}", rune) : fmt::format("U+{:04X} '{}'", rune, shown);
}

struct Keyword {
    std::string_view name;
    TokenType type;
};
constexpr std::array<Keyword, 12> k_keywords{{{"block", TokenType::word_block},
                                              {"break", TokenType::word_break},
                                              {"continue", TokenType::word_continue},
                                              {"define", TokenType::word_define},
                                              {"else", TokenType::word_else},
                                              {"end", TokenType::word_end},
                                              {"if", TokenType::word_if},
                                              {"nil", TokenType::nil},
                                              {"range", TokenType::word_range},
                                              {"template", TokenType::word_template},
                                              {"with", TokenType::word_with},
                                              {".", TokenType::dot}}};

}  // namespace

std::string Token::told() const {
    if (type == TokenType::end_of_text) return "EOF";
    if (type == TokenType::error) return problem;
    if (is_keyword()) return "<" + std::string(text) + ">";
    std::string_view rest = text;
    for (int i = 0; i < 10 && !rest.empty(); ++i) take_rune(rest);
    if (!rest.empty()) return go_quote(text.substr(0, text.size() - rest.size())) + "...";
    return go_quote(text);
}

Token GoLexer::next() {
    while (true) {
        switch (m_place) {
            case Place::text: {
                if (Token token = lex_text(); m_place == Place::text || !token.text.empty()) return token;
                break;
            }
            case Place::left_delimiter: {
                if (Token token = lex_left_delimiter(); token.type != TokenType::comment) return token;
                break;
            }
            case Place::action: return lex_action();
        }
    }
}

Token GoLexer::emit(TokenType type) {
    // Lines are counted where they are: a token is on the line on which it starts.
    for (; m_counted < m_start; ++m_counted) m_line += m_text[m_counted] == '\n' ? 1 : 0;
    Token token{type, static_cast<std::uint32_t>(m_start), m_line, m_text.substr(m_start, m_at - m_start), {}};
    m_start = m_at;
    return token;
}

Token GoLexer::fail(std::string problem) {
    Token token = emit(TokenType::error);
    token.problem = std::move(problem);
    m_text = m_text.substr(0, m_start);
    m_at = m_start = m_text.size();
    m_place = Place::text;
    return token;
}

Token GoLexer::lex_text() {
    const std::size_t found = m_text.find(k_left, m_at);
    if (found == std::string_view::npos) {
        m_at = m_text.size();
        return emit(m_at > m_start ? TokenType::text : TokenType::end_of_text);
    }
    m_at = found;
    if (trims_left(m_text.substr(found + k_left.size())))
        while (m_at > m_start && is_blank(m_text[m_at - 1])) --m_at;
    Token token = emit(TokenType::text);
    m_at = m_start = found;
    m_place = Place::left_delimiter;
    return token;
}

Token GoLexer::lex_left_delimiter() {
    m_at += k_left.size();
    const std::size_t marker = trims_left(rest()) ? 2 : 0;
    if (m_text.substr(m_at + marker).starts_with("/*")) {
        Token token{TokenType::comment, 0, m_line, {}, {}};
        m_at += marker;
        return skip_comment(token) ? Token{TokenType::comment, 0, m_line, {}, {}} : token;
    }
    Token token = emit(TokenType::left_delimiter);
    m_at += marker;
    m_start = m_at;
    m_place = Place::action;
    m_parens = 0;
    return token;
}

bool GoLexer::skip_comment(Token& problem) {
    m_start = m_at;
    const std::size_t close = m_text.find("*/", m_at + 2);
    if (close == std::string_view::npos) {
        problem = fail("unclosed comment");
        return false;
    }
    m_at = close + 2;
    bool trims = false;
    if (!at_right_delimiter(trims)) {
        problem = fail("comment ends before closing delimiter");
        return false;
    }
    m_at += (trims ? 2 : 0) + k_right.size();
    if (trims)
        while (m_at < m_text.size() && is_blank(m_text[m_at])) ++m_at;
    m_start = m_at;
    m_place = Place::text;
    return true;
}

bool GoLexer::at_right_delimiter(bool& trims) const {
    trims = trims_right(rest()) && rest().substr(2).starts_with(k_right);
    return trims || rest().starts_with(k_right);
}

Token GoLexer::lex_right_delimiter() {
    bool trims = false;
    at_right_delimiter(trims);
    if (trims) m_at += 2, m_start = m_at;
    m_at += k_right.size();
    Token token = emit(TokenType::right_delimiter);
    if (trims)
        while (m_at < m_text.size() && is_blank(m_text[m_at])) ++m_at;
    m_start = m_at;
    m_place = Place::text;
    return token;
}

Token GoLexer::lex_action() {
    bool trims = false;
    if (at_right_delimiter(trims)) return m_parens == 0 ? lex_right_delimiter() : fail("unclosed left paren");
    if (m_at >= m_text.size()) return fail("unclosed action");
    const char c = m_text[m_at];
    if (is_blank(c)) return lex_space();
    if ((c >= '0' && c <= '9') || c == '+' || c == '-') return lex_number();
    if (c == '.') {
        const bool digit = m_at + 1 < m_text.size() && m_text[m_at + 1] >= '0' && m_text[m_at + 1] <= '9';
        return digit ? lex_number() : lex_name(TokenType::field);
    }
    std::size_t behind = m_at;
    if (is_word_rune(doc::detail::take_rune(m_text, behind))) return lex_word();
    ++m_at;
    switch (c) {
        case '=': return emit(TokenType::assign);
        case ':':
            if (!rest().starts_with('=')) return fail("expected :=");
            ++m_at;
            return emit(TokenType::declare);
        case '|': return emit(TokenType::pipe);
        case '"': return lex_quote('"', TokenType::string, "unterminated quoted string");
        case '`': return lex_quote('`', TokenType::raw_string, "unterminated raw quoted string");
        case '\'': return lex_quote('\'', TokenType::character_constant, "unterminated character constant");
        case '$':
            --m_at;
            return lex_name(TokenType::variable);
        case '(': ++m_parens; return emit(TokenType::left_paren);
        case ')':
            if (--m_parens < 0) return fail("unexpected right paren");
            return emit(TokenType::right_paren);
        default: break;
    }
    if (c > 0x20 && c < 0x7F) return emit(TokenType::character);
    return fail("unrecognized character in action: " + rune_name(m_text.substr(m_at - 1)));
}

Token GoLexer::lex_space() {
    const std::size_t first = m_at;
    while (m_at < m_text.size() && is_blank(m_text[m_at])) ++m_at;
    if (trims_right(m_text.substr(m_at - 1)) && m_text.substr(m_at + 1).starts_with(k_right)) {
        --m_at;  // the last blank belongs to the trim marker
        if (m_at == first) return lex_right_delimiter();
    }
    return emit(TokenType::space);
}

Token GoLexer::lex_quote(char quote, TokenType type, std::string_view complaint) {
    for (; m_at < m_text.size(); ++m_at) {
        const char c = m_text[m_at];
        if (c == quote) {
            ++m_at;
            return emit(type);
        }
        if (quote == '`') continue;
        if (c == '\n') break;
        if (c == '\\' && (++m_at >= m_text.size() || m_text[m_at] == '\n')) break;
    }
    return fail(std::string(complaint));
}

bool GoLexer::accept(std::string_view set) {
    if (m_at >= m_text.size() || set.find(m_text[m_at]) == std::string_view::npos) return false;
    ++m_at;
    return true;
}

void GoLexer::accept_run(std::string_view set) {
    while (accept(set)) {}
}

bool GoLexer::scan_number() {
    accept("+-");
    std::string_view digits = "0123456789_";
    bool hex = false, decimal = true;
    if (accept("0")) {
        if (accept("xX")) digits = "0123456789abcdefABCDEF_", hex = true, decimal = false;
        else if (accept("oO")) digits = "01234567_", decimal = false;
        else if (accept("bB")) digits = "01_", decimal = false;
    }
    accept_run(digits);
    if (accept(".")) accept_run(digits);
    if ((decimal && accept("eE")) || (hex && accept("pP"))) {
        accept("+-");
        accept_run("0123456789_");
    }
    accept("i");
    std::size_t behind = m_at;
    if (m_at >= m_text.size() || !is_word_rune(doc::detail::take_rune(m_text, behind))) return true;
    m_at = behind;
    return false;
}

Token GoLexer::lex_number() {
    if (!scan_number()) return fail("bad number syntax: " + go_quote(m_text.substr(m_start, m_at - m_start)));
    return emit(TokenType::number);
}

void GoLexer::absorb_letters() {
    while (m_at < m_text.size()) {
        std::size_t behind = m_at;
        if (!is_word_rune(doc::detail::take_rune(m_text, behind))) return;
        m_at = behind;
    }
}

bool GoLexer::at_terminator() const {
    if (m_at >= m_text.size() || is_blank(m_text[m_at])) return true;
    constexpr std::string_view k_terminators = ".,|:)(";
    return k_terminators.find(m_text[m_at]) != std::string_view::npos || rest().starts_with(k_right);
}

Token GoLexer::lex_word() {
    absorb_letters();
    const std::string_view word = m_text.substr(m_start, m_at - m_start);
    if (!at_terminator()) return fail("bad character " + rune_name(rest()));
    const auto keyword = std::ranges::find(k_keywords, word, &Keyword::name);
    if (keyword != k_keywords.end()) return emit(keyword->type);
    return emit(word == "true" || word == "false" ? TokenType::boolean : TokenType::identifier);
}

Token GoLexer::lex_name(TokenType type) {
    ++m_at;
    if (at_terminator()) return emit(type == TokenType::variable ? type : TokenType::dot);
    absorb_letters();
    if (!at_terminator()) return fail("bad character " + rune_name(rest()));
    return emit(type);
}

}  // namespace gitops::templates::detail
