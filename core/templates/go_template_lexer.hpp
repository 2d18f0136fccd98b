// Cuts the text of a Go template into tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gitops::templates::detail {

enum class TokenType : std::uint8_t {
    error, boolean, character, character_constant, comment, assign, declare, end_of_text, field, identifier, left_delimiter,
    left_paren, number, pipe, raw_string, right_delimiter, right_paren, space, string, text, variable,
    // Keywords from here on.
    word_block, word_break, word_continue, dot, word_define, word_else, word_end, word_if, nil, word_range, word_template,
    word_with
};

struct Token {
    TokenType type = TokenType::end_of_text;
    std::uint32_t position = 0;
    std::uint32_t line = 1;
    std::string_view text{};   ///< into the template
    std::string problem{};     ///< of an error

    bool is_keyword() const { return type >= TokenType::word_block; }
    /// As Go names it in errors: `"abc"`, `<end>`, `EOF`.
    std::string told() const;
};

class GoLexer {
  public:
    explicit GoLexer(std::string_view text) : m_text(text) {}
    /// After the end of the text, or an error, the same again.
    Token next();

  private:
    enum class Place { text, left_delimiter, action };
    Token lex_text();
    Token lex_left_delimiter();
    Token lex_action();
    Token lex_space();
    Token lex_right_delimiter();
    Token lex_quote(char quote, TokenType type, std::string_view complaint);
    Token lex_number();
    Token lex_word();
    Token lex_name(TokenType type);
    bool scan_number();
    void accept_run(std::string_view set);
    bool accept(std::string_view set);
    /// Skips the comment at the position; false when it is broken.
    bool skip_comment(Token& problem);
    bool at_right_delimiter(bool& trims) const;
    bool at_terminator() const;
    std::string_view rest() const { return m_text.substr(m_at); }
    void absorb_letters();
    Token emit(TokenType type);
    Token fail(std::string problem);

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_start = 0;
    std::uint32_t m_line = 1;
    std::size_t m_counted = 0;  ///< lines are counted up to here
    int m_parens = 0;
    Place m_place = Place::text;
};

}  // namespace gitops::templates::detail
