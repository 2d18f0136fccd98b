// The e-values behind analysis.hpp, one file per test. Counts are real numbers here, so that the same formula gives what a
// batch says and what one is expected to say.
#pragma once

#include <vector>

#include "core/rollout/analysis/analysis.hpp"

namespace gitops::rollout {

/// What an e-value speaks for.
enum class Claim { worse, good };

/// ln E for "success is rarer than `floor`" against the null hypothesis p >= floor. With s successes and f failures the
/// likelihood ratio to `floor` is averaged over p uniform on [0, floor]:
///   E = B(1+s, 1+f) I_p0(1+s, 1+f) / p0 / (p0^s (1-p0)^f),
/// a supermartingale under every p >= p0, as the ratio of each alternative falls with s (Robbins 1970; Ville 1939).
double log_e_below(double floor, double successes, double failures);
/// E_worse is log_e_below(p0, s, f); E_good has the roles swapped: failures are rarer than 1 - (p0 - margin).
double floor_log_e(const SequentialTest& test, const Tally& tally, Claim claim);

/// The ratios of rates that are averaged over: for "worse" 1.25, 5/3, 2.5, 25/6 and 25/3 times the tolerated one (1.5, 2, 3,
/// 5 and 10 at 1.2), for "good" the same fractions of ratio + margin.
std::vector<double> rate_ratio_grid(const SequentialTest& test, Claim claim);
/// ln of the factor of one batch per ratio r of the grid. Of x events at the canary and y at the baseline, x is
/// Binomial(x+y, theta_r) given their sum, theta_r = rho r / (rho r + 1 - rho) with the canary's share rho of this batch's
/// trials; the factor is the likelihood ratio to the boundary. Exact under changing weights and drifting base rates, as both
/// cancel out of theta; a supermartingale on the whole null hypothesis by the monotone likelihood ratio in x.
std::vector<double> rate_ratio_log_factors(const SequentialTest& test, const Counters& batch, Claim claim);

/// ln of the factor of one batch per guess; the guesses come from `before`, what was known before the batch, alone.
///   E *= tc^sc (1-tc)^fc tb^sb (1-tb)^fb / (uc^sc (1-uc)^fc ub^sb (1-ub)^fb)
/// (tc, tb) guesses both rates, (uc, ub) is the point of the null hypothesis nearest to it in relative entropy for this
/// batch's sizes: for pc >= pb the weighted mean of tc and tb on both sides, for pc <= pb - margin on the line uc = ub - margin.
/// An e-value for any sizes because the null hypothesis is convex (Turner, Ly, Grünwald 2021). All 0 before the baseline was seen.
std::vector<double> two_proportions_log_factors(const SequentialTest& test, const Counters& before, const Counters& batch,
                                                Claim claim);
std::size_t two_proportions_guesses(Claim claim);

/// Of the answers where exactly one is right, the canary loses each with probability g under an alternative: the likelihood
/// ratio to 1/2 averaged over g in {.6, .7, .8, .9}; for "good" to 1/2 + margin over {.4, .3, .2, .1} + margin.
double paired_log_e(const SequentialTest& test, const Tally& tally, Claim claim);

/// ln E of a claim from all that is known.
double log_e(const SequentialTest& test, const Evidence& evidence, Claim claim);
/// More trials of the canary until E reaches exp(log_target) when they come in the proportions seen until now: the growth
/// of ln E is its expectation at the estimate, nothing is simulated. nullopt when that is never, or beyond 1e9.
std::optional<double> samples_until(const SequentialTest& test, const Evidence& evidence, Claim claim, double log_target);

/// What people read of a judgement whose numbers are all there.
std::string sentence_of(const SequentialTest& test, const Evidence& evidence, const Judgement& judgement, const Outlook& outlook);

}  // namespace gitops::rollout
