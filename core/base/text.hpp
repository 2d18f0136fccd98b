// Small questions about text that the standard library leaves open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gitops::base {

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
/// "a,b,,c" at ',' -> {"a","b","","c"}; "" -> {""}.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// "1 resource", "3 resources"; `plural` only when it is not `noun` + "s".
std::string count_of(std::size_t count, std::string_view noun, std::string_view plural = {});
bool is_hex(std::string_view text);
/// True when `text` is well-formed UTF-8 (RFC 3629: no surrogates, nothing above U+10FFFF, shortest forms).
bool is_utf8(std::string_view text);

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, case-insensitive: the typing
/// mistakes behind "did you mean" (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The candidates near enough to `name` to be a typing mistake, nearest first, at most three.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace gitops::base
