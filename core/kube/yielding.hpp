// Fields that one manager leaves to another: a rollout scales and routes what Git also describes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::kube {

/// Gives `desired` the live values of the fields that `manager` owns in `live`, so that they are no difference and an apply does
/// not take them back; a field that `live` lacks goes. The paths whose values differed, as FieldSet::paths writes them. Fields
/// inside items of lists stay as desired, and so do Pod templates: what runs is for Git to say.
std::vector<std::string> yield_fields(doc::Value& desired, const doc::Value& live, std::string_view manager);

}  // namespace gitops::kube
