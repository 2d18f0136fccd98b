// What is known of a test before it begins: whether a limit of latency can be tested exactly, and how many samples a test of
// fixed size would take.
#pragma once

#include <optional>
#include <span>

namespace gitops::rollout {

/// "The q-quantile of latency is at most L" is "at least q of all requests are in the bucket le=L": exact only on an edge.
/// Nothing is interpolated. (With raw samples there are bands for all quantiles at all times: Howard & Ramdas 2022.)
struct BucketFit {
    bool exact = false;
    double nearest = 0;  ///< the edge nearest to the limit
};
/// nullopt without a finite edge.
std::optional<BucketFit> fit_to_bucket(double limit, std::span<const double> edges);

/// Trials per arm of a fixed design that finds a drop of `drop` from `rate` (one-sided alpha, normal approximation with
/// unpooled variances): (z_alpha + z_power)^2 (p'(1-p') + p(1-p)/k) / drop^2 for the canary, p' = p - drop, with k trials
/// of the baseline for each of the canary's. Error(invalid) for shares outside (0, 1).
double samples_for_drop(double rate, double drop, double alpha = 0.05, double power = 0.8, double baseline_per_canary = 1);
/// Trials without one failure that let "fewer than `share` fail" be claimed: ln(alpha) / ln(1 - share), rounded up.
double samples_without_failure(double share, double alpha = 0.05);

}  // namespace gitops::rollout
