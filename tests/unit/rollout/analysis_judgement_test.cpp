#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/analysis/analysis.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

MetricCheck check_of(MetricKind kind, std::map<std::string, double> settings, std::map<std::string, std::string> queries = {}) {
    MetricCheck check{.name = "accuracy", .interval = "", .range = {}};
    check.kind = kind;
    check.settings = std::move(settings);
    check.queries = std::move(queries);
    return check;
}

SequentialTest floor_99(double min_samples = 0) {
    auto test = tests_of(check_of(MetricKind::proportion, {{"floor", 0.99}, {"minSamples", min_samples}})).front();
    return test;
}

Judgement judged(const SequentialTest& test, const std::vector<Counters>& batches, const Outlook& outlook = {}) {
    Evidence evidence;
    for (const auto& batch : batches) add_batch(evidence, test, batch);
    return weigh(test, evidence, outlook);
}

std::string told(const SequentialTest& test, const std::vector<Counters>& batches, const Outlook& outlook = {}) {
    const auto judgement = judged(test, batches, outlook);
    return std::string(conclusion_name(judgement.conclusion)) + ": " + judgement.sentence;
}

std::string refusal(const MetricCheck& check) {
    try {
        tests_of(check);
    } catch (const base::Error& error) {
        return error.message();
    }
    return "accepted";
}

SequentialTest against_baseline() {
    return tests_of(check_of(MetricKind::proportion, {{"floor", 0.5}}, {{"baselineGood", "a"}, {"baselineTotal", "b"}})).back();
}

std::vector<Counters> times(std::size_t count, const Counters& batch) { return std::vector<Counters>(count, batch); }

}  // namespace

TEST_CASE("the tests of a check", "[analysis]") {
    CHECK(tests_of(check_of(MetricKind::threshold, {})).empty());
    const auto floor = tests_of(check_of(MetricKind::proportion, {{"floor", 0.99}, {"alpha", 0.01}, {"minSamples", 500}}));
    REQUIRE(floor.size() == 1);
    CHECK(test_name(floor[0].kind) == "floor");
    CHECK(floor[0].floor == 0.99);
    CHECK(floor[0].margin == Approx(0.005));
    CHECK(floor[0].alpha == 0.01);
    CHECK(floor[0].beta == 0.05);
    CHECK(floor[0].min_samples == 500);

    const auto both = tests_of(check_of(MetricKind::proportion, {{"floor", 0.9}}, {{"baselineGood", "a"}, {"baselineTotal", "b"}}));
    REQUIRE(both.size() == 2);
    CHECK(test_name(both[1].kind) == "baseline");
    CHECK(both[1].margin == 0.02);

    const auto latency = tests_of(check_of(MetricKind::latency, {{"quantile", 0.95}, {"bucket", 0.5}}));
    REQUIRE(latency.size() == 1);
    CHECK(latency[0].floor == 0.95);
    CHECK(latency[0].bucket == 0.5);

    const auto ratio = tests_of(check_of(MetricKind::ratio, {{"ratio", 1.5}})).front();
    CHECK(ratio.ratio == 1.5);
    CHECK(ratio.margin == 1.5);
    CHECK(tests_of(check_of(MetricKind::ratio, {})).front().ratio == 1.2);
    CHECK(tests_of(check_of(MetricKind::paired, {})).front().margin == 0.1);
}

TEST_CASE("settings out of their bounds", "[analysis]") {
    CHECK(refusal(check_of(MetricKind::proportion, {})) == "metric accuracy: floor is missing");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 99}})) ==
          "metric accuracy: floor is 99; it has to be above 0 and below 1");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 0.9}, {"margin", 0.95}})) ==
          "metric accuracy: margin is 0.95; it has to be above 0 and below 0.9");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 0.9}, {"margin", 0}})) ==
          "metric accuracy: margin is 0; it has to be above 0 and below 0.9");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 0.9}, {"alpha", 5}})) ==
          "metric accuracy: alpha is 5; it has to be above 0 and below 1");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 0.9}, {"minSamples", -1}})) ==
          "metric accuracy: minSamples is -1; it has to be a number of samples");
    CHECK(refusal(check_of(MetricKind::latency, {{"floor", 0.9}, {"quantile", 0.99}})) ==
          "metric accuracy: floor is 0.9; it has to be the quantile, 0.99");
    CHECK(refusal(check_of(MetricKind::proportion, {{"floor", 0.9}}, {{"baselineGood", "a"}})) ==
          "metric accuracy: baselineGood and baselineTotal belong together");
    CHECK(refusal(check_of(MetricKind::ratio, {{"ratio", 0}})) ==
          "metric accuracy: ratio is 0; it has to be above 0 and below 1000");
    CHECK(refusal(check_of(MetricKind::paired, {{"margin", 0.5}})) ==
          "metric accuracy: margin is 0.5; it has to be above 0 and below 0.5");
}

TEST_CASE("a floor, judged", "[analysis]") {
    const auto test = floor_99();
    CHECK(told(test, {}) == "goOn: nothing to judge yet, needs about 300");
    CHECK(told(test, {{{50, 0}, {}}}) ==
          "goOn: 100.0 % of 50 (95 %: 92.9-100.0 %), floor 99.0 %: undecided, needs about 250 more");
    CHECK(told(test, {{{400, 0}, {}}}) == "good: 100.0 % of 400 (95 %: 99.0-100.0 %), floor 99.0 %: good (E=70 >= 20)");
    CHECK(told(test, {{{5100, 92}, {}}}) ==
          "rollBack: 98.2 % of 5,192 (95 %: 97.8-98.6 %), floor 99.0 %: worse (E=1,533 >= 20)");
    CHECK(told(test, {{{980, 20}, {}}}) ==
          "goOn: 98.0 % of 1,000 (95 %: 96.9-98.7 %), floor 99.0 %: undecided, about 1,100 more like these would roll back");
    CHECK(told(test, {{{5000, 5000}, {}}}) ==
          "rollBack: 50.0 % of 10,000 (95 %: 49.0-51.0 %), floor 99.0 %: worse (E=1,000,000+ >= 20)");
    auto latency = test;
    latency.bucket = 0.25;
    CHECK(told(latency, {{{5100, 92}, {}}}) ==
          "rollBack: 98.2 % of 5,192 within 0.25 (95 %: 97.8-98.6 %), floor 99.0 %: worse (E=1,533 >= 20)");
    auto fine = test;
    fine.floor = 0.9995;
    fine.margin = 0.0002;
    CHECK(told(fine, {{{99'980, 20}, {}}}) ==
          "good: 99.980 % of 100,000 (95 %: 99.969-99.987 %), floor 99.950 %: good (E=1,000,000+ >= 20)");
}

TEST_CASE("samples that are asked for, and samples that can come", "[analysis]") {
    CHECK(told(floor_99(500), {{{400, 0}, {}}}) ==
          "goOn: 100.0 % of 400 (95 %: 99.0-100.0 %), floor 99.0 %: needs about 100 more, 500 at least");
    CHECK(told(floor_99(500), {{{200, 200}, {}}}) ==
          "goOn: 50.0 % of 400 (95 %: 45.1-54.9 %), floor 99.0 %: needs about 100 more, 500 at least");
    CHECK(told(floor_99(500), {{{250, 250}, {}}}) ==
          "rollBack: 50.0 % of 500 (95 %: 45.6-54.4 %), floor 99.0 %: worse (E=1,000,000+ >= 20)");
    CHECK(told(floor_99(), {{{99, 1}, {}}}, {.samples_to_come = 300}) ==
          "goOn: 99.0 % of 100 (95 %: 94.6-99.8 %), floor 99.0 %: underpowered: needs about 4,500 more, about 300 can come");
    CHECK(told(floor_99(), {{{99, 1}, {}}}, {.samples_to_come = 0}) ==
          "goOn: 99.0 % of 100 (95 %: 94.6-99.8 %), floor 99.0 %: underpowered: needs about 4,500 more, none can come");
    CHECK(told(floor_99(), {{{99, 1}, {}}}, {.samples_to_come = 5000}) ==
          "goOn: 99.0 % of 100 (95 %: 94.6-99.8 %), floor 99.0 %: undecided, needs about 4,500 more");
}

TEST_CASE("several tests ask for more evidence each before one rolls back", "[analysis]") {
    const std::vector<Counters> batches{{{967, 27}, {}}};
    CHECK(told(floor_99(), batches) == "rollBack: 97.3 % of 994 (95 %: 96.1-98.1 %), floor 99.0 %: worse (E=308 >= 20)");
    CHECK(told(floor_99(), batches, {.tests_together = 50}) ==
          "goOn: 97.3 % of 994 (95 %: 96.1-98.1 %), floor 99.0 %: undecided, about 130 more like these would roll back");
}

TEST_CASE("a ratio of rates, judged", "[analysis]") {
    const auto test = tests_of(check_of(MetricKind::ratio, {})).front();
    CHECK(told(test, {{{999, 1}, {0, 0}}}) ==
          "goOn: 1 of 1,000, baseline 0 of 0, tolerated 1.2 times: undecided, both sides need requests");
    CHECK(told(test, {{{1000, 0}, {1000, 0}}}) ==
          "goOn: 0 of 1,000, baseline 0 of 1,000, tolerated 1.2 times: undecided, needs about 87,000 more");
    CHECK(told(test, {{{985, 15}, {995, 5}}}) ==
          "goOn: 15 of 1,000, 3.0 times the baseline's 5 of 1,000 (95 %: 1.1-7.9), tolerated 1.2 times: undecided, "
          "about 1,200 more like these would roll back");
    CHECK(told(test, {{{1000 - 40, 40}, {9000 - 90, 90}}}) ==
          "rollBack: 40 of 1,000, 4.0 times the baseline's 90 of 9,000 (95 %: 2.8-5.8), "
          "tolerated 1.2 times: worse (E=1,000,000+ >= 20)");
    CHECK(told(test, {{{10'000 - 50, 50}, {10'000 - 50, 50}}}) ==
          "good: 50 of 10,000, 1.0 times the baseline's 50 of 10,000 (95 %: 0.7-1.5), "
          "tolerated 1.2 times: good (E=2,596 >= 20)");
    CHECK(told(test, {{{48, 2}, {942, 8}}}, {.samples_to_come = 500}) ==
          "goOn: 2 of 50, 4.8 times the baseline's 8 of 950 (95 %: 1.1-19.8), tolerated 1.2 times: undecided, "
          "about 130 more like these would roll back");
    CHECK(told(test, {{{985, 15}, {1000, 0}}}) ==
          "rollBack: 15 of 1,000, baseline 0 of 1,000, tolerated 1.2 times: worse (E=569 >= 20)");
}

TEST_CASE("what cannot be found out", "[analysis]") {
    auto test = floor_99();
    test.floor = 1 - 1e-10;
    test.margin = 1e-11;
    CHECK(told(test, {{{100, 0}, {}}}) ==
          "goOn: 100.000000 % of 100 (95 %: 96.300650-100.000000 %), "
          "floor 100.000000 %: underpowered: more of the same would not settle it");
}

TEST_CASE("two proportions, judged", "[analysis]") {
    const auto test = against_baseline();
    CHECK(told(test, times(1, {{92, 8}, {0, 0}})) ==
          "goOn: 92.0 % of 100 (95 %: 85.0-95.9 %), baseline not seen yet: undecided, both sides need requests");
    CHECK(told(test, times(5, {{92, 8}, {92, 8}})) ==
          "goOn: 92.0 % of 500 (95 %: 89.3-94.1 %), baseline 92.0 %: undecided, needs about 2,500 more");
    CHECK(told(test, times(40, {{92, 8}, {92, 8}})) ==
          "good: 92.0 % of 4,000 (95 %: 91.1-92.8 %), baseline 92.0 %: good (E=67 >= 20)");
    CHECK(told(test, times(10, {{85, 15}, {92, 8}})) ==
          "rollBack: 85.0 % of 1,000 (95 %: 82.7-87.1 %), baseline 92.0 %: worse (E=13,861 >= 20)");
}

TEST_CASE("paired answers, judged", "[analysis]") {
    const auto test = tests_of(check_of(MetricKind::paired, {})).front();
    CHECK(told(test, {}) == "goOn: nothing to judge yet");
    CHECK(told(test, {{{28, 62}, {}}}) ==
          "rollBack: loses 62 of 90 disagreements (95 %: 58.7-77.5 %): worse (E=223 >= 20)");
    CHECK(told(test, {{{60, 50}, {}}}) == "good: loses 50 of 110 disagreements (95 %: 36.5-54.8 %): good (E=32 >= 20)");
    CHECK(told(test, {{{5, 5}, {}}}) ==
          "goOn: loses 5 of 10 disagreements (95 %: 23.7-76.3 %): undecided, needs about 210 more");
}

TEST_CASE("the samples that are needed are those that decide", "[analysis]") {
    SECTION("a floor") {
        const auto test = floor_99();
        for (const auto& seen : {Tally{50, 0}, Tally{399, 1}, Tally{196, 4}, Tally{0, 0}}) {
            const auto now = judged(test, {{seen, {}}});
            const bool is_bad = now.until_worse && (!now.needed || *now.until_worse < *now.needed);
            const double more = is_bad ? *now.until_worse : now.needed.value();
            const double rate = now.estimate.value_or(1);
            const auto then = [&](double count) {
                return judged(test, {{{seen.successes + count * rate, seen.failures + count * (1 - rate)}, {}}}).conclusion;
            };
            CAPTURE(seen.successes, seen.failures, more);
            CHECK(then(more) == (is_bad ? Conclusion::roll_back : Conclusion::good));
            CHECK(then(more - 1) == Conclusion::go_on);
        }
    }
    SECTION("a ratio at steady weights") {
        const auto test = tests_of(check_of(MetricKind::ratio, {})).front();
        const Counters batch{{99, 1}, {99, 1}};
        const auto needed = judged(test, times(3, batch)).needed;
        REQUIRE(needed);
        const auto ticks = static_cast<std::size_t>(*needed / 100);
        CHECK(judged(test, times(3 + ticks, batch)).conclusion == Conclusion::go_on);
        CHECK(judged(test, times(4 + ticks, batch)).conclusion == Conclusion::good);
    }
    SECTION("two proportions, as the guesses do not get much better") {
        const auto test = against_baseline();
        const Counters batch{{88, 12}, {92, 8}};
        const auto until_worse = judged(test, times(5, batch)).until_worse;
        REQUIRE(until_worse);
        const auto ticks = static_cast<std::size_t>(*until_worse / 100);
        CHECK(judged(test, times(5 + ticks - 1, batch)).conclusion == Conclusion::go_on);
        CHECK(judged(test, times(5 + ticks + 2, batch)).conclusion == Conclusion::roll_back);
    }
}

TEST_CASE("a judgement as a document", "[analysis]") {
    const auto ratio = tests_of(check_of(MetricKind::ratio, {})).front();
    CHECK(doc::write_json(to_value(judged(floor_99(), {{{0, 500}, {}}}))) ==
          R"j({"conclusion":"rollBack","samples":500,"estimate":0,"baseline":null,)j"
          R"j("interval":{"low":0,"high":0.00762434},)j"
          R"j("eWorse":1000000,"eGood":0.001996,"neededE":20,"needed":null,"untilWorse":null,)j"
          R"j("underpowered":false,"sentence":"0.0 % of 500 (95 %: 0.0-0.8 %), floor 99.0 %: worse (E=1,000,000+ >= 20)"})j");
    CHECK(doc::write_json(to_value(judged(floor_99(), {}))) ==
          R"j({"conclusion":"goOn","samples":0,"estimate":null,"baseline":null,)j"
          R"j("interval":null,)j"
          R"j("eWorse":1,"eGood":1,"neededE":20,"needed":299,"untilWorse":null,)j"
          R"j("underpowered":false,"sentence":"nothing to judge yet, needs about 300"})j");
    CHECK(doc::write_json(to_value(judged(ratio, {{{985, 15}, {1000, 0}}}))) ==
          R"j({"conclusion":"rollBack","samples":1000,"estimate":null,"baseline":0,)j"
          R"j("interval":{"low":3.90477,"high":null},)j"
          R"j("eWorse":569.3,"eGood":0.08347,"neededE":20,"needed":null,"untilWorse":null,)j"
          R"j("underpowered":false,"sentence":"15 of 1,000, baseline 0 of 1,000, tolerated 1.2 times: worse (E=569 >= 20)"})j");
    CHECK(verdict_of(Conclusion::roll_back) == Verdict::fail);
    CHECK(verdict_of(Conclusion::good) == Verdict::pass);
    CHECK(verdict_of(Conclusion::go_on) == Verdict::inconclusive);
}
