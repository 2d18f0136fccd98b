// The two Unicode properties that the order of YAML keys asks for.
#pragma once

#include <cstddef>
#include <string_view>

namespace gitops::doc::detail {

/// General category L.
bool is_letter_rune(char32_t rune);
/// General category Nd.
bool is_digit_rune(char32_t rune);

/// The character at byte `at`, which moves behind it; U+FFFD, one byte wide, for what is no UTF-8.
char32_t take_rune(std::string_view text, std::size_t& at);

}  // namespace gitops::doc::detail
