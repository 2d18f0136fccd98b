// The difference between a live object and what Git wants, as a unified diff.
#pragma once

#include <string>

#include "cli/output/table.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// What a step would change, in YAML lines; "" when nothing. Values of Secrets are masked.
std::string step_diff(const deliver::Step& step);
/// Added lines green, removed ones red, headers dim.
std::string painted_diff(std::string_view diff, Paint paint);

}  // namespace gitops::cli
