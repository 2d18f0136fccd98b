// Merging, comparing and pruning documents by their types: the parts of structured-merge-diff that apply.cpp is made
// of. Equal subtrees that share their node are never walked.
#pragma once

#include "core/doc/value.hpp"
#include "core/kube/fields.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// How a value is walked: as one leaf, item by item, or field by field.
enum class Form : std::uint8_t { leaf, list, map };

/// The form of `value` (may be null) under `type`. Untyped content takes the form of the value.
Form form_of(const Type& type, const doc::Value* value);

/// `live` with everything `applied` says. Shared list elements stand in the order of `applied`, the others where they
/// stood between them. Error(invalid) for two elements of `applied` with the same keys.
doc::Value merge_applied(const doc::Value& live, const doc::Value& applied, const Type& type);

struct Comparison {
    FieldSet added;
    FieldSet modified;
    FieldSet removed;
    bool same() const { return added.empty() && modified.empty() && removed.empty(); }
};

/// Which fields make `after` differ from `before`. The order of list elements and of keys does not count.
Comparison compare(const doc::Value& before, const doc::Value& after, const Type& type);

/// The fields of a value with the server's own ones: fields_of() before it leaves those out.
FieldSet all_fields_of(const doc::Value& value, const Type& type);

/// `set` without what nobody owns: apiVersion, kind, the server's metadata.
FieldSet without_server_fields(const FieldSet& set);

/// `set` with each declared field that has something below it as a member.
FieldSet with_named_members(const FieldSet& set, const Type& type);

}  // namespace gitops::kube
