#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gitops::test {

/// Replaces what differs from run to run: the given texts (paths, the user) by their names, then commit ids by <sha>,
/// object ids by <uid>, times by <time>, seconds and milliseconds by <dur>, process ids by <pid>. Durations in minutes
/// and hours alone stay: "500m" is a quantity.
std::string masked(std::string text, const std::vector<std::pair<std::string, std::string>>& texts);

}  // namespace gitops::test
