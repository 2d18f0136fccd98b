// Fields that cannot change once an object exists.
#pragma once

#include "core/embedded/kind_registry.hpp"

namespace gitops::embedded {

/// Error(invalid) naming the first field that differs although the API forbids it.
void refuse_immutable(const Location& location, const doc::Value& live, const doc::Value& object);

}  // namespace gitops::embedded
