// Words and signs of a jq expression; see jq_path.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::doc::detail {

enum class JqTokenKind : std::uint8_t { sign, field, word, number, text, end };

struct JqToken {
    JqTokenKind kind = JqTokenKind::end;
    std::string text;  ///< a sign as it stands; the name of a field without its dot; a text without quotes and escapes
    int column = 0;    ///< from 1
};

/// Ends with a token of kind `end`. Error(invalid) with the column of what is no token, and of what jq has and is not
/// supported here: variables, formats, text with expressions in it.
std::vector<JqToken> jq_tokens(std::string_view text);

}  // namespace gitops::doc::detail
