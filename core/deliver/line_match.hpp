#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gitops::deliver {

/// Lines of a text with their line ends; the last one may lack it.
std::vector<std::string_view> split_lines(std::string_view text);

/// Which lines of two texts stay: two flags per line, in step (the n-th kept line of one is the n-th of the other).
struct LineMatch {
    std::vector<bool> kept_from, kept_to;
};

/// A longest common subsequence by Myers' O(ND) greedy algorithm ("An O(ND) Difference Algorithm and Its Variations",
/// 1986). After k_max_edits moved or repeated lines it gives up and keeps only common beginning and end.
LineMatch match_lines(const std::vector<std::string_view>& from, const std::vector<std::string_view>& to);
inline constexpr std::int32_t k_max_edits = 2000;  ///< bounds memory to about 32 MB

}  // namespace gitops::deliver
