// What a kubelet would say of a Pod, told from its images alone.
#pragma once

#include <optional>

#include "core/doc/value.hpp"

namespace gitops::test {

struct PodFate {
    doc::Value status;               ///< a merge patch: {status: ...}
    std::optional<doc::Value> event;  ///< the Event that goes with a bad one
};

PodFate fate_of(const doc::Value& pod);

}  // namespace gitops::test
