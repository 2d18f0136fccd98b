#pragma once

#include <string_view>

namespace gitops::base {

/// How '*' treats '/': in a path it stops there ("**" does not); in a plain name '/' is nothing special.
enum class GlobMode { path, name };

/// Shell pattern match: ?, *, [a-z], [!a], \x, {a,b} alternatives and, for paths, ** (also none or many folders).
/// Semantics of doublestar as Argo CD's directory include/exclude uses it. Time is bounded by |pattern| * |text|.
bool glob_match(std::string_view pattern, std::string_view text, GlobMode mode);

}  // namespace gitops::base
