// Walks two versions of an object side by side and reports where they differ.
#pragma once

#include <string>
#include <vector>

#include "core/deliver/known_types.hpp"
#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::deliver {

/// One place where two versions differ. The pointers look into the walked documents.
struct Difference {
    std::vector<std::string> steps;       ///< in FieldsV1 spelling
    std::string path;                     ///< "spec.template.spec.containers[name=web].image"; see kube::append_path()
    const doc::Value* desired = nullptr;  ///< nullptr: absent
    const doc::Value* live = nullptr;     ///< nullptr: absent
};

/// Differences between `predicted` and `live`, in the order of the live document. Null equals absent; so does an empty
/// map or list where the schema says the field is one; quantities are compared by amount. What `predicted` has beyond
/// `wanted` (what Git says) and live lacks is a default, and no difference. `typed` (may be null) names fields below which
/// an untyped document has types after all.
std::vector<Difference> differences(const doc::Value& predicted, const doc::Value& live, const doc::Value& wanted,
                                    const kube::Type& type, const TypedFields* typed = nullptr);

}  // namespace gitops::deliver
