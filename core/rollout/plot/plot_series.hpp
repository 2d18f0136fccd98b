// What there is to draw of a run, before anybody knows whether with ink or with letters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rollout/journal.hpp"

namespace gitops::rollout {

struct PlotPoint {
    base::Time at{};
    std::optional<double> value{};
    Verdict verdict = Verdict::pass;
};

/// One check over the run.
struct PlotPanel {
    std::string name;
    bool is_hook = false;
    Range range{};  ///< as last asked for
    std::vector<PlotPoint> points{};
    int not_passed = 0;
};

struct WeightStep {
    base::Time at{};
    int weight = 0;
};

/// A decision that changed something. The same halt again and again is one.
struct PlotMark {
    int number = 0;  ///< from 1
    base::Time at{};
    int weight = 0;
    EntryKind kind = EntryKind::note;
    std::string message{};
    int times = 1;
};

struct PlotSeries {
    base::Time begin{};
    base::Time end{};  ///< later than begin
    std::vector<WeightStep> weights{};  ///< the first at begin, only changes
    std::vector<PlotPanel> metrics{};
    std::vector<PlotPanel> hooks{};
    std::vector<PlotMark> marks{};
    std::size_t panels_left_out = 0;
    std::size_t marks_left_out = 0;  ///< between the first and the last ones
};
PlotSeries plot_series(const RunRecord& run);

struct Scale {
    double low = 0, high = 1;         ///< high > low, both finite
    double step = 1;
    std::vector<double> ticks{};      ///< round numbers within
};
/// Room for all values and limits of the panel, and some air around them.
Scale scale_of(const PlotPanel& panel, int most_ticks);
/// The number of a tick, with as many decimals as the step has.
std::string tick_text(double tick, double step);
/// Round times since the start, the first 0.
std::vector<base::Duration> time_ticks(base::Duration span, int most);

/// "5 halts, the last: ..." or the message.
std::string mark_text(const PlotMark& mark);
/// "predictor:v1", or the revision where no image is known.
std::string from_text(const RunRecord& run);
std::string to_text(const RunRecord& run);
/// "Succeeded", "Failed", "under way".
std::string outcome_text(const RunRecord& run);

}  // namespace gitops::rollout
