// How many columns of a terminal a text takes, and how to keep it from doing anything else to that terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gitops::cli {

/// Columns of UTF-8 text: combining marks count none, East Asian wide characters and emoji two, a broken byte one.
std::size_t columns_of_text(std::string_view text);

/// `text` on one line and without control characters: what comes out of Git or a cluster must not move the cursor.
/// Line breaks and tabs become blanks, other control characters '?'.
std::string one_line(std::string_view text);

/// At most `columns` columns of `text`, with "..." at the end when something was cut off.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace gitops::cli
