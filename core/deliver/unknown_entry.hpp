// Words in lists of options that nobody knows: told, with the ones that may have been meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gitops::deliver {

/// "unknown sync option "Prune=False" does nothing; did you mean "Prune=false"?"; `what` is "sync option".
std::string unknown_entry(std::string_view what, std::string_view entry, const std::vector<std::string>& names);

}  // namespace gitops::deliver
