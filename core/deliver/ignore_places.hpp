// What ignoreDifferences makes of two versions of an object.
#pragma once

#include <string>
#include <vector>

#include "core/deliver/ignore_rule.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

struct Ignoring {
    doc::Value live, predicted;         ///< without what the rules name
    std::vector<std::string> troubles;  ///< expressions that could not name anything, in sentences
};

/// `live` and `predicted` without the places that `rules` name in each; fields of managers count as `owned` says, the
/// live object with its managedFields, and only where both sides have them. An expression that does not fit the object
/// ("cannot iterate over null") names nothing, as in Argo CD.
Ignoring without_ignored(const doc::Value& live, const doc::Value& predicted, const doc::Value& owned, const IgnoreRules& rules);

/// `desired` as RespectIgnoreDifferences=true applies it: what the rules name has the live value, or is left out where
/// the live object lacks it. Items of lists are matched by the schema's keys, else by position. Never touches status, nor
/// what tells the object from others.
doc::Value with_live_values(const doc::Value& desired, const doc::Value& live, const IgnoreRules& rules);

}  // namespace gitops::deliver
