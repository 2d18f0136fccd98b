// An answer as data: the same value printed as JSON, YAML or names.
#pragma once

#include <optional>
#include <string>

#include "cli/globals.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

class Terminal;

/// The answer in `format` with its final line break; nullopt for text and wide, which each command writes itself.
/// `name` prints one line per item of `items` (or for the answer itself): its `name`, and kind/name for an object that
/// has a `kind`.
std::optional<std::string> value_text(const doc::Value& answer, Format format);

/// Prints it; false, with nothing printed, for text and wide: `if (print_value(...)) return 0;`
bool print_value(Terminal& terminal, const doc::Value& answer, Format format);

}  // namespace gitops::cli
