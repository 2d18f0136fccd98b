// The journal of a rollout: one entry for each decision, with every check that led to it, so that "why" can be
// answered long after.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::rollout {

enum class Verdict { pass, fail, no_data, unreachable, inconclusive };
std::string_view verdict_name(Verdict verdict);  ///< "pass", "fail", "noData", "unreachable", "inconclusive"

/// One check of one tick: a metric, or a hook (then without query and value).
struct CheckResult {
    std::string name;
    Verdict verdict = Verdict::pass;
    std::optional<double> value{};
    Range range{};
    std::string query{};
    std::string detail{};  ///< why, for people: "97.20 < 99.00", "no series matches", "needs about 120 more samples"
};

enum class EntryKind { phase, advance, halt, rollback, promote, gate, command, note };
std::string_view entry_kind_name(EntryKind kind);  ///< "phase", "advance", "halt", ...

struct JournalEntry {
    base::Time at{};
    int tick = 0;              ///< of the run, from 0
    std::string phase{};       ///< after the decision: "Progressing"
    int weight = 0;            ///< of the canary after the decision, percent
    EntryKind kind = EntryKind::note;
    std::string message{};     ///< one sentence for people
    std::vector<CheckResult> checks{};
};

/// One run, from the detection of a revision to its end.
struct RunRecord {
    int number = 0;  ///< from 1
    std::string from_revision{}, to_revision{};
    std::string from_image{}, to_image{};  ///< of the first container that differs, for people
    base::Time started_at{};
    std::optional<base::Time> ended_at{};
    std::string outcome{};  ///< "Succeeded", "Failed", "" while it runs
    std::string reason{};
    std::vector<JournalEntry> entries{};
};

doc::Value to_value(const CheckResult& check);
doc::Value to_value(const JournalEntry& entry);
doc::Value to_value(const RunRecord& run);
RunRecord read_run(const doc::Value& value);

}  // namespace gitops::rollout
