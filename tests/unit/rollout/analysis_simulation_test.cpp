// What the sequential tests promise, by simulation: looked at after every batch, they condemn what is good enough, or call
// good what is worse by the margin, in fewer than 5 of 100 runs, and they find what they are for.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "core/rollout/analysis/analysis_e_values.hpp"

using namespace gitops::rollout;

namespace {

constexpr int k_runs = 2000;
const double k_log_needed = std::log(20.0);

using Random = std::mt19937_64;

Tally trials(Random& random, double count, double success) {
    const double successes = std::binomial_distribution<int>(static_cast<int>(count), success)(random);
    return {successes, count - successes};
}

using Batches = std::function<Counters(Random&, int tick)>;

struct Outcome {
    double condemned = 0;         ///< share of the runs in which E_worse was enough at any look
    double called_good = 0;       ///< the same of E_good
    double samples_to_worse = 0;  ///< median of those runs: trials of the canary
    double samples_to_good = 0;
};

double median(std::vector<double>& values) {
    if (values.empty()) return 0;
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

/// Both e-values are watched to the end, or until both were enough: no stop at one hides an error of the other.
Outcome simulate(const SequentialTest& test, int ticks, const Batches& batches) {
    Random random(20'261'128);
    std::vector<double> worse, good;
    for (int run = 0; run < k_runs; ++run) {
        Evidence evidence;
        bool is_condemned = false;
        bool is_good = false;
        for (int tick = 0; tick < ticks && !(is_condemned && is_good); ++tick) {
            add_batch(evidence, test, batches(random, tick));
            const double samples = evidence.total.canary.total();
            if (!is_condemned && log_e(test, evidence, Claim::worse) >= k_log_needed) {
                is_condemned = true;
                worse.push_back(samples);
            }
            if (!is_good && log_e(test, evidence, Claim::good) >= k_log_needed) {
                is_good = true;
                good.push_back(samples);
            }
        }
    }
    return {double(worse.size()) / k_runs, double(good.size()) / k_runs, median(worse), median(good)};
}

#define SHOW(outcome) \
    CAPTURE((outcome).condemned, (outcome).called_good, (outcome).samples_to_worse, (outcome).samples_to_good)

SequentialTest floor_99() {
    SequentialTest test;
    test.kind = TestKind::floor;
    test.floor = 0.99;
    test.margin = 0.005;
    return test;
}

SequentialTest test_with(TestKind kind, double margin, double ratio = 0) {
    SequentialTest test;
    test.kind = kind;
    test.margin = margin;
    test.ratio = ratio;
    return test;
}

Outcome with_floor(double success, int ticks) {
    return simulate(floor_99(), ticks, [=](Random& random, int) { return Counters{trials(random, 50, success), {}}; });
}

/// 1000 requests in each tick, five ticks at each of 5, 10, 25 and 50 %; errors of the baseline 0.5 %, doubled half-way.
Outcome with_ratio(double ratio, int ticks) {
    return simulate(test_with(TestKind::rate_ratio, 1.2, 1.2), ticks, [=](Random& random, int tick) {
        constexpr std::array shares{0.05, 0.1, 0.25, 0.5};
        const double canary = 1000 * shares[std::min<std::size_t>(static_cast<std::size_t>(tick) / 5, 3)];
        const double errors = tick < 10 ? 0.005 : 0.01;
        return Counters{trials(random, canary, 1 - ratio * errors), trials(random, 1000 - canary, 1 - errors)};
    });
}

Outcome with_baseline(double success, double canary, double baseline, int ticks) {
    return simulate(test_with(TestKind::two_proportions, 0.02), ticks, [=](Random& random, int) {
        return Counters{trials(random, canary, success), trials(random, baseline, 0.92)};
    });
}

Outcome with_pairs(double losing, int ticks) {
    return simulate(test_with(TestKind::paired, 0.1), ticks,
                    [=](Random& random, int) { return Counters{trials(random, 10, 1 - losing), {}}; });
}

}  // namespace

TEST_CASE("a floor: errors stay bounded on both boundaries, at 60 looks", "[analysis][simulation]") {
    const auto on_floor = with_floor(0.99, 60);
    SHOW(on_floor);
    CHECK(on_floor.condemned < 0.05);
    const auto below = with_floor(0.985, 60);
    CHECK(below.called_good < 0.05);
}

TEST_CASE("a floor: good and bad canaries are told apart", "[analysis][simulation]") {
    const auto clean = with_floor(0.999, 60);
    SHOW(clean);
    CHECK(clean.called_good > 0.95);
    CHECK(clean.samples_to_good < 500);
    CHECK(clean.condemned < 0.005);
    const auto bad = with_floor(0.95, 60);
    CHECK(bad.condemned > 0.99);
    CHECK(bad.samples_to_worse < 300);
    CHECK(bad.called_good < 0.005);
    const auto subtle = with_floor(0.98, 100);
    CHECK(subtle.condemned > 0.9);
    CHECK(subtle.called_good < 0.05);
}

TEST_CASE("a ratio: errors stay bounded while weights and the base rate change", "[analysis][simulation]") {
    const auto tolerated = with_ratio(1.2, 20);
    SHOW(tolerated);
    CHECK(tolerated.condemned < 0.05);
    const auto doubled = with_ratio(2.4, 20);
    CHECK(doubled.called_good < 0.05);
}

TEST_CASE("a ratio: a threefold error rate is found by the 25 % stage", "[analysis][simulation]") {
    const auto threefold = with_ratio(3, 15);
    SHOW(threefold);
    CHECK(threefold.condemned > 0.9);
    const auto tenfold = with_ratio(10, 5);
    CHECK(tenfold.condemned > 0.9);
    const auto same = with_ratio(1, 40);
    CHECK(same.called_good > 0.9);
    CHECK(same.condemned < 0.01);
}

TEST_CASE("two proportions: an equal canary is rarely condemned, with equal and unequal arms", "[analysis][simulation]") {
    const auto equal = with_baseline(0.92, 100, 100, 50);
    SHOW(equal);
    CHECK(equal.condemned < 0.05);
    CHECK(with_baseline(0.92, 10, 190, 50).condemned < 0.05);
}

TEST_CASE("two proportions: one that is worse by the margin is rarely called good", "[analysis][simulation]") {
    const auto boundary = with_baseline(0.90, 100, 100, 50);
    SHOW(boundary);
    CHECK(boundary.called_good < 0.05);
    CHECK(with_baseline(0.90, 10, 190, 50).called_good < 0.05);
}

TEST_CASE("two proportions: a drop of accuracy is found", "[analysis][simulation]") {
    const auto two_points = with_baseline(0.90, 100, 100, 80);
    SHOW(two_points);
    CHECK(two_points.condemned > 0.9);
    const auto seven_points = with_baseline(0.85, 100, 100, 30);
    CHECK(seven_points.condemned > 0.99);
    CHECK(seven_points.samples_to_worse < 600);
}

TEST_CASE("two proportions: an equal canary is called good", "[analysis][simulation]") {
    const auto equal = with_baseline(0.92, 100, 100, 80);
    SHOW(equal);
    CHECK(equal.called_good > 0.8);
}

TEST_CASE("paired answers: errors stay bounded, and a losing canary is found", "[analysis][simulation]") {
    const auto equal = with_pairs(0.5, 60);
    SHOW(equal);
    CHECK(equal.condemned < 0.05);
    CHECK(equal.called_good > 0.9);
    const auto limit = with_pairs(0.6, 60);
    CHECK(limit.called_good < 0.05);
    const auto losing = with_pairs(0.7, 30);
    CHECK(losing.condemned > 0.9);
    CHECK(losing.samples_to_worse < 100);
}
