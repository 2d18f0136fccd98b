// Why a difference is shown, and how to have it ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/deliver/plan.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// The rule by which `change`, one of changes_of(step), counts: "Git sets it, and the live value differs".
std::string_view difference_rule(const Step& step, const FieldChange& change);

/// An entry for spec.ignoreDifferences that names the fields of `changes` on the object `key`: jsonPointers where names
/// lead there, jqPathExpressions where items of lists have to be told apart.
doc::Value ignore_entry(const kube::ResourceKey& key, const std::vector<FieldChange>& changes);

/// FieldsV1 steps as a jq path expression: `.spec.containers[] | select(.name == "web") | .image`.
std::string jq_expression(const std::vector<std::string>& steps);

}  // namespace gitops::deliver
