// Measurements that are played back: from a table of what was measured before, or from a script that says what shall
// be measured, for rehearsals and tests. Always the same answers for the same moments, and no server.
//
// A table is CSV with a header, or JSON: a list of maps. Column `time` is seconds or a duration since the start of the
// run, or RFC 3339; every other column is a metric. The last row at or before the moment counts. An empty cell (null,
// or no key) is no data; `NaN` and `unreachable` are what they say.
//
// A script is YAML. Per metric it has one value, or rules of which the first that matches counts:
//
//     metrics:
//       accuracy:
//         - {revision: "*v3.0*", value: 98.1}    # image: the same for the image
//         - {weight: ">=50", after: 30s, value: noData}
//         - 99.5
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/rollout/ports.hpp"

namespace gitops::rollout {

/// Reads a table. Error(invalid) with file and line for what is none, for times of two kinds or that go back, for a
/// cell that is no number, and beyond four million cells. What is asked for by a name that is no column is refused.
std::unique_ptr<MetricsProvider> play_back(std::string_view text, const std::string& file);

/// Reads a script. Error(invalid) with file and line.
std::unique_ptr<MetricsProvider> rehearse(std::string_view text, const std::string& file);

}  // namespace gitops::rollout
