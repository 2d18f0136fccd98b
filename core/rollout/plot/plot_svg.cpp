#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/rollout/plot/plot.hpp"
#include "core/rollout/plot/plot_series.hpp"
#include "core/rollout/plot/svg_canvas.hpp"

namespace gitops::rollout {

namespace {

// Colors of Okabe and Ito, which people with any color vision tell apart; what matters has a shape of its own as well.
// Rules are written twice instead of with variables, which not every viewer of SVG knows.
constexpr std::string_view k_style =
    R"(.run text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:12px;fill:#1f2933}
.run .page{fill:#ffffff}.run .title{font-size:20px;font-weight:700}.run .name{font-weight:600;font-size:13px}
.run .name,.run .remark{paint-order:stroke;stroke:#ffffff;stroke-width:5px;stroke-linejoin:round}
.run .faint,.run .remark{fill:#5c6873}.run .tick{fill:#5c6873;font-size:11px}.run .kind{font-weight:600}
.run .field{fill:#f6f8fa}.run .grid{stroke:#e1e6eb}.run .axis{stroke:#8a96a3}.run .event{stroke:#8a96a3;stroke-dasharray:2 3;fill:none}
.run .weight{stroke:#0072b2;stroke-width:2.5;fill:none}.run .share{fill:#0072b2;fill-opacity:.15}.run .percent{fill:#00598c;font-weight:600;font-size:11px}
.run .curve{stroke:#6b7785;stroke-width:1.5;fill:none}.run .limit{stroke:#c04d00;stroke-width:1.5;stroke-dasharray:6 4}
.run .beyond{fill:#d55e00;fill-opacity:.08}.run .bound{fill:#a84300;font-weight:600;font-size:11px}
.run .pass{fill:#009e73}.run .fail{stroke:#d55e00;stroke-width:2.8;stroke-linecap:round;fill:none}
.run .absent{fill:#ffffff;stroke:#5c6873;stroke-width:1.6}
.run .advance{fill:#0072b2}.run .halt{fill:#e69f00}.run .rollback{fill:#c04d00}.run .promote{fill:#00805d}.run .other{fill:#6b7785}
.run .badge{fill:#ffffff;font-size:10px;font-weight:700}.run .onhalt{fill:#1f2933}.run .pill{fill:#ffffff;font-weight:700;font-size:13px}
@media (prefers-color-scheme:dark){.run text{fill:#e4e9ee}.run .page{fill:#10161d}.run .faint,.run .remark,.run .tick{fill:#9fabb8}
.run .name,.run .remark{stroke:#10161d}.run .field{fill:#18212b}.run .grid{stroke:#2a3642}.run .axis,.run .event{stroke:#6b7886}
.run .weight{stroke:#56b4e9}.run .share{fill:#56b4e9;fill-opacity:.2}.run .percent{fill:#8fd0f5}.run .curve{stroke:#8b98a6}
.run .limit{stroke:#f0884a}.run .beyond{fill:#f0884a;fill-opacity:.12}.run .bound{fill:#ffa36b}.run .pass{fill:#2cc79a}
.run .fail{stroke:#ff8a4c}.run .absent{fill:#10161d;stroke:#9fabb8}.run .badge,.run .pill{fill:#ffffff}.run .onhalt{fill:#1f2933}}
)";

constexpr double k_width = 900, k_edge = 24;
constexpr double k_left = 70, k_right = 806;  ///< of the panels; beside them ticks and limits
constexpr double k_weight_height = 110, k_metric_height = 88, k_hook_height = 20, k_panel_gap = 36;
constexpr double k_badge = 8.5;
constexpr std::size_t k_line_length = 92;  ///< characters of a wide sans-serif at 12 px that fit beside the badges

/// Panel from top to bottom.
struct Band {
    double top = 0, bottom = 0;
};

std::string_view mark_class(EntryKind kind) {
    switch (kind) {
        case EntryKind::advance: return "advance";
        case EntryKind::halt: return "halt";
        case EntryKind::rollback: return "rollback";
        case EntryKind::promote: return "promote";
        case EntryKind::phase:
        case EntryKind::gate:
        case EntryKind::command:
        case EntryKind::note: return "other";
    }
    return "other";
}

class Picture {
  public:
    Picture(const RunRecord& run, std::string_view title) : m_run(run), m_title(title), m_series(plot_series(run)) {}

    std::string draw() {
        // The page lies under everything and its height is known last.
        header();
        const double badges = m_y + 26;
        m_y = badges + 46;
        const double top = m_y;
        weight_panel();
        for (const auto& panel : m_series.metrics) metric_panel(panel);
        if (!m_series.hooks.empty()) hook_panel();
        time_axis();
        marks(badges, top, m_axis);
        key();
        legend();
        SvgCanvas page;
        page.box({0, 0}, k_width, m_y, "page");
        page.append(m_under);
        page.append(m_over);
        return page.finish(k_width, m_y, m_title, k_style);
    }

  private:
    double x_of(base::Time at) const {
        const auto whole = static_cast<double>((m_series.end - m_series.begin).count());
        const auto part = static_cast<double>((std::clamp(at, m_series.begin, m_series.end) - m_series.begin).count());
        return k_left + (k_right - k_left) * part / whole;
    }

    void header() {
        constexpr std::size_t title_length = 56;
        m_over.text({k_edge, 38}, clean_text(m_title, title_length), "title");
        pill();
        m_over.text({k_edge, 60}, clean_text(from_text(m_run), 48) + "  \u2192  " + clean_text(to_text(m_run), 48), "kind");
        std::string when = fmt::format("run {}, started {}", m_run.number, base::to_rfc3339(m_run.started_at));
        if (m_run.ended_at) when += ", took " + span_text(*m_run.ended_at - m_run.started_at);
        m_over.text({k_edge, 78}, when, "faint");
        m_y = 78;
        if (m_run.reason.empty()) return;
        for (const auto& line : wrapped(m_run.reason, 116, 2)) m_over.text({k_edge, m_y += 17}, line, "plain");
    }

    void pill() {
        const bool good = m_run.outcome == "Succeeded", bad = m_run.outcome == "Failed";
        const auto text = std::string(good ? "\u2714 " : bad ? "\u2716 " : "\u25CC ") + clean_text(outcome_text(m_run), 16);
        const double width = 26 + 8.4 * static_cast<double>(length_of(text));
        m_over.box({k_width - k_edge - width, 20}, width, 26, good ? "promote" : bad ? "rollback" : "other", 13);
        m_over.text({k_width - k_edge - width / 2, 37.5}, text, "pill", Anchor::middle);
    }

    /// A titled field; the panels below it begin at m_y.
    Band field(std::string_view name, std::string_view remark, double height) {
        constexpr std::size_t most = 60;
        const auto shown = clean_text(name, most);
        m_over.text({k_left, m_y - 8}, shown, "name");
        m_over.text({k_left + 14 + 8.2 * static_cast<double>(length_of(shown)), m_y - 8}, remark, "remark");
        const Band band{m_y, m_y + height};
        m_under.box({k_left, band.top}, k_right - k_left, height, "field");
        m_y = band.bottom + k_panel_gap;
        m_axis = band.bottom;
        return band;
    }

    void weight_panel() {
        const auto band = field("canary weight", "share of the requests, percent", k_weight_height);
        const auto y_of = [&](int weight) { return band.bottom - 4 - (k_weight_height - 14) * weight / 100; };
        for (const int tick : {0, 50, 100}) {
            m_under.line({k_left, y_of(tick)}, {k_right, y_of(tick)}, "grid");
            m_over.text({k_left - 8, y_of(tick) + 4}, std::to_string(tick), "tick", Anchor::end);
        }
        std::vector<Spot> path;
        for (const auto& step : m_series.weights) {
            if (!path.empty()) path.push_back({x_of(step.at), path.back().y});
            path.push_back({x_of(step.at), y_of(step.weight)});
        }
        path.push_back({x_of(m_series.end), path.back().y});
        auto filled = path;
        filled.push_back({path.back().x, y_of(0)});
        filled.push_back({path.front().x, y_of(0)});
        m_over.area(filled, "share");
        m_over.lines(path, "weight");
        weight_labels(y_of);
    }

    void weight_labels(const auto& y_of) {
        constexpr double room = 34;
        double taken = 0;
        for (std::size_t i = 0; i < m_series.weights.size(); ++i) {
            const auto& step = m_series.weights[i];
            const double from = x_of(step.at);
            const double to = i + 1 < m_series.weights.size() ? x_of(m_series.weights[i + 1].at) : k_right;
            if (step.weight == 0 || to - from < room || from < taken) continue;
            // Near the upper edge below the line, which has more room there.
            const double y = step.weight > 80 ? y_of(step.weight) + 14 : y_of(step.weight) - 6;
            m_over.text({from + 5, y}, fmt::format("{} %", step.weight), "percent");
            taken = from + room;
        }
    }

    void metric_panel(const PlotPanel& panel) {
        const auto band = field(panel.name, remark_on(panel), k_metric_height);
        const auto scale = scale_of(panel, 4);
        const auto y_of = [&](double value) {
            const double part = std::clamp((value - scale.low) / (scale.high - scale.low), 0.0, 1.0);
            return band.bottom - (band.bottom - band.top) * part;
        };
        for (const double tick : scale.ticks) {
            m_under.line({k_left, y_of(tick)}, {k_right, y_of(tick)}, "grid");
            m_over.text({k_left - 8, y_of(tick) + 4}, tick_text(tick, scale.step), "tick", Anchor::end);
        }
        limits(panel.range, band, y_of);
        curve(panel, band, y_of);
    }

    static std::string remark_on(const PlotPanel& panel) {
        std::string remark = limit_text(panel.range, Glyphs::unicode);
        if (!remark.empty()) remark += " \u00B7 ";
        remark += panel.not_passed == 0 ? fmt::format("{} passed", panel.points.size())
                                        : fmt::format("{} of {} did not pass", panel.not_passed, panel.points.size());
        const auto last = std::ranges::find_if(panel.points.rbegin(), panel.points.rend(), [](const PlotPoint& p) { return p.value.has_value(); });
        if (last != panel.points.rend()) remark += " \u00B7 last " + number_text(*last->value, panel.range);
        return remark;
    }

    void limits(const Range& range, const Band& band, const auto& y_of) {
        constexpr double line_height = 13;
        double upper = band.top - line_height;
        if (range.max && std::isfinite(*range.max)) {
            const double y = y_of(*range.max);
            m_under.box({k_left, band.top}, k_right - k_left, y - band.top, "beyond");
            m_over.line({k_left, y}, {k_right, y}, "limit");
            m_over.text({k_right + 8, y + 4}, "max " + bound_text(*range.max), "bound");
            upper = y;
        }
        if (range.min && std::isfinite(*range.min)) {
            const double y = y_of(*range.min);
            m_under.box({k_left, y}, k_right - k_left, band.bottom - y, "beyond");
            m_over.line({k_left, y}, {k_right, y}, "limit");
            m_over.text({k_right + 8, std::max(y, upper + line_height) + 4}, "min " + bound_text(*range.min), "bound");
        }
    }

    void curve(const PlotPanel& panel, const Band& band, const auto& y_of) {
        // A gap in the data is a gap in the line.
        std::vector<Spot> part;
        const auto finish = [&] {
            if (part.size() > 1) m_over.lines(part, "curve");
            part.clear();
        };
        for (const auto& point : panel.points) {
            if (point.value) part.push_back({x_of(point.at), y_of(*point.value)});
            else finish();
        }
        finish();
        const bool is_dense = panel.points.size() > k_dense;
        for (const auto& point : panel.points) {
            if (is_dense && point.verdict == Verdict::pass) continue;
            const Spot spot{x_of(point.at), point.value ? y_of(*point.value) : band.bottom - 9};
            m_over.begin_group(fmt::format("{}: {}{}", span_text(point.at - m_series.begin),
                                           point.value ? number_text(*point.value, panel.range) + ", " : "", verdict_word(point.verdict)));
            sign(spot, point.verdict);
            m_over.end_group();
        }
    }

    void sign(Spot spot, Verdict verdict) {
        m_signs[static_cast<std::size_t>(verdict)] = true;
        switch (verdict) {
            case Verdict::pass: m_over.circle(spot, 3.4, "pass"); break;
            case Verdict::fail: m_over.cross(spot, 4.2, "fail"); break;
            case Verdict::no_data: m_over.circle(spot, 4, "absent"); break;
            case Verdict::unreachable: m_over.box({spot.x - 3.8, spot.y - 3.8}, 7.6, 7.6, "absent"); break;
            case Verdict::inconclusive: m_over.diamond(spot, 5, "absent"); break;
        }
    }

    void hook_panel() {
        const auto band = field("hooks", "", k_hook_height * static_cast<double>(m_series.hooks.size()));
        double y = band.top + k_hook_height / 2;
        for (const auto& hook : m_series.hooks) {
            m_over.text({k_right + 8, y + 4}, clean_text(hook.name, 12), "tick");
            m_under.line({k_left, y}, {k_right, y}, "grid");
            m_over.begin_group(hook.name);
            for (const auto& point : hook.points) sign({x_of(point.at), y}, point.verdict);
            m_over.end_group();
            y += k_hook_height;
        }
    }

    void time_axis() {
        m_over.line({k_left, m_axis}, {k_right, m_axis}, "axis");
        for (const auto tick : time_ticks(m_series.end - m_series.begin, 10)) {
            const double x = x_of(m_series.begin + tick);
            m_over.line({x, m_axis}, {x, m_axis + 5}, "axis");
            m_over.text({x, m_axis + 18}, span_text(tick), "tick", Anchor::middle);
        }
        m_y = m_axis + 34;
    }

    /// Numbers stand where there is room for them, and a line leads to where they belong.
    void marks(double y, double top, double bottom) {
        constexpr double spacing = 2 * k_badge + 2;
        std::vector<double> places;
        for (const auto& mark : m_series.marks)
            places.push_back(std::max(x_of(mark.at), places.empty() ? k_left - spacing : places.back() + spacing));
        double most = k_right + 2 * spacing;
        for (auto place = places.rbegin(); place != places.rend(); ++place, most -= spacing) *place = std::min(*place, most);
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto& mark = m_series.marks[i];
            const double x = x_of(mark.at);
            m_under.lines({{places[i], y + k_badge}, {x, top - 24}, {x, bottom}}, "event");
            m_over.begin_group(mark_text(mark));
            badge({places[i], y}, mark);
            m_over.end_group();
        }
    }

    void badge(Spot center, const PlotMark& mark) {
        m_over.circle(center, k_badge, mark_class(mark.kind));
        m_over.text({center.x, center.y + 3.6}, std::to_string(mark.number), mark.kind == EntryKind::halt ? "badge onhalt" : "badge",
                    Anchor::middle);
    }

    void key() {
        double x = k_left;
        const auto signs = m_signs;
        for (const auto verdict : {Verdict::pass, Verdict::fail, Verdict::no_data, Verdict::unreachable, Verdict::inconclusive}) {
            if (!signs[static_cast<std::size_t>(verdict)]) continue;
            sign({x + 4, m_y}, verdict);
            m_over.text({x + 14, m_y + 4}, verdict_word(verdict), "faint");
            x += 32 + 7 * static_cast<double>(verdict_word(verdict).size());
        }
        if (m_series.panels_left_out > 0)
            m_over.text({x, m_y + 4}, fmt::format("{} more checks are not drawn", m_series.panels_left_out), "faint");
        m_y += x > k_left || m_series.panels_left_out > 0 ? 30 : 8;
    }

    /// The decisions; many short ones stand in two columns.
    void legend() {
        constexpr std::size_t many = 12, short_text = 34;
        const auto& all = m_series.marks;
        const bool in_two = all.size() > many && m_series.marks_left_out == 0 &&
                            std::ranges::all_of(all, [](const PlotMark& mark) { return length_of(mark_text(mark)) <= short_text; });
        const auto middle = in_two ? (all.size() + 1) / 2 : all.size();
        const double top = m_y;
        double lowest = top;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i == middle) {
                lowest = m_y;
                m_y = top;
            }
            if (i > 0 && all[i].number != all[i - 1].number + 1) {
                m_over.text({k_edge + 80, m_y + 4}, fmt::format("{} decisions in between are not drawn", m_series.marks_left_out), "faint");
                m_y += 22;
            }
            legend_row(all[i], k_edge + k_badge + (i < middle ? 0 : k_width / 2));
        }
        m_y = std::max(m_y, lowest) + 8;
    }

    void legend_row(const PlotMark& mark, double x) {
        badge({x, m_y}, mark);
        m_over.text({x + 62, m_y + 4}, span_text(mark.at - m_series.begin), "faint", Anchor::end);
        m_over.text({x + 106, m_y + 4}, fmt::format("{} %", mark.weight), "plain", Anchor::end);
        m_over.text({x + 120, m_y + 4}, entry_kind_name(mark.kind), "kind");
        for (const auto& line : wrapped(mark_text(mark), k_line_length, 2)) {
            m_over.text({x + 190, m_y + 4}, line, "plain");
            m_y += 16;
        }
        m_y += 6;
    }

    static constexpr std::size_t k_dense = 300;

    const RunRecord& m_run;
    std::string m_title;
    PlotSeries m_series;
    SvgCanvas m_under, m_over;
    double m_y = 0;     ///< where the next thing goes
    double m_axis = 0;  ///< lower edge of the last panel
    std::array<bool, 5> m_signs{};
};

}  // namespace

std::string plot_svg(const RunRecord& run, std::string_view title) { return Picture(run, title).draw(); }

}  // namespace gitops::rollout
