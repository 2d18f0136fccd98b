// The text of an error, put together once: here.
#pragma once

#include <string>

#include "cli/output/table.hpp"
#include "core/base/error.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// "error: message", then indented where, while doing what, "did you mean" and the next step; ends with a line break.
std::string error_text(const base::Error& error, Paint paint = Paint::no);
/// {code, message, place: {file, line, column}|null, notes: [], suggestions: [], hint: text|null}
doc::Value error_value(const base::Error& error);
/// error_text() on stderr, in color when it takes color.
void print_error(const base::Error& error) noexcept;

}  // namespace gitops::cli
