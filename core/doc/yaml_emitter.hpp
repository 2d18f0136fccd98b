// Writes YAML tokens as go-yaml v2's emitter (a port of libyaml's) does: where lines break, blanks go and text folds.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/yaml_text.hpp"

namespace gitops::doc::detail {

/// What may stand in front of an indicator and what it leaves behind.
struct Spacing {
    bool needs_blank = false;     ///< a blank goes before it, unless one is there
    bool counts_as_blank = false; ///< the next token needs no blank of its own
    bool keeps_indention = false; ///< only indentation stands on the line so far
};

class YamlEmitter {
  public:
    explicit YamlEmitter(std::string& out) : m_out(out) {}

    int indent() const { return m_indent; }
    void set_indent(int indent) { m_indent = indent; }
    /// True while only indentation stands on the line.
    bool indention() const { return m_indention; }

    /// Starts a new line at the current indentation, unless the line is already there.
    void write_indent();
    void write_indicator(char indicator, Spacing spacing);
    /// Text without blanks and breaks that needs no quotes.
    void write_word(std::string_view text);
    /// `folds` lets lines longer than 80 characters break at blanks.
    void write_text(std::string_view text, ScalarStyle style, bool folds);

  private:
    void put(char c);
    void put_break();
    void put_character(std::string_view text, std::size_t& at);
    /// Characters without line breaks.
    void put_run(std::string_view text);
    void put_line_break(std::string_view text, std::size_t& at);
    void put_escape(std::string_view text, std::size_t& at);
    bool beyond_width() const;
    void write_plain(std::string_view text, bool folds);
    void write_single_quoted(std::string_view text, bool folds);
    void write_double_quoted(std::string_view text, bool folds);
    void write_literal(std::string_view text);
    void write_block_hints(std::string_view text);

    std::string& m_out;
    int m_column = 0;
    int m_indent = -1;
    bool m_whitespace = true;
    bool m_indention = true;
};

}  // namespace gitops::doc::detail
