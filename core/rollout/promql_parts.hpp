// Just enough of PromQL's grammar to take a quotient apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gitops::rollout {

/// A factor of a query such as `100 * A / B`.
struct QueryPart {
    enum class Role { numerator, denominator };
    Role role = Role::numerator;
    std::string text;

    bool operator==(const QueryPart&) const = default;
};

/// The factors of a product or quotient, parentheses around them opened, plain numbers left out. Empty for a query that
/// is anything else: a sum, a comparison, a single expression, more than eight factors, or text with brackets that do
/// not match.
std::vector<QueryPart> parts_of(std::string_view query);

/// Without its comments (# to the end of the line), which outlive no joining of lines.
std::string without_comments(std::string_view query);

}  // namespace gitops::rollout
