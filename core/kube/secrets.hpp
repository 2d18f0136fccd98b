// Masking of Secret values and of annotations that hold such.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/kube/resource.hpp"

namespace gitops::kube {

/// Keys of annotations; null stands for none.
using AnnotationKeys = std::shared_ptr<const std::vector<std::string>>;

/// mask_secrets(), and the values of these annotations of Secrets too.
std::vector<doc::Value> mask_secrets(std::vector<doc::Value> versions_of_one_object, const AnnotationKeys& annotations);

}  // namespace gitops::kube
