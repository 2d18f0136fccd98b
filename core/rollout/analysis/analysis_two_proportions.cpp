#include <algorithm>
#include <array>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"

namespace gitops::rollout {

namespace {

/// "Worse" guesses that the odds of a failure are so many times the baseline's.
constexpr std::array k_odds_ratios{1.2, 1.5, 2.0, 3.0, 5.0};
/// "Good" guesses so many margins above the baseline's rate.
constexpr std::array k_margins_above{-0.5, 0.0, 0.5, 1.0};

struct Pair {
    double canary = 0;
    double baseline = 0;
};

/// Of a rate, from what was seen before: never 0 nor 1 (Krichevsky and Trofimov's half).
double guessed_rate(const Tally& tally) { return (tally.successes + 0.5) / (tally.total() + 1); }

double with_odds_of_failure(double rate, double odds_ratio) { return rate / (rate + (1 - rate) * odds_ratio); }

std::vector<Pair> guesses(const SequentialTest& test, const Counters& before, Claim claim) {
    const double base = guessed_rate(before.baseline);
    std::vector<Pair> pairs;
    if (claim == Claim::worse) {
        for (const double odds : k_odds_ratios) pairs.push_back({with_odds_of_failure(base, odds), base});
        return pairs;
    }
    // Kept inside of (0, 1); what is moved stays above base - margin.
    for (const double margins : k_margins_above)
        pairs.push_back({std::clamp(base + margins * test.margin, base / 2, (1 + base) / 2), base});
    return pairs;
}

struct Slope {
    double slope = 0;
    double bend = 0;  ///< of second order; above 0
};

/// Of the relative entropy of `guess` to `u`, as u changes.
Slope entropy_slope(double u, double guess) {
    const double variance = u * (1 - u);
    return {(u - guess) / variance, (u * u - 2 * u * guess + guess) / (variance * variance)};
}

/// The point of {uc = ub - margin} nearest to `guess` in relative entropy, weighed by the numbers of trials.
Pair nearest_in_null(const Pair& guess, double canary_trials, double baseline_trials, double margin) {
    if (margin == 0) {
        const double mean = (canary_trials * guess.canary + baseline_trials * guess.baseline) / (canary_trials + baseline_trials);
        return {mean, mean};
    }
    // The slope of the entropy along the line rises with ub and changes its sign between the two guesses: Newton's steps,
    // halving where one would leave that stretch.
    double low = std::max(guess.baseline, margin);
    double high = std::min(guess.canary + margin, 1.0);
    double ub = (canary_trials * high + baseline_trials * low) / (canary_trials + baseline_trials);
    for (int i = 0; i < 100; ++i) {
        const double uc = ub - margin;
        const auto of_canary = entropy_slope(uc, guess.canary);
        const auto of_baseline = entropy_slope(ub, guess.baseline);
        const double slope = canary_trials * of_canary.slope + baseline_trials * of_baseline.slope;
        (slope < 0 ? low : high) = ub;
        const double step = slope / (canary_trials * of_canary.bend + baseline_trials * of_baseline.bend);
        const double next = ub - step > low && ub - step < high ? ub - step : 0.5 * (low + high);
        if (std::abs(next - ub) < 1e-13) break;
        ub = next;
    }
    return {ub - margin, ub};
}

double log_ratio(const Tally& tally, double guess, double null) {
    return tally.successes * std::log(guess / null) + tally.failures * std::log((1 - guess) / (1 - null));
}

}  // namespace

std::size_t two_proportions_guesses(Claim claim) { return claim == Claim::worse ? k_odds_ratios.size() : k_margins_above.size(); }

std::vector<double> two_proportions_log_factors(const SequentialTest& test, const Counters& before, const Counters& batch,
                                                Claim claim) {
    std::vector<double> factors(two_proportions_guesses(claim), 0.0);
    const double canary = batch.canary.total();
    const double baseline = batch.baseline.total();
    if (canary <= 0 || baseline <= 0 || before.baseline.total() <= 0) return factors;
    const auto pairs = guesses(test, before, claim);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto null = nearest_in_null(pairs[i], canary, baseline, claim == Claim::worse ? 0 : test.margin);
        factors[i] = log_ratio(batch.canary, pairs[i].canary, null.canary) +
                     log_ratio(batch.baseline, pairs[i].baseline, null.baseline);
    }
    return factors;
}

}  // namespace gitops::rollout
