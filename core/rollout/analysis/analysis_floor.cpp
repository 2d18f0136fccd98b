#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"
#include "core/rollout/analysis/analysis_special.hpp"

namespace gitops::rollout {

double log_e_below(double floor, double successes, double failures) {
    const double a = successes + 1;
    const double b = failures + 1;
    // B(a, b) I(a, b) / (p0^s (1-p0)^f) has the incomplete beta's own factor in it, which cancels against its denominator.
    if (floor < (a + 1) / (a + b + 2)) return std::log1p(-floor) - std::log(a) + std::log(beta_continued_fraction(a, b, floor));
    return std::log1p(-floor) - log_beta_kernel(a, b, floor) + log_regularised_beta(a, b, floor);
}

double floor_log_e(const SequentialTest& test, const Tally& tally, Claim claim) {
    if (claim == Claim::worse) return log_e_below(test.floor, tally.successes, tally.failures);
    return log_e_below(1 - (test.floor - test.margin), tally.failures, tally.successes);
}

}  // namespace gitops::rollout
