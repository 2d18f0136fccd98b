// Sequential analysis: tests of a canary that may be looked at after every tick and stopped at any of them, from counters alone.
//
// Overview: a SequentialTest says what is claimed (tests_of() reads it from a MetricCheck); Evidence is what is known so far
// and is carried from tick to tick by advance(); weigh() turns it into a Judgement with a sentence for people.
//
// Each test keeps two e-values, which under their null hypothesis are non-negative and have mean 1 at most at every look:
// E_worse against "the canary is as good as it must be", E_good against "it is worse than that by the margin". By Ville's
// inequality (Ville 1939) one that ever reaches 1/a does so by chance with probability a at most, at any number of looks.
// So E_worse >= m/alpha rolls back (m tests judged together: Bonferroni), E_good >= 1/beta counts as good, and all else
// goes on. A promotion asks every test for its E_good, which needs no correction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/journal.hpp"

namespace gitops::rollout {

enum class TestKind {
    floor,            ///< successes of trials against a floor p0, and against p0 - margin; also latency, by a bucket's count
    rate_ratio,       ///< rare events: the canary's rate is at most `ratio` times the baseline's; good: less than ratio + margin
    two_proportions,  ///< the canary succeeds at least as often as the baseline; good: less than `margin` below it
    paired,           ///< both answered the same: of the disagreements the canary loses at most half; good: less than 1/2 + margin
};
std::string_view test_name(TestKind kind);  ///< "floor", "ratio", "baseline", "paired": keys of stored evidence

struct SequentialTest {
    TestKind kind = TestKind::floor;
    double floor = 0;   ///< p0; only of TestKind::floor
    double margin = 0;  ///< above 0, in the unit of what is compared
    double ratio = 0;   ///< tolerated; only of TestKind::rate_ratio
    double alpha = 0.05;  ///< bound on rolling back what is good enough
    double beta = 0.05;   ///< bound on calling good what is worse by the margin
    double min_samples = 0;           ///< trials of the canary before anything is decided
    std::optional<double> bucket{};   ///< latency: the upper edge `le` whose count is the successes
};

/// The tests of one check: none for a threshold; a proportion or latency with baselineGood and baselineTotal is tested
/// against its floor and against the baseline. Margins that are not given: half of 1 - floor, `ratio` (1.2 when not
/// given) once more, 0.02 below the baseline, 0.1. Error(invalid) naming the metric and the setting that is out of bounds.
std::vector<SequentialTest> tests_of(const MetricCheck& check);

/// Counters as they were read: how many there have been ever.
struct Tally {
    double successes = 0;
    double failures = 0;
    double total() const { return successes + failures; }
};
/// Both sides. A failure of a rate ratio is the rare event; of paired, `canary` alone holds: it alone was right, or wrong.
struct Counters {
    Tally canary{};
    Tally baseline{};
};
/// The queries of MetricCheck a test needs: "good", "total", ...
std::vector<std::string_view> counters_of(TestKind kind);
/// Readings by the names of counters_of(), rounded to whole numbers. nullopt when one is missing, no number, negative, above
/// 1e15, or when there are more successes (or events) than trials.
std::optional<Counters> counters_from(TestKind kind, const std::map<std::string, double>& readings);

/// What came between two readings; nullopt when a counter went backwards (a Pod restarted): what was counted in between
/// cannot be known then, for the sum of several Pods falls to what is mostly old requests.
std::optional<Tally> increment(const Tally& before, const Tally& now);

/// What one test knows. Everything that decides is in here, so that it survives the process: see to_value().
struct Evidence {
    Counters total{};  ///< that were weighed
    Counters last{};   ///< the last batch with trials of the canary: the current rate
    std::vector<double> log_worse{};  ///< ln e per alternative; empty where the totals say it all (floor, paired)
    std::vector<double> log_good{};
    std::optional<Counters> seen{};  ///< the last reading
    int skewed = 0;                  ///< readings in a row that were put off
};

enum class Counted {
    batch,          ///< an increment was weighed, be it nothing
    first_reading,  ///< what was counted before the run is no evidence; the next reading can be compared
    reset,          ///< a counter went backwards: the side it belongs to counts from here on
    put_off,        ///< successes and trials were read at different instants: the next reading settles it
};
std::string_view counted_text(Counted counted);  ///< for people: "counting begins here", ...; "" for a batch

/// One tick: weighs what came since the last reading, in time that does not grow with the trials. `readings` are of
/// counters_from().
Counted advance(Evidence& evidence, const SequentialTest& test, const Counters& readings);
/// The same for an increment that is known already. What would make more than 1e12 trials of a side is left out.
void add_batch(Evidence& evidence, const SequentialTest& test, const Counters& batch);

/// Every double as its shortest decimal that reads back bit for bit. The test is named in it.
doc::Value to_value(const Evidence& evidence, const SequentialTest& test);
/// nullopt for null, and for evidence about another null hypothesis or alternative: a floor that was changed begins anew.
/// Error(invalid) when it was damaged.
std::optional<Evidence> read_evidence(const doc::Value& value, const SequentialTest& test);

enum class Conclusion { roll_back, good, go_on };
std::string_view conclusion_name(Conclusion conclusion);  ///< "rollBack", "good", "goOn"

struct Interval {
    double low = 0;
    double high = 0;
};

/// What the caller knows beside the counters.
struct Outlook {
    int tests_together = 1;                    ///< m: tests that each may roll back
    std::optional<double> samples_to_come{};   ///< trials of the canary until the time is up
};

struct Judgement {
    Conclusion conclusion = Conclusion::go_on;
    double samples = 0;                ///< trials of the canary; paired: disagreements
    std::optional<double> estimate{};  ///< success rate, ratio of rates, or share of disagreements the canary loses
    std::optional<double> baseline{};  ///< the baseline's rate, where there is one
    std::optional<Interval> interval{};  ///< Wilson's, 95 %, of the estimate; of a ratio through the share of its events
    double log_e_worse = 0;
    double log_e_good = 0;
    double e_worse = 1;  ///< capped at 1e6
    double e_good = 1;
    double needed_e = 20;              ///< m/alpha
    std::optional<double> needed{};    ///< more trials until good, if they come as until now; nullopt: never
    std::optional<double> until_worse{};  ///< the same until it is rolled back
    bool underpowered = false;         ///< goes on, and neither can come, or not among the samples to come
    /// Without the metric's name: "98.1 % of 5,200 (95 %: 97.7-98.4 %), floor 99.0 %: worse (E=412 >= 20)".
    std::string sentence{};
};
/// One look. Takes some fractions of a millisecond: the look ahead tries sample sizes.
Judgement weigh(const SequentialTest& test, const Evidence& evidence, const Outlook& outlook = {});
Verdict verdict_of(Conclusion conclusion);  ///< fail, pass, inconclusive
doc::Value to_value(const Judgement& judgement);  ///< rounded for people; infinity is null

/// Wilson's score interval (Wilson 1927) of `successes` in `trials` at `confidence`; nullopt without trials.
std::optional<Interval> wilson_interval(double successes, double trials, double confidence = 0.95);

}  // namespace gitops::rollout
