#include "core/doc/jq_tokens.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/doc/jq_syntax.hpp"

namespace gitops::doc::detail {

namespace {

/// Longer ones first, so that each is read whole.
constexpr std::array<std::string_view, 38> k_signs = {"?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=",
                                                      "//", "..", "|", ",", ".", "[", "]", "(", ")", "{", "}", ":", ";", "?", "<", ">",
                                                      "=", "+", "-", "*", "/", "%", "$", "@", "!"};

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

void append_utf8(std::string& out, char32_t rune) {
    if (rune < 0x80) {
        out += static_cast<char>(rune);
    } else if (rune < 0x800) {
        out += static_cast<char>(0xC0 | (rune >> 6));
        out += static_cast<char>(0x80 | (rune & 0x3F));
    } else if (rune < 0x10000) {
        out += static_cast<char>(0xE0 | (rune >> 12));
        out += static_cast<char>(0x80 | ((rune >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (rune & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (rune >> 18));
        out += static_cast<char>(0x80 | ((rune >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((rune >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (rune & 0x3F));
    }
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    std::vector<JqToken> run() {
        std::vector<JqToken> tokens;
        while (skip_blanks(), m_at < m_text.size()) tokens.push_back(next());
        tokens.push_back({JqTokenKind::end, "the end", column()});
        return tokens;
    }

  private:
    int column() const { return static_cast<int>(m_at) + 1; }

    void skip_blanks() {
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '#') m_at = std::min(m_text.find('\n', m_at), m_text.size());
            else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') ++m_at;
            else return;
        }
    }

    [[noreturn]] void fail(int column, std::string_view message) const { throw jq_error(m_text, column, message); }

    JqToken next() {
        const char c = m_text[m_at];
        const char after = m_at + 1 < m_text.size() ? m_text[m_at + 1] : '\0';
        if (c == '"') return quoted();
        if (is_digit(c) || (c == '.' && is_digit(after))) return number();
        if (c == '.' && is_name_start(after)) {
            const int start = column();
            ++m_at;
            return {JqTokenKind::field, take_name(), start};
        }
        if (is_name_start(c)) return word();
        return sign();
    }

    std::string take_name() {
        const auto from = m_at;
        while (m_at < m_text.size() && is_name(m_text[m_at])) ++m_at;
        return std::string(m_text.substr(from, m_at - from));
    }

    JqToken word() {
        const int start = column();
        auto name = take_name();
        if (m_text.substr(m_at).starts_with("::")) fail(start, "modules are not supported");
        return {JqTokenKind::word, std::move(name), start};
    }

    JqToken number() {
        const int start = column();
        const auto from = m_at;
        while (m_at < m_text.size() && (is_digit(m_text[m_at]) || m_text[m_at] == '.')) ++m_at;
        if (m_at < m_text.size() && (m_text[m_at] == 'e' || m_text[m_at] == 'E')) {
            ++m_at;
            if (m_at < m_text.size() && (m_text[m_at] == '+' || m_text[m_at] == '-')) ++m_at;
            while (m_at < m_text.size() && is_digit(m_text[m_at])) ++m_at;
        }
        auto spelled = std::string(m_text.substr(from, m_at - from));
        double number = 0;
        const auto [end, code] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), number);
        if (code != std::errc() || end != spelled.data() + spelled.size()) fail(start, "\"" + spelled + "\" is no number");
        return {JqTokenKind::number, std::move(spelled), start};
    }

    JqToken sign() {
        const int start = column();
        for (const auto sign : k_signs) {
            if (!m_text.substr(m_at).starts_with(sign)) continue;
            if (sign == "$") fail(start, "variables are not supported");
            if (sign == "@") fail(start, "formats such as @base64 are not supported");
            if (sign == "?//") fail(start, "?// is not supported");
            if (sign.size() > 1 && sign.back() == '=' && sign != "==" && sign != "!=" && sign != "<=" && sign != ">=")
                fail(start, "assignments are not supported: the expression names places, and changes nothing");
            if (sign == "=") fail(start, "a comparison is written ==");
            m_at += sign.size();
            return {JqTokenKind::sign, std::string(sign), start};
        }
        fail(start, "unexpected character");
    }

    JqToken quoted() {
        JqToken token{JqTokenKind::text, {}, column()};
        ++m_at;
        while (true) {
            if (m_at >= m_text.size()) fail(token.column, "this text has no closing quote");
            const char c = m_text[m_at++];
            if (c == '"') return token;
            if (c != '\\') token.text += c;
            else escape(token.text);
        }
    }

    void escape(std::string& out) {
        const int start = column() - 1;
        const char c = m_at < m_text.size() ? m_text[m_at++] : '\0';
        switch (c) {
            case '"':
            case '\\':
            case '/': out += c; return;
            case 'b': out += '\b'; return;
            case 'f': out += '\f'; return;
            case 'n': out += '\n'; return;
            case 'r': out += '\r'; return;
            case 't': out += '\t'; return;
            case 'u': return append_utf8(out, rune(start));
            case '(': fail(start, "expressions inside a text, \\(...), are not supported");
            default: fail(start, "unknown escape in a text");
        }
    }

    std::optional<char32_t> hex4() {
        unsigned value = 0;
        const auto part = m_text.substr(std::min(m_at, m_text.size()), 4);
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
        if (part.size() != 4 || code != std::errc() || end != part.data() + 4) return std::nullopt;
        m_at += 4;
        return static_cast<char32_t>(value);
    }

    char32_t rune(int start) {
        const auto first = hex4();
        if (!first) fail(start, "\\u wants four hexadecimal digits");
        if (*first < 0xD800 || *first > 0xDFFF) return *first;
        if (*first < 0xDC00 && m_text.substr(m_at).starts_with("\\u")) {
            m_at += 2;
            if (const auto second = hex4(); second && *second >= 0xDC00 && *second <= 0xDFFF)
                return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
        }
        return 0xFFFD;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace

std::vector<JqToken> jq_tokens(std::string_view text) { return Lexer(text).run(); }

}  // namespace gitops::doc::detail
