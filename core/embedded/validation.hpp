// Checks of a whole object against the built-in types and against the rules of workloads.
#pragma once

#include "core/embedded/kind_registry.hpp"

namespace gitops::embedded {

/// Error(invalid) naming object and field: unknown fields and wrong shapes of built-in kinds, labels and annotations
/// that are no texts, workloads without selector or containers, selectors that miss the template, Secret data that is
/// no base64, quantities that are none.
void validate(const Location& location, const doc::Value& object);

}  // namespace gitops::embedded
