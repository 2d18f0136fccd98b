// What the API server makes of what it is given: checked against its type, stored without what says nothing.
#pragma once

#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// `object` as it is stored: quantities in canonical form, without nulls and without the empty lists, empty maps and
/// zero values that Kubernetes does not write (Go's omitempty). Content without types stays as it is. The same handle
/// when nothing had to change.
doc::Value normal_form(const doc::Value& object, const Type& type);

/// `config` with quantities in canonical form and nothing left out: an empty value still overrides a live one.
/// Throws base::Error(invalid) for a field the type does not have, a value of the wrong kind, and two list elements
/// with the same keys.
doc::Value checked(const doc::Value& config, const Type& type);

/// A Secret with its stringData moved into data, base64 encoded.
doc::Value with_folded_string_data(doc::Value secret);

/// `config` without what no apply may set: status, and the metadata that the server alone writes. A Secret's stringData
/// is folded, so that the data it makes has an owner and can be pruned.
doc::Value appliable(const doc::Value& config);

/// Adds what the API server defaults, without changing the rest. The same handle when nothing was missing.
doc::Value add_defaults(const doc::Value& object);

}  // namespace gitops::kube
