#pragma once

#include <vector>

#include "cli/output/kube_table.hpp"
#include "cli/print.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// Event objects of a cluster, oldest first: LAST SEEN, TYPE, REASON, OBJECT, MESSAGE.
/// {items: [{lastSeen, namespace, type, reason, object, message, count}]}
Listing event_listing(std::vector<doc::Value> events, NamespaceColumn column, base::Time now);

}  // namespace gitops::cli
