#include "core/deliver/line_match.hpp"

#include <algorithm>
#include <unordered_map>

namespace gitops::deliver {
namespace {

/// A line of one text as a number, and where it stood.
struct Line {
    std::int32_t id;
    std::size_t index;
};
using Lines = std::vector<Line>;

/// Drops lines that only one side has: no common subsequence contains them, and the search is the shorter for it.
Lines shared_lines(const std::vector<std::int32_t>& ids, const std::vector<std::uint8_t>& sides, std::size_t begin,
                   std::size_t end) {
    Lines lines;
    for (auto i = begin; i < end; ++i)
        if (sides[static_cast<std::size_t>(ids[i])] == 3) lines.push_back({ids[i], i});
    return lines;
}

class Search {
  public:
    Search(const Lines& from, const Lines& to) : m_from(from), m_to(to) {}

    /// Marks the kept lines; nothing is marked when more than k_max_edits edits are needed.
    void run(LineMatch& match) {
        const auto n = static_cast<std::int32_t>(m_from.size()), m = static_cast<std::int32_t>(m_to.size());
        const auto limit = std::min(n + m, k_max_edits);
        std::vector<std::int32_t> reach(static_cast<std::size_t>(2 * limit + 3), 0);
        const auto at = [&](std::int32_t k) -> std::int32_t& { return reach[static_cast<std::size_t>(k + limit + 1)]; };
        for (std::int32_t edits = 0; edits <= limit; ++edits) {
            for (auto k = -edits; k <= edits; k += 2) {
                auto x = goes_down(edits, k, at(k - 1), at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
                while (x < n && x - k < m && same(x, x - k)) ++x;
                at(k) = x;
                if (x >= n && x - k >= m) {
                    m_trace.emplace_back(&at(-edits), &at(edits) + 1);
                    return walk_back(match);
                }
            }
            m_trace.emplace_back(&at(-edits), &at(edits) + 1);
        }
    }

  private:
    static bool goes_down(std::int32_t edits, std::int32_t k, std::int32_t left, std::int32_t right) {
        return k == -edits || (k != edits && left < right);
    }
    bool same(std::int32_t x, std::int32_t y) const {
        return m_from[static_cast<std::size_t>(x)].id == m_to[static_cast<std::size_t>(y)].id;
    }
    /// The furthest x on diagonal `k` after `edits` edits; one outside the band was never reached.
    std::int32_t reached(std::int32_t edits, std::int32_t k) const {
        if (k < -edits || k > edits) return -1;
        return m_trace[static_cast<std::size_t>(edits)][static_cast<std::size_t>(k + edits)];
    }
    void walk_back(LineMatch& match) const {
        auto x = static_cast<std::int32_t>(m_from.size()), y = static_cast<std::int32_t>(m_to.size());
        for (auto edits = static_cast<std::int32_t>(m_trace.size()) - 1; edits >= 0; --edits) {
            const auto k = x - y;
            std::int32_t start_x = 0, start_y = 0;  // where the run of common lines began
            if (edits > 0) {
                const bool down = goes_down(edits, k, reached(edits - 1, k - 1), reached(edits - 1, k + 1));
                start_x = down ? reached(edits - 1, k + 1) : reached(edits - 1, k - 1) + 1;
                start_y = start_x - k;
            }
            for (; x > start_x && y > start_y; --x, --y) {
                match.kept_from[m_from[static_cast<std::size_t>(x - 1)].index] = true;
                match.kept_to[m_to[static_cast<std::size_t>(y - 1)].index] = true;
            }
            if (edits == 0) break;
            const bool down = goes_down(edits, k, reached(edits - 1, k - 1), reached(edits - 1, k + 1));
            if (down) --y;
            else --x;
        }
    }

    const Lines& m_from;
    const Lines& m_to;
    std::vector<std::vector<std::int32_t>> m_trace;  ///< reach of diagonals -d..d after d edits
};

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto length = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

LineMatch match_lines(const std::vector<std::string_view>& from, const std::vector<std::string_view>& to) {
    LineMatch match{std::vector<bool>(from.size()), std::vector<bool>(to.size())};
    std::size_t begin = 0, tail = 0;
    const auto shorter = std::min(from.size(), to.size());
    while (begin < shorter && from[begin] == to[begin]) ++begin;
    while (tail < shorter - begin && from[from.size() - 1 - tail] == to[to.size() - 1 - tail]) ++tail;
    for (std::size_t i = 0; i < begin; ++i) match.kept_from[i] = match.kept_to[i] = true;
    for (std::size_t i = 1; i <= tail; ++i) match.kept_from[from.size() - i] = match.kept_to[to.size() - i] = true;

    std::unordered_map<std::string_view, std::int32_t> numbers;
    std::vector<std::uint8_t> sides;  // bit 1: seen in from, bit 2: seen in to
    const auto number = [&](const std::vector<std::string_view>& lines, std::uint8_t side) {
        std::vector<std::int32_t> ids(lines.size(), 0);
        for (auto i = begin; i < lines.size() - tail; ++i) {
            const auto [entry, fresh] = numbers.try_emplace(lines[i], static_cast<std::int32_t>(sides.size()));
            if (fresh) sides.push_back(0);
            ids[i] = entry->second;
            sides[static_cast<std::size_t>(ids[i])] |= side;
        }
        return ids;
    };
    const auto from_ids = number(from, 1), to_ids = number(to, 2);
    const auto left = shared_lines(from_ids, sides, begin, from.size() - tail);
    const auto right = shared_lines(to_ids, sides, begin, to.size() - tail);
    Search(left, right).run(match);
    return match;
}

}  // namespace gitops::deliver
