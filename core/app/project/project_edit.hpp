// Changes of an AppProject document: entries that come and go. The rest of the document is kept.
#pragma once

#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::app {

/// Puts `entry` at the end of spec.`list`; false when an equal one is there.
bool add_entry(doc::Value& document, std::string_view list, const doc::Value& entry);
/// Takes every equal entry out of spec.`list`; false when there is none. The list stays, though empty: an empty
/// namespaceResourceWhitelist permits nothing, an absent one everything.
bool remove_entry(doc::Value& document, std::string_view list, const doc::Value& entry);

/// {server|name, namespace}: a URL or a pattern with '*' is a server, anything else the name of a cluster.
doc::Value destination_entry(std::string_view cluster, std::string_view ns);
/// The same for what is a cluster's name for certain.
doc::Value named_destination_entry(std::string_view name, std::string_view ns);
/// {group, kind[, name]}
doc::Value resource_entry(std::string_view group, std::string_view kind, std::string_view name);

}  // namespace gitops::app
