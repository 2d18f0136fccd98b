// What keeps one Pod from being ready, in the words of its status.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::deliver {

/// The gravest first: what is told when Pods of one workload are in different trouble.
enum class Gravity { cannot_start, crashing, unschedulable, restarted, unknown };

struct PodTrouble {
    Gravity gravity = Gravity::unknown;
    std::string text;  ///< "ImagePullBackOff: Back-off pulling image \"x\""; "" when the status says nothing
};

/// False for Pods that are ready, done or on their way out: nothing is wrong with those.
bool is_in_trouble(const doc::Value& pod);
PodTrouble pod_trouble(const doc::Value& pod);

/// Text from a cluster as part of a line: without line breaks and credentials, at most about 240 bytes.
std::string one_line(std::string_view text);
/// "reason: message", either alone where the other is empty.
std::string reason_and_message(std::string_view reason, std::string_view message);

}  // namespace gitops::deliver
