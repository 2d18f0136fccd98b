#include "core/rollout/analysis/analysis_special.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gitops::rollout {

namespace {

const double k_half_log_two_pi = 0.5 * std::log(2 * std::numbers::pi);
constexpr double k_series_from = 16;  ///< Stirling's series has 17 digits from here on

/// Stirling's series without its main part, DLMF 5.11.1.
double stirling_tail(double z) {
    const double w = 1 / (z * z);
    return (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w * (1.0 / 1680 - w * (1.0 / 1188 - w * 691.0 / 360360))))) / z;
}

double stirling_main(double z) { return (z - 0.5) * std::log(z) - z + k_half_log_two_pi; }

/// ln Gamma(z) - stirling_main(z).
double stirling_error(double z) { return z >= k_series_from ? stirling_tail(z) : log_gamma(z) - stirling_main(z); }

/// x ln(x/m) + m - x, also where x is near m.
double deviance_part(double x, double m) {
    if (std::abs(x - m) >= 0.1 * (x + m)) return x * std::log(x / m) + m - x;
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v;
    double term = 2 * x * v;
    for (int j = 3;; j += 2) {
        term *= v * v;
        const double next = sum + term / j;
        if (next == sum) return sum;
        sum = next;
    }
}

}  // namespace

double log_gamma(double z) {
    double product = 1;
    for (; z < k_series_from; z += 1) product *= z;
    return stirling_main(z) + stirling_tail(z) - std::log(product);
}

double log_beta_kernel(double a, double b, double x) {
    const double n = a + b;
    return 0.5 * (std::log(a) + std::log(b / n)) - k_half_log_two_pi - deviance_part(a, n * x) - deviance_part(b, n * (1 - x)) +
           stirling_error(n) - stirling_error(a) - stirling_error(b);
}

double beta_continued_fraction(double a, double b, double x) {
    constexpr double tiny = 1e-300;
    constexpr int most_steps = 4'000'000;
    const auto kept_off_zero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1;
    double d = 1 / kept_off_zero(1 - (a + b) * x / (a + 1));
    double h = d;
    for (int step = 1; step <= most_steps; ++step) {
        const double m = step;
        const double even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m));
        d = 1 / kept_off_zero(1 + even * d);
        c = kept_off_zero(1 + even / c);
        h *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m));
        d = 1 / kept_off_zero(1 + odd * d);
        c = kept_off_zero(1 + odd / c);
        h *= d * c;
        if (std::abs(d * c - 1) < 4 * std::numeric_limits<double>::epsilon()) break;
    }
    return h;
}

double log_regularised_beta(double a, double b, double x) {
    if (x < (a + 1) / (a + b + 2)) return log_beta_kernel(a, b, x) - std::log(a) + std::log(beta_continued_fraction(a, b, x));
    const double rest = log_beta_kernel(a, b, x) - std::log(b) + std::log(beta_continued_fraction(b, a, 1 - x));
    return std::log1p(-std::exp(std::min(rest, 0.0)));
}

double normal_quantile(double p) {
    if (p > 0.5) return -normal_quantile(1 - p);
    double low = -40;
    double high = 0;
    while (true) {  // halving is exact enough and cannot go astray
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) return middle;
        if (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p) low = middle;
        else high = middle;
    }
}

double log_mean_exp(std::span<const double> logs) {
    if (logs.empty()) return 0;
    const double most = *std::ranges::max_element(logs);
    double sum = 0;
    for (const double value : logs) sum += std::exp(value - most);
    return most + std::log(sum / static_cast<double>(logs.size()));
}

}  // namespace gitops::rollout
