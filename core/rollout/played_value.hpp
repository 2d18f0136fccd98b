// One value of a file that is played back. For replay only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::rollout {

struct PlayedValue {
    Reading::Kind kind = Reading::Kind::no_data;
    double value = 0;
    int line = 0;  ///< of the file
};

/// "", noData, NaN, unreachable (in any case) or a number; nullopt for anything else.
std::optional<PlayedValue> played_text(std::string_view text);
/// The same for a node of JSON or YAML.
std::optional<PlayedValue> played_node(const doc::Value& node);
/// What a caller is told.
Reading reading_of(const PlayedValue& played, const std::string& file);
/// The answer for a metric that the file does not have.
Reading unknown_metric(const std::string& name, const std::vector<std::string>& known, const std::string& file);

}  // namespace gitops::rollout
