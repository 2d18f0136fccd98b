// Objects of a cluster as kubectl prints them: a table with the columns of their kind.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/table.hpp"
#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

enum class Width { normal, wide };
enum class NamespaceColumn { no, yes };

/// `objects` are of one kind.
Table kube_table(std::span<const doc::Value> objects, Width width, NamespaceColumn column, base::Time now);

/// "12s", "3m5s", "2h", "4d": as kubectl shows ages; "<unknown>" for an empty or malformed time.
std::string age_of(std::string_view rfc3339, base::Time now);
/// The same for a span; negative ones count as zero.
std::string short_span(base::Duration span);

}  // namespace gitops::cli
