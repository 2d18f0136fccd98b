// How a string may stand in YAML output: the analysis go-yaml v2's emitter (and libyaml's) makes of every scalar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gitops::doc::detail {

enum class ScalarStyle { plain, single_quoted, double_quoted, literal };

struct TextTraits {
    bool plain_allowed = true;
    bool single_allowed = true;
    bool literal_allowed = true;
    bool multiline = false;    ///< holds a line break of any kind: cannot be a simple key
    bool has_newline = false;  ///< holds '\n'
    bool simple = true;        ///< ASCII without blanks, breaks, quotes and control characters: may be copied as it is
};

TextTraits analyze_text(std::string_view text);

/// The style for a string; `quoted` asks for quotes because the plain text would be no string.
ScalarStyle choose_style(const TextTraits& traits, bool is_simple_key, bool quoted);

/// What the functions around this one come to for most texts, found at one look. A word or a line holds printable ASCII
/// only, is written plain and read as a string again; a word has no blanks.
enum class Look { word, line, unknown };
Look look_at(std::string_view text);

/// True when `text`, written plain, would be read as something else than a string by YAML 1.1.
bool needs_quotes(std::string_view text);

/// `text` as it survives the way through JSON that kustomize's output takes: U+0085 folds into blanks (then the result
/// is in `scratch`). Error(invalid) for bytes that are no UTF-8 and for raw control characters (U+007F to U+009F,
/// U+FFFE, U+FFFF).
std::string_view passable_text(std::string_view text, std::string& scratch);

/// Bytes of the UTF-8 sequence that starts with `first`.
inline std::size_t utf8_width(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// CR, LF, U+0085, U+2028 or U+2029 at `at`.
bool is_break_at(std::string_view text, std::size_t at);
/// What the emitter takes for printable: no tab, no BOM, nothing above U+FFFF.
bool is_printable_at(std::string_view text, std::size_t at);

}  // namespace gitops::doc::detail
