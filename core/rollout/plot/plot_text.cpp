#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/rollout/plot/plot.hpp"
#include "core/rollout/plot/plot_series.hpp"

namespace gitops::rollout {

namespace {

constexpr std::size_t k_least_width = 40, k_most_width = 240;
constexpr int k_weight_rows = 4, k_metric_rows = 5;
constexpr std::array<std::string_view, 10> k_digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

struct Signs {
    std::array<std::string_view, 9> fill;  ///< nothing to a whole cell, in eighths
    std::string_view axis, tick, corner, floor, notch, limit, curve, arrow;
};
constexpr Signs k_unicode{{" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"},
                          "\u2502", "\u2524", "\u2514", "\u2500", "\u252C", "\u254C", "\u25CF", "\u2192"};
constexpr Signs k_ascii{{" ", "_", "_", "_", "_", "#", "#", "#", "#"}, "|", "+", "+", "-", "+", "-", "*", "->"};

struct Glyph {
    std::string_view text = " ";
    Tone tone = Tone::plain;
};

using Row = std::vector<Glyph>;

/// What stands left of a row: a number, and whether it belongs to a limit.
struct RowLabel {
    std::string text{};
    bool is_limit = false;
};

Tone kind_tone(EntryKind kind) {
    switch (kind) {
        case EntryKind::halt: return Tone::caution;
        case EntryKind::rollback: return Tone::bad;
        case EntryKind::promote: return Tone::good;
        case EntryKind::advance: return Tone::accent;
        case EntryKind::phase:
        case EntryKind::gate:
        case EntryKind::command:
        case EntryKind::note: return Tone::plain;
    }
    return Tone::plain;
}

class Chart {
  public:
    Chart(const RunRecord& run, std::string_view title, const TextPlotStyle& style)
        : m_run(run), m_title(title), m_style(style), m_signs(style.glyphs == Glyphs::ascii ? k_ascii : k_unicode),
          m_width(std::clamp(style.width, k_least_width, k_most_width)), m_series(plot_series(run)) {}

    std::string draw() {
        choose_gutter();
        header();
        weight();
        for (const auto& panel : m_series.metrics) metric(panel);
        hooks();
        time_axis();
        marks();
        legend();
        return std::move(m_out);
    }

  private:
    std::string paint(Tone tone, std::string_view text) const {
        return m_style.paint && tone != Tone::plain ? m_style.paint(tone, text) : std::string(text);
    }
    std::string clean(std::string_view text, std::size_t most) const { return clean_text(text, most, m_style.glyphs); }

    /// Room for the numbers at the left.
    void choose_gutter() {
        constexpr std::size_t least = 6, most = 12;
        std::size_t widest = least;
        for (const auto& panel : m_series.metrics) {
            for (const auto& [tick, step] : {edges(panel)}) widest = std::max({widest, tick.size(), step.size()});
            if (panel.range.min) widest = std::max(widest, bound_text(*panel.range.min).size());
            if (panel.range.max) widest = std::max(widest, bound_text(*panel.range.max).size());
        }
        m_gutter = std::min(widest, most);
        m_columns = m_width - m_gutter - 2;
    }

    static std::pair<std::string, std::string> edges(const PlotPanel& panel) {
        const auto scale = scale_of(panel, k_metric_rows - 1);
        return {tick_text(scale.low, scale.step), tick_text(scale.high, scale.step)};
    }

    std::size_t column_of(base::Time at) const {
        const auto whole = static_cast<double>((m_series.end - m_series.begin).count());
        const auto part = static_cast<double>((std::clamp(at, m_series.begin, m_series.end) - m_series.begin).count());
        return static_cast<std::size_t>(std::lround(part / whole * static_cast<double>(m_columns - 1)));
    }

    void header() {
        const auto outcome = outcome_text(m_run);
        const auto tone = outcome == "Succeeded" ? Tone::good : outcome == "Failed" ? Tone::bad : Tone::accent;
        const auto number = fmt::format("  run {}  ", m_run.number);
        const auto shown = clean(outcome, 16);
        const auto took = m_run.ended_at ? " after " + span_text(*m_run.ended_at - m_run.started_at) : "";
        const auto used = number.size() + length_of(shown) + took.size();
        m_out += paint(Tone::strong, clean(m_title, m_width - std::min(m_width, used))) + number + paint(tone, shown) + took + "\n";
        m_out += clean(fmt::format("{} {} {}, started {}", from_text(m_run), m_signs.arrow, to_text(m_run), base::to_rfc3339(m_run.started_at)),
                       m_width) + "\n";
        if (m_run.reason.empty()) return;
        for (const auto& line : wrapped(m_run.reason, m_width, 2, m_style.glyphs)) m_out += paint(tone, line) + "\n";
    }

    void panel_title(std::string_view name, const std::string& remark) {
        const auto shown = clean(name, m_width / 2);
        const auto room = m_width - length_of(shown) - 2;
        m_out += "\n" + paint(Tone::strong, shown) + "  " + paint(Tone::faint, clean(remark, room)) + "\n";
    }

    void print_row(const RowLabel& label, const Row& row) {
        const auto text = clean(label.text, m_gutter);
        std::string line(m_gutter - length_of(text), ' ');
        line += paint(label.is_limit ? Tone::caution : Tone::faint, text);
        line += " ";
        line += label.text.empty() ? m_signs.axis : m_signs.tick;
        auto end = row.size();
        while (end > 0 && row[end - 1].text == " ") --end;
        // Neighbours of one tone are painted as one.
        for (std::size_t i = 0; i < end;) {
            const auto tone = row[i].tone;
            std::string same;
            for (; i < end && row[i].tone == tone; ++i) same += row[i].text;
            line += paint(tone, same);
        }
        m_out += line + "\n";
    }

    void weight() {
        panel_title("canary weight", "percent of the requests");
        std::vector<int> heights(m_columns, 0);  // in eighths of a row
        for (std::size_t i = 0; i < m_series.weights.size(); ++i) {
            const bool is_last = i + 1 == m_series.weights.size();
            const auto from = column_of(m_series.weights[i].at);
            const auto to = is_last ? m_columns : column_of(m_series.weights[i + 1].at);
            const int weight = m_series.weights[i].weight;
            const int height = weight == 0 ? 0 : std::max(1, (weight * k_weight_rows * 8 + 50) / 100);
            for (auto x = from; x < std::max(to, from + 1); ++x) heights[x] = height;
        }
        std::vector<Row> grid(k_weight_rows + 1, Row(m_columns));
        for (std::size_t y = 0; y < k_weight_rows; ++y)
            for (std::size_t x = 0; x < m_columns; ++x)
                grid[y][x] = {m_signs.fill[static_cast<std::size_t>(std::clamp(heights[x] - static_cast<int>(y) * 8, 0, 8))], Tone::accent};
        weight_labels(heights, grid);
        for (int y = k_weight_rows; y >= 0; --y)
            print_row({y == k_weight_rows - 1 ? "100" : y == k_weight_rows / 2 - 1 ? "50" : "", false}, grid[static_cast<std::size_t>(y)]);
    }

    /// "10" above a step that is wide enough.
    void weight_labels(const std::vector<int>& heights, std::vector<Row>& grid) {
        for (std::size_t i = 0; i < m_series.weights.size(); ++i) {
            const auto number = std::to_string(m_series.weights[i].weight);
            const auto from = column_of(m_series.weights[i].at);
            const auto to = i + 1 == m_series.weights.size() ? m_columns : column_of(m_series.weights[i + 1].at);
            if (m_series.weights[i].weight == 0 || from + number.size() >= to) continue;
            auto& row = grid[static_cast<std::size_t>((heights[from] + 7) / 8)];
            for (std::size_t x = 0; x < number.size(); ++x) row[from + x] = {k_digits[static_cast<std::size_t>(number[x] - '0')], Tone::strong};
        }
    }

    /// Rows are counted from below. A limit has a row of its own, so that a value is seen to be above or below it.
    class Rows {
      public:
        Rows(const PlotPanel& panel) : m_panel(panel), m_scale(scale_of(panel, k_metric_rows - 1)) {
            if (panel.range.min) m_min = std::clamp(plain(*panel.range.min), 1, k_metric_rows - 2);
            if (panel.range.max) m_max = std::clamp(plain(*panel.range.max), m_min ? *m_min + 1 : 1, k_metric_rows - 1);
            if (m_max && *m_max == k_metric_rows - 1 && exceeds()) --*m_max;
            if (m_min && m_max && *m_min >= *m_max) m_min = *m_max - 1;
        }
        std::optional<int> min_row() const { return m_min; }
        std::optional<int> max_row() const { return m_max; }
        const Scale& scale() const { return m_scale; }

        int row_of(double value) const {
            int row = plain(value);
            const auto& [min, max] = m_panel.range;
            if (m_min) row = value < *min ? std::min(row, *m_min - 1) : value > *min ? std::max(row, *m_min + 1) : *m_min;
            if (m_max && value > *max) return std::max(row, *m_max + 1);
            if (m_max && value == *max) return *m_max;
            if (m_max && (!m_min || value > *min)) row = std::min(row, *m_max - 1);
            // Two limits next to each other leave nothing in between.
            return std::clamp(m_min && value >= *min ? std::max(row, *m_min) : row, 0, k_metric_rows - 1);
        }

      private:
        int plain(double value) const {
            const double part = std::clamp((value - m_scale.low) / (m_scale.high - m_scale.low), 0.0, 1.0);
            return std::min(static_cast<int>(part * k_metric_rows), k_metric_rows - 1);
        }
        bool exceeds() const {
            return std::ranges::any_of(m_panel.points, [&](const PlotPoint& p) { return p.value && *p.value > *m_panel.range.max; });
        }

        const PlotPanel& m_panel;
        Scale m_scale;
        std::optional<int> m_min, m_max;
    };

    static Tone verdict_tone(Verdict verdict) {
        switch (verdict) {
            case Verdict::pass: return Tone::good;
            case Verdict::fail: return Tone::bad;
            case Verdict::no_data:
            case Verdict::unreachable:
            case Verdict::inconclusive: return Tone::caution;
        }
        return Tone::plain;
    }

    Glyph sign_of(Verdict verdict) const {
        return {verdict == Verdict::pass ? m_signs.curve : verdict_mark(verdict, m_style.glyphs), verdict_tone(verdict)};
    }

    void metric(const PlotPanel& panel) {
        panel_title(panel.name, remark_on(panel));
        const Rows rows(panel);
        std::vector<Row> grid(k_metric_rows, Row(m_columns));
        for (const auto limit : {rows.min_row(), rows.max_row()})
            if (limit) grid[static_cast<std::size_t>(*limit)].assign(m_columns, {m_signs.limit, Tone::caution});
        // Where several points share a cell the one that did not pass is seen.
        for (const bool passes : {true, false})
            for (const auto& point : panel.points) {
                if ((point.verdict == Verdict::pass) != passes) continue;
                const int row = point.value ? rows.row_of(*point.value) : 0;
                grid[static_cast<std::size_t>(row)][column_of(point.at)] = sign_of(point.verdict);
            }
        for (int y = k_metric_rows - 1; y >= 0; --y) print_row(label_of(rows, panel.range, y), grid[static_cast<std::size_t>(y)]);
    }

    static RowLabel label_of(const Rows& rows, const Range& range, int row) {
        if (rows.min_row() == row) return {bound_text(*range.min), true};
        if (rows.max_row() == row) return {bound_text(*range.max), true};
        const auto& scale = rows.scale();
        if (row == k_metric_rows - 1) return {tick_text(scale.high, scale.step), false};
        if (row == 0) return {tick_text(scale.low, scale.step), false};
        return {};
    }

    std::string remark_on(const PlotPanel& panel) const {
        std::string remark = limit_text(panel.range, m_style.glyphs);
        if (!remark.empty()) remark += ", ";
        remark += panel.not_passed == 0 ? fmt::format("{} passed", panel.points.size())
                                        : fmt::format("{} of {} did not pass", panel.not_passed, panel.points.size());
        const auto last = std::ranges::find_if(panel.points.rbegin(), panel.points.rend(), [](const PlotPoint& p) { return p.value.has_value(); });
        if (last != panel.points.rend()) remark += ", last " + number_text(*last->value, panel.range);
        return remark;
    }

    void hooks() {
        for (const auto& hook : m_series.hooks) {
            panel_title(hook.name, "hook, " + remark_on(hook));
            Row row(m_columns);
            for (const bool passes : {true, false})
                for (const auto& point : hook.points)
                    if ((point.verdict == Verdict::pass) == passes) row[column_of(point.at)] = sign_of(point.verdict);
            print_row({}, row);
        }
        if (m_series.panels_left_out > 0) m_out += fmt::format("\n{} more checks are not drawn\n", m_series.panels_left_out);
    }

    void time_axis() {
        std::string axis(m_gutter + 1, ' ');
        std::vector<std::string_view> cells(m_columns, m_signs.floor);
        std::string labels;
        const auto ticks = time_ticks(m_series.end - m_series.begin, static_cast<int>(m_columns / 10));
        for (const auto tick : ticks) {
            const auto column = column_of(m_series.begin + tick);
            cells[column] = m_signs.notch;
            const auto text = span_text(tick);
            const auto half = text.size() / 2;
            const auto place = m_gutter + 2 + column - std::min(half, m_gutter + 2 + column);
            if (place + text.size() > m_width || place < labels.size() + (labels.empty() ? 0 : 1)) continue;
            labels += std::string(place - labels.size(), ' ') + text;
        }
        axis += m_signs.corner;
        for (const auto cell : cells) axis += cell;
        m_out += axis + "\n" + paint(Tone::faint, labels) + "\n";
    }

    /// The numbers of the decisions below the axis. One that finds no room is in the list only.
    void marks() {
        std::string line(m_gutter + 2, ' ');
        std::size_t used = 0;
        for (const auto& mark : m_series.marks) {
            const auto text = std::to_string(mark.number);
            const auto column = column_of(mark.at);
            const auto place = std::max(column, used == 0 ? 0 : used + 1);
            if (place + text.size() > m_columns || place > column + 2) continue;
            line += std::string(place - used, ' ') + paint(kind_tone(mark.kind), text);
            used = place + text.size();
        }
        if (used > 0) m_out += line + "\n";
    }

    void legend() {
        if (m_series.marks.empty()) return;
        m_out += "\n";
        int previous = 0;
        for (const auto& mark : m_series.marks) {
            if (mark.number != previous + 1) m_out += fmt::format("    {} decisions in between are not shown\n", m_series.marks_left_out);
            previous = mark.number;
            const auto front = fmt::format("{:>3}  {:>6}  {:>3} %  ", mark.number, span_text(mark.at - m_series.begin), mark.weight);
            const auto kind = fmt::format("{:<8}", entry_kind_name(mark.kind));
            const auto room = m_width - front.size() - kind.size() - 2;
            m_out += front + paint(kind_tone(mark.kind), kind) + "  ";
            const auto lines = wrapped(mark_text(mark), room, 2, m_style.glyphs);
            for (std::size_t i = 0; i < lines.size(); ++i) m_out += (i == 0 ? "" : std::string(m_width - room, ' ')) + lines[i] + "\n";
        }
    }

    const RunRecord& m_run;
    std::string m_title;
    const TextPlotStyle& m_style;
    const Signs& m_signs;
    std::size_t m_width;
    PlotSeries m_series;
    std::size_t m_gutter = 0;
    std::size_t m_columns = 0;
    std::string m_out;
};

}  // namespace

std::string plot_text(const RunRecord& run, std::string_view title, const TextPlotStyle& style) { return Chart(run, title, style).draw(); }

}  // namespace gitops::rollout
