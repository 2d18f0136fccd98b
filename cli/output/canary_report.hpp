// How a canary stands and what became of its runs, as text and as JSON: `canary status`, `list`, `history` and what
// `canary run` tells while it works.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/output/table.hpp"
#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/journal.hpp"
#include "core/rollout/plot/plot.hpp"
#include "core/rollout/state.hpp"

namespace gitops::cli {

/// A Deployment or DaemonSet as it is in the cluster.
struct WorkloadCounts {
    std::string kind;
    std::string name;
    int wanted = 0;
    int ready = 0;
    std::string image{};   ///< of the container that matters
    std::string reason{};  ///< why it is not ready, "" when it is
};

/// What a report about one canary is made of.
struct CanaryView {
    std::string name;
    std::string ns;
    rollout::CanarySpec spec;
    rollout::CanaryState state;
    std::optional<WorkloadCounts> target{};   ///< nullopt: not there, or not looked at
    std::optional<WorkloadCounts> primary{};
    std::string route{};                      ///< "VirtualService yield-predictor"; "" when there is none
    std::optional<rollout::Split> routed{};   ///< as it is routed; nullopt when not looked at
    std::optional<rollout::RunRecord> run{};  ///< the current or last one
    base::Time now{};
};

struct ReportStyle {
    rollout::Glyphs glyphs = rollout::Glyphs::unicode;
    Paint paint = Paint::no;
    std::size_t width = 80;  ///< columns; only what is free text is shortened
};

/// One screen: how the canary stands, and a tree of its objects, checks and hooks.
std::string canary_tree(const CanaryView& view, const ReportStyle& style = {});

/// NAME NAMESPACE PHASE WEIGHT CHECKS REVISION AGE; the age is that of the run.
Table canary_table(std::span<const CanaryView> views);
/// {name, namespace, dialect, strategy, provider, phase, weight, failedChecks, stage|null, streak|null, paused,
/// revision: {primary|null, canary|null}, startedAt|null, message|null}
doc::Value canary_value(const CanaryView& view);
/// The same with checks: [{name, hook|null, verdict|null, value|null, min|null, max|null, query|null, detail|null, at|null}],
/// workloads: [{role, kind, name, ready, wanted, image|null, reason|null}] and run|null (see rollout::to_value).
doc::Value canary_status_value(const CanaryView& view);

/// RUN STARTED DURATION FROM TO OUTCOME REASON, in the order given; what is not over lasts until `now`.
Table history_table(std::span<const rollout::RunRecord> runs, base::Time now);
std::string history_text(std::span<const rollout::RunRecord> runs, base::Time now, Paint paint = Paint::no);
/// {number, fromRevision|null, toRevision|null, fromImage|null, toImage|null, startedAt, endedAt|null, durationSeconds|null,
/// outcome|null, reason|null}: a run without its entries.
doc::Value history_value(const rollout::RunRecord& run);

/// One run: a line about it, and TIME TICK PHASE WEIGHT DECISION MESSAGE with the checks below each decision.
std::string journal_text(const rollout::RunRecord& run, const ReportStyle& style = {});

/// One decision on one line, without line break:
/// "00:01:20   10 %  advance   success-rate 99.60 >= 99, latency-p99 125 <= 150 (canary weight 10)".
std::string event_line(const rollout::JournalEntry& entry, base::Time started_at, const ReportStyle& style = {});

/// The colors of rollout::plot_text().
rollout::Painter plot_painter(Paint paint);
/// Unicode when the first of LC_ALL, LC_CTYPE and LANG that is not empty says UTF-8.
rollout::Glyphs glyphs_for(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang);

}  // namespace gitops::cli
