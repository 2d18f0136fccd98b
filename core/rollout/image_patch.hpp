// A new image for a workload, as people name it.
#pragma once

#include <optional>
#include <string>

#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::rollout {

/// `text` is "IMAGE", for the first container, or "CONTAINER=IMAGE". nullopt when the container has it. Error(invalid) for a
/// workload without containers, Error(not_found) with near names for a container it does not have.
std::optional<kube::Patch> image_patch(const doc::Value& workload, const std::string& text);

}  // namespace gitops::rollout
