// The quick way through JSON that is well-formed and within the limits.
#pragma once

#include <optional>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::doc::detail {

/// What read_json() gives for `text`; nullopt for anything wrong with it, which the thorough reader then names.
std::optional<Value> read_json_quick(std::string_view text);

}  // namespace gitops::doc::detail
