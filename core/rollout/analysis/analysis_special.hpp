// Special functions of the sequential tests, accurate in their logarithms also far out in the tails.
#pragma once

#include <span>

namespace gitops::rollout {

/// ln Gamma(z) for z > 0. Not std::lgamma, which writes the global signgam.
double log_gamma(double z);
/// ln of x^a (1-x)^b / B(a, b) for a, b > 0 and 0 < x < 1, by Loader's saddle point (Loader 2000): no large numbers cancel.
double log_beta_kernel(double a, double b, double x);
/// h in I_x(a, b) = x^a (1-x)^b / (a B(a, b)) * h: the continued fraction DLMF 8.17.22 by Lentz's method. Converges fast for
/// x < (a+1)/(a+b+2), within O(sqrt(max(a, b))) steps.
double beta_continued_fraction(double a, double b, double x);
/// ln I_x(a, b), the regularised incomplete beta function; a, b > 0 and 0 < x < 1.
double log_regularised_beta(double a, double b, double x);
/// z with P(Z <= z) = p of a standard normal Z, 0 < p < 1.
double normal_quantile(double p);
/// ln of the mean of the exponentials; 0 for nothing.
double log_mean_exp(std::span<const double> logs);

}  // namespace gitops::rollout
