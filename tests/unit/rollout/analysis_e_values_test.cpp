#include "core/rollout/analysis/analysis_e_values.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

#include "core/rollout/analysis/analysis_special.hpp"

using namespace gitops::rollout;

namespace {

double log_binomial(int n, int k, double p) {
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1) + k * std::log(p) + (n - k) * std::log1p(-p);
}

/// The exact expectation of E for n independent trials.
double mean_of(int n, double success, const std::function<double(double successes, double failures)>& log_value) {
    double mean = 0;
    for (int s = 0; s <= n; ++s) mean += std::exp(log_binomial(n, s, success) + log_value(s, n - s));
    return mean;
}

SequentialTest test_of(TestKind kind, double margin, double ratio = 0) {
    SequentialTest test;
    test.kind = kind;
    test.margin = margin;
    test.ratio = ratio;
    return test;
}

/// The exact expectation of the mean of one batch's factors when both sides succeed at these rates.
double mean_of_batch(int canary, int baseline, double canary_rate, double baseline_rate,
                     const std::function<std::vector<double>(const Counters&)>& log_factors) {
    double mean = 0;
    for (int c = 0; c <= canary; ++c)
        for (int b = 0; b <= baseline; ++b)
            mean += std::exp(log_binomial(canary, c, canary_rate) + log_binomial(baseline, b, baseline_rate) +
                             log_mean_exp(log_factors({{double(c), double(canary - c)}, {double(b), double(baseline - b)}})));
    return mean;
}

}  // namespace

TEST_CASE("evidence against a floor", "[analysis]") {
    // mpmath at 60 digits
    CHECK(log_e_below(0.99, 98, 2) == Approx(-3.00165034087922172).epsilon(1e-10));
    CHECK(log_e_below(0.99, 5100, 100) == Approx(12.2832140915138552).epsilon(1e-10));
    CHECK(log_e_below(0.99, 300, 0) == Approx(-5.70711026474887573).epsilon(1e-10));
    CHECK(log_e_below(0.5, 3, 7) == Approx(0.319004543580822065).epsilon(1e-10));
    CHECK(log_e_below(0.999, 1'000'000, 2000) == Approx(375.697950075201275).epsilon(1e-10));
    CHECK(log_e_below(0.9, 1e9, 2e8) == Approx(25204073.20153467).epsilon(1e-10));
    CHECK(log_e_below(0.985, 0, 0) == Approx(0).margin(1e-12));
    // Without successes the mean over [0, p0] is elementary: (1 - (1-p0)^(f+1)) / ((f+1) p0 (1-p0)^f).
    CHECK(log_e_below(0.9, 0, 4) == Approx(std::log((1 - 1e-5) / (5 * 0.9 * 1e-4))).epsilon(1e-12));
}

TEST_CASE("evidence against a floor has mean 1 on it, and less above", "[analysis]") {
    for (const double floor : {0.5, 0.9, 0.99}) {
        CAPTURE(floor);
        const auto log_value = [&](double s, double f) { return log_e_below(floor, s, f); };
        CHECK(mean_of(200, floor, log_value) == Approx(1).epsilon(1e-9));
        CHECK(mean_of(200, floor + (1 - floor) / 2, log_value) < 1);
        CHECK(mean_of(200, floor * 0.9, log_value) > 5);
    }
}

TEST_CASE("evidence for a canary swaps the roles", "[analysis]") {
    auto test = test_of(TestKind::floor, 0.005);
    test.floor = 0.99;
    CHECK(floor_log_e(test, {300, 0}, Claim::worse) == log_e_below(0.99, 300, 0));
    CHECK(floor_log_e(test, {300, 0}, Claim::good) == Approx(log_e_below(0.015, 0, 300)).epsilon(1e-12));
    const auto log_value = [&](double s, double f) { return floor_log_e(test, {s, f}, Claim::good); };
    CHECK(mean_of(300, 0.985, log_value) == Approx(1).epsilon(1e-9));
    CHECK(mean_of(300, 0.97, log_value) < 1);
}

TEST_CASE("the ratios that are averaged over", "[analysis]") {
    const auto test = test_of(TestKind::rate_ratio, 1.2, 1.2);
    const auto worse = rate_ratio_grid(test, Claim::worse);
    const std::vector<double> expected{1.5, 2, 3, 5, 10};
    REQUIRE(worse.size() == expected.size());
    for (std::size_t i = 0; i < worse.size(); ++i) CHECK(worse[i] == Approx(expected[i]));
    CHECK(rate_ratio_grid(test, Claim::good).front() == Approx(1.92));
}

TEST_CASE("the factor of a batch for a ratio of rates", "[analysis]") {
    const auto test = test_of(TestKind::rate_ratio, 1.2, 1.2);
    // 100 of 1000 requests go to the canary: theta_3 = 0.3/1.2, theta_1.2 = 0.12/1.02.
    const Counters batch{{95, 5}, {893, 7}};
    const double theta = 0.3 / 1.2;
    const double null = 0.12 / 1.02;
    CHECK(rate_ratio_log_factors(test, batch, Claim::worse)[2] ==
          Approx(5 * std::log(theta / null) + 7 * std::log((1 - theta) / (1 - null))).epsilon(1e-12));
    for (const auto& nothing : {Counters{{0, 0}, {900, 9}}, Counters{{900, 9}, {0, 0}}, Counters{{100, 0}, {900, 0}}})
        CHECK(rate_ratio_log_factors(test, nothing, Claim::worse) == std::vector<double>(5, 0.0));
}

TEST_CASE("a ratio of rates: the factor has mean 1 on the boundary", "[analysis]") {
    const auto test = test_of(TestKind::rate_ratio, 0.8, 1.2);
    const double share = 0.25;
    for (const auto claim : {Claim::worse, Claim::good}) {
        // Given 20 events, those of the canary are binomial.
        const auto mean_at = [&](double ratio) {
            return mean_of(20, share * ratio / (share * ratio + 1 - share), [&](double canary, double baseline) {
                return log_mean_exp(rate_ratio_log_factors(test, {{1000 - canary, canary}, {3000 - baseline, baseline}}, claim));
            });
        };
        CHECK(mean_at(claim == Claim::worse ? 1.2 : 2.0) == Approx(1).epsilon(1e-9));
        CHECK(mean_at(claim == Claim::worse ? 0.9 : 2.5) < 1);
        CHECK(mean_at(claim == Claim::worse ? 4.0 : 0.5) > 2);
    }
}

TEST_CASE("two proportions: the factor has mean 1 at most under the null hypothesis, for any sizes", "[analysis]") {
    const auto test = test_of(TestKind::two_proportions, 0.05);
    const Counters before{{80, 20}, {85, 15}};
    struct Sizes {
        int canary, baseline;
    };
    for (const auto& [canary, baseline] : {Sizes{10, 10}, Sizes{3, 30}, Sizes{40, 5}, Sizes{1, 1}}) {
        for (const double rate : {0.1, 0.5, 0.8, 0.85, 0.92, 0.99}) {
            CAPTURE(canary, baseline, rate);
            const auto worse = [&](const Counters& batch) { return two_proportions_log_factors(test, before, batch, Claim::worse); };
            const auto good = [&](const Counters& batch) { return two_proportions_log_factors(test, before, batch, Claim::good); };
            CHECK(mean_of_batch(canary, baseline, rate, rate, worse) <= 1 + 1e-12);
            CHECK(mean_of_batch(canary, baseline, std::min(1.0 - 1e-9, rate + 0.03), rate, worse) <= 1 + 1e-12);
            CHECK(mean_of_batch(canary, baseline, rate - 0.05, rate, good) <= 1 + 1e-12);
            CHECK(mean_of_batch(canary, baseline, rate - 0.09, rate, good) <= 1 + 1e-12);
        }
    }
    CHECK(mean_of_batch(40, 40, 0.6, 0.85, [&](const Counters& batch) {
              return two_proportions_log_factors(test, before, batch, Claim::worse);
          }) > 2);
    CHECK(mean_of_batch(40, 40, 0.95, 0.85, [&](const Counters& batch) {
              return two_proportions_log_factors(test, before, batch, Claim::good);
          }) > 1.2);
}

TEST_CASE("two proportions: guesses stay inside of (0, 1) where the margin does not fit", "[analysis]") {
    const auto test = test_of(TestKind::two_proportions, 0.3);
    for (const auto& before : {Counters{{}, {0, 50}}, Counters{{}, {50, 0}}, Counters{{}, {1e12, 0}}}) {
        for (const auto claim : {Claim::worse, Claim::good}) {
            for (const auto& batch : {Counters{{20, 0}, {0, 20}}, Counters{{0, 20}, {20, 0}}, Counters{{20, 0}, {20, 0}}}) {
                const auto factors = two_proportions_log_factors(test, before, batch, claim);
                CHECK(factors.size() == two_proportions_guesses(claim));
                for (const double factor : factors) CHECK(std::isfinite(factor));
            }
        }
    }
    // Nothing is guessed before the baseline was seen.
    CHECK(two_proportions_log_factors(test, {}, {{5, 5}, {9, 1}}, Claim::worse) == std::vector<double>(5, 0.0));
}

TEST_CASE("paired answers", "[analysis]") {
    const auto test = test_of(TestKind::paired, 0.1);
    const double expected = (std::pow(1.2, 3) * 0.8 + std::pow(1.4, 3) * 0.6 + std::pow(1.6, 3) * 0.4 + std::pow(1.8, 3) * 0.2) / 4;
    CHECK(paired_log_e(test, {1, 3}, Claim::worse) == Approx(std::log(expected)).epsilon(1e-12));
    const auto worse = [&](double wins, double losses) { return paired_log_e(test, {wins, losses}, Claim::worse); };
    const auto good = [&](double wins, double losses) { return paired_log_e(test, {wins, losses}, Claim::good); };
    CHECK(mean_of(60, 0.5, worse) == Approx(1).epsilon(1e-9));
    CHECK(mean_of(60, 0.6, worse) < 1);
    CHECK(mean_of(60, 0.4, good) == Approx(1).epsilon(1e-9));
    CHECK(mean_of(60, 0.3, good) < 1);
    CHECK(mean_of(60, 0.5, good) > 1.5);
}
