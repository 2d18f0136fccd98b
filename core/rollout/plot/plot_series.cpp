#include "core/rollout/plot/plot_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/rollout/check_text.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;

constexpr std::size_t k_most_panels = 12, k_most_hooks = 12;
constexpr std::size_t k_marks_at_each_end = 18;
constexpr double k_largest = 1e15;  ///< beyond it a value is drawn as infinite

constexpr std::int64_t k_second = 1000, k_minute = 60 * k_second, k_hour = 60 * k_minute, k_day = 24 * k_hour;
constexpr std::array<std::int64_t, 26> k_time_steps{
    100,           200,           500,           k_second,      2 * k_second,  5 * k_second, 10 * k_second, 15 * k_second, 20 * k_second,
    30 * k_second, k_minute,      2 * k_minute,  5 * k_minute,  10 * k_minute, 15 * k_minute, 20 * k_minute, 30 * k_minute, k_hour,
    2 * k_hour,    3 * k_hour,    6 * k_hour,    12 * k_hour,   k_day,         2 * k_day,    7 * k_day,     14 * k_day};

class Reader {
  public:
    explicit Reader(PlotSeries& series) : m_series(series) {}

    void add(const JournalEntry& entry) {
        if (m_series.weights.back().weight != entry.weight) m_series.weights.push_back({entry.at, entry.weight});
        add_mark(entry);
        std::map<std::string_view, int> seen;
        for (const auto& check : entry.checks) add_check(check, ++seen[check.name], entry.at);
        m_phase = entry.phase;
        m_weight = entry.weight;
    }

  private:
    bool changes_something(const JournalEntry& entry) const {
        switch (entry.kind) {
            case EntryKind::note: return false;
            case EntryKind::phase:
            case EntryKind::advance: return entry.phase != m_phase || entry.weight != m_weight;
            case EntryKind::halt:
            case EntryKind::rollback:
            case EntryKind::promote:
            case EntryKind::gate:
            case EntryKind::command: return true;
        }
        return false;
    }

    void add_mark(const JournalEntry& entry) {
        if (!changes_something(entry)) {
            m_goes_on = false;
            return;
        }
        const bool repeats = entry.kind == EntryKind::halt || entry.kind == EntryKind::gate;
        auto& marks = m_series.marks;
        auto cause = repeats ? cause_of(entry) : std::string();
        if (repeats && m_goes_on && marks.back().kind == entry.kind && cause == m_cause) {
            ++marks.back().times;
            marks.back().message = entry.message;
            return;
        }
        marks.push_back({static_cast<int>(marks.size()) + 1, entry.at, entry.weight, entry.kind, entry.message});
        m_goes_on = true;
        m_cause = std::move(cause);
    }

    /// What did not pass, and how.
    static std::string cause_of(const JournalEntry& entry) {
        std::string cause;
        for (const auto& check : entry.checks)
            if (check.verdict != Verdict::pass) cause += fmt::format("{} {}\n", verdict_name(check.verdict), check.name);
        return cause;
    }

    void add_check(const CheckResult& check, int occurrence, base::Time at) {
        const bool hook = is_hook(check);
        auto name = occurrence == 1 ? check.name : fmt::format("{} ({})", check.name, occurrence);
        auto& panels = hook ? m_series.hooks : m_series.metrics;
        auto found = std::ranges::find(panels, name, &PlotPanel::name);
        if (found == panels.end()) {
            if (panels.size() == (hook ? k_most_hooks : k_most_panels)) {
                m_left_out[std::move(name)] = true;
                m_series.panels_left_out = m_left_out.size();
                return;
            }
            found = panels.insert(panels.end(), {std::move(name), hook, {}, {}, 0});
        }
        const Range range{finite(check.range.min), finite(check.range.max)};
        if (range.min || range.max) found->range = range;
        const bool is_number = check.value && !std::isnan(*check.value);
        found->points.push_back({at, is_number ? check.value : std::nullopt, check.verdict});
        found->not_passed += check.verdict == Verdict::pass ? 0 : 1;
    }

    /// An infinite limit is none.
    static std::optional<double> finite(const std::optional<double>& bound) {
        return bound && std::isfinite(*bound) ? bound : std::nullopt;
    }

    PlotSeries& m_series;
    std::string m_phase;
    int m_weight = 0;
    bool m_goes_on = false;
    std::string m_cause;
    std::map<std::string, bool> m_left_out;
};

void keep_both_ends(PlotSeries& series) {
    auto& marks = series.marks;
    if (marks.size() <= 2 * k_marks_at_each_end) return;
    series.marks_left_out = marks.size() - 2 * k_marks_at_each_end;
    const auto first = marks.begin() + static_cast<std::ptrdiff_t>(k_marks_at_each_end);
    marks.erase(first, first + static_cast<std::ptrdiff_t>(series.marks_left_out));
}

/// 1, 2 or 5 times a power of ten, at least `wanted`.
double round_step(double wanted) {
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= wanted * (1 - 1e-9)) return factor * power;
    return 10 * power;
}

std::string version_text(const std::string& image, const std::string& revision) {
    if (!image.empty()) return short_image(image);
    return revision.empty() ? "unknown" : revision;
}

bool is_drawable(const std::optional<double>& value) { return value && std::abs(*value) < k_largest; }

}  // namespace

PlotSeries plot_series(const RunRecord& run) {
    auto entries = run.entries;
    std::ranges::stable_sort(entries, {}, &JournalEntry::at);
    PlotSeries series;
    series.begin = series.end = run.started_at;
    if (!entries.empty()) {
        series.begin = std::min(series.begin, entries.front().at);
        series.end = std::max(series.end, entries.back().at);
    }
    if (run.ended_at) series.end = std::max(series.end, *run.ended_at);
    if (series.end == series.begin) series.end += Duration(k_second);
    series.weights.push_back({series.begin, 0});
    Reader reader(series);
    for (const auto& entry : entries) reader.add(entry);
    keep_both_ends(series);
    return series;
}

Scale scale_of(const PlotPanel& panel, int most_ticks) {
    constexpr double air = 0.12;
    double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
    const auto include = [&](const std::optional<double>& value) {
        if (!is_drawable(value)) return;
        low = std::min(low, *value);
        high = std::max(high, *value);
    };
    for (const auto& point : panel.points) include(point.value);
    include(panel.range.min);
    include(panel.range.max);
    if (low > high) low = 0, high = 1;
    const bool is_positive = low >= 0;
    // Too near together to tell apart: as if they differed by a hundredth.
    const double least = std::max(std::abs(low), std::abs(high)) * 0.01;
    const double span = std::max({high - low, least, 1e-6});
    const double middle = (low + high) / 2;
    low = std::min(low, middle - span / 2) - span * air;
    high = std::max(high, middle + span / 2) + span * air;
    if (is_positive) low = std::max(low, 0.0);
    Scale scale{low, high, round_step((high - low) / most_ticks), {}};
    for (auto index = std::ceil(low / scale.step); index * scale.step <= high; ++index) scale.ticks.push_back(index * scale.step);
    return scale;
}

std::string tick_text(double tick, double step) {
    const int decimals = std::clamp(-static_cast<int>(std::floor(std::log10(step) + 1e-9)), 0, 9);
    if (std::abs(tick) >= 1e6) return fmt::format("{:.4g}", tick);
    const auto text = fmt::format("{:.{}f}", tick, decimals);
    return std::abs(tick) < step / 2 ? text.substr(text.front() == '-' ? 1 : 0) : text;
}

std::vector<Duration> time_ticks(Duration span, int most) {
    auto step = k_time_steps.back();
    for (const auto candidate : k_time_steps) {
        if (span.count() / candidate > most) continue;
        step = candidate;
        break;
    }
    while (span.count() / step > most) step *= 2;
    std::vector<Duration> ticks;
    for (std::int64_t at = 0; at <= span.count(); at += step) ticks.emplace_back(at);
    return ticks;
}

std::string mark_text(const PlotMark& mark) {
    if (mark.times == 1) return mark.message;
    return fmt::format("{} times, the last: {}", mark.times, mark.message);
}

std::string from_text(const RunRecord& run) { return version_text(run.from_image, run.from_revision); }
std::string to_text(const RunRecord& run) { return version_text(run.to_image, run.to_revision); }
std::string outcome_text(const RunRecord& run) { return run.outcome.empty() ? "under way" : run.outcome; }

}  // namespace gitops::rollout
