// Go's fmt verbs over Datum: what `print`, `printf` and the output of an action write.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/templates/go_datum.hpp"

namespace gitops::templates {

/// As "%v": `map[a:1 b:[x y]]`, `<nil>`, 1e+06. Error(invalid) above the limits: 1,000 levels, 64 MiB.
std::string go_text(const Datum& datum);
void go_text(const Datum& datum, std::string& out);
/// fmt.Sprintf with flags, width, precision, '*', argument indexes and Go's complaints ("%!d(string=x)").
std::string go_sprintf(std::string_view format, std::span<const Datum> arguments);
/// fmt.Sprint: a blank between two operands of which none is text.
std::string go_sprint(std::span<const Datum> arguments);
/// fmt.Sprintln: blanks between all, a newline at the end.
std::string go_sprintln(std::span<const Datum> arguments);
/// strconv.Quote.
std::string go_quote(std::string_view text);
/// The text of a Go string, raw string or character literal; nullopt when it is none.
std::optional<std::string> go_unquote(std::string_view literal);
void append_utf8(std::string& out, std::uint32_t rune);
/// The rune at the front of `text`, taken off it; U+FFFD for a byte that is no UTF-8.
std::uint32_t take_rune(std::string_view& text);

}  // namespace gitops::templates
