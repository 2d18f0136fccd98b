#include "core/deliver/text_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "core/deliver/line_match.hpp"

namespace gitops::deliver {
namespace {

constexpr std::size_t k_context = 3;

enum class Side : char { both = ' ', from = '-', to = '+' };

struct Edit {
    Side side;
    std::string_view line;
};

/// Both texts as one list; of a changed stretch the removed lines come first.
std::vector<Edit> edit_script(const std::vector<std::string_view>& from, const std::vector<std::string_view>& to) {
    const auto match = match_lines(from, to);
    std::vector<Edit> edits;
    edits.reserve(std::max(from.size(), to.size()));
    std::size_t i = 0, j = 0;
    while (i < from.size() || j < to.size()) {
        if (i < from.size() && !match.kept_from[i]) edits.push_back({Side::from, from[i++]});
        else if (j < to.size() && !match.kept_to[j]) edits.push_back({Side::to, to[j++]});
        else {
            edits.push_back({Side::both, from[i++]});
            ++j;
        }
    }
    return edits;
}

struct Hunk {
    std::size_t begin, end;  ///< in the list of edits, context included
};

std::vector<Hunk> hunks_of(const std::vector<Edit>& edits) {
    std::vector<Hunk> hunks;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (edits[i].side == Side::both) continue;
        const auto begin = i < k_context ? 0 : i - k_context;
        const auto end = std::min(edits.size(), i + 1 + k_context);
        if (!hunks.empty() && begin <= hunks.back().end) hunks.back().end = end;
        else hunks.push_back({begin, end});
    }
    return hunks;
}

/// "12,3", "12" for one line, "11,0" for none (the line before).
std::string range(std::size_t first, std::size_t count) {
    if (count == 1) return fmt::format("{}", first);
    return fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

}  // namespace

std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_label,
                         std::string_view to_label) {
    if (from == to) return {};
    const auto edits = edit_script(split_lines(from), split_lines(to));
    auto out = fmt::format("--- {}\n+++ {}\n", from_label, to_label);
    std::size_t position = 0, from_line = 1, to_line = 1;
    for (const auto& hunk : hunks_of(edits)) {
        from_line += hunk.begin - position;  // lines between hunks stand on both sides
        to_line += hunk.begin - position;
        position = hunk.end;
        std::string body;
        std::size_t from_count = 0, to_count = 0;
        for (auto i = hunk.begin; i < hunk.end; ++i) {
            from_count += edits[i].side == Side::to ? 0 : 1;
            to_count += edits[i].side == Side::from ? 0 : 1;
            body += static_cast<char>(edits[i].side);
            body += edits[i].line;
            if (!edits[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
        }
        fmt::format_to(std::back_inserter(out), "@@ -{} +{} @@\n", range(from_line, from_count), range(to_line, to_count));
        out += body;
        from_line += from_count;
        to_line += to_count;
    }
    return out;
}

}  // namespace gitops::deliver
