#pragma once

#include <string>
#include <string_view>

namespace gitops::deliver {

/// A unified diff (three lines of context) of two texts, "" when they are equal. Labels stand behind "---" and "+++".
/// Myers' algorithm; time is bounded, a huge difference falls back to delete-all/insert-all.
std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_label,
                         std::string_view to_label);

}  // namespace gitops::deliver
