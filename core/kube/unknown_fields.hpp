// Fields that an object's type does not have.
#pragma once

#include <string>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// `object` without the fields that `type` does not have, as an API server stores what it does not validate; of untyped
/// content only metadata has a type. Appends the path of each (".spec.foo") to `dropped`. The same handle when there is none.
doc::Value without_unknown_fields(const doc::Value& object, const Type& type, std::vector<std::string>& dropped);

}  // namespace gitops::kube
