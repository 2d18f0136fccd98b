// Patches that need no schema: RFC 6902 (JSON patch) and RFC 7386 (merge patch).
#pragma once

#include "core/doc/value.hpp"

namespace gitops::doc {

/// Applies the operations in order; nothing changes unless all succeed. Negative list indexes count from the end, as
/// in evanphx/json-patch which kubectl and kustomize use. Error(invalid) for a malformed operation, a missing path or
/// a failed test, with the operation's number and text.
Value json_patch(const Value& target, const Value& operations);

Value merge_patch(const Value& target, const Value& patch);
/// The smallest merge patch that turns `from` into `to` (lists are replaced whole).
Value merge_patch_between(const Value& from, const Value& to);

}  // namespace gitops::doc
