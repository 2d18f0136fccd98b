// Vars: $(NAME) in the fields of the varReference table.
#pragma once

#include <string>
#include <vector>

#include "core/render/accumulator.hpp"

namespace gitops::render {

/// Puts the values in; returns the names that nothing used. Error(invalid) for a var without an object or field.
std::vector<std::string> resolve_vars(Accumulator& accumulator);

}  // namespace gitops::render
