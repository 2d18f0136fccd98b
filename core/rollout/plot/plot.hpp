// A run as a picture: the canary's weight and every check over time, with limits and decisions. Always the same
// picture for the same record; texts of the record are shown, never obeyed.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/rollout/check_text.hpp"
#include "core/rollout/journal.hpp"

namespace gitops::rollout {

/// One SVG of 900 px width, complete in itself, for light and dark surroundings.
std::string plot_svg(const RunRecord& run, std::string_view title);

/// One HTML page: the SVG, a table of all entries and the queries. No script, nothing loaded from elsewhere.
std::string plot_html(const RunRecord& run, std::string_view title);

/// What a piece of text means; the caller knows which color that is.
enum class Tone { plain, strong, faint, good, bad, caution, accent };
using Painter = std::function<std::string(Tone, std::string_view)>;

struct TextPlotStyle {
    std::size_t width = 80;  ///< columns; 40 to 240
    Glyphs glyphs = Glyphs::unicode;
    Painter paint{};         ///< none: no color
};
/// For a terminal or a pipe.
std::string plot_text(const RunRecord& run, std::string_view title, const TextPlotStyle& style = {});

}  // namespace gitops::rollout
