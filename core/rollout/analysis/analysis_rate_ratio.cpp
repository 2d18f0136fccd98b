#include <array>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"

namespace gitops::rollout {

namespace {

constexpr std::array k_factors{1.25, 5.0 / 3, 2.5, 25.0 / 6, 25.0 / 3};

double boundary(const SequentialTest& test, Claim claim) { return claim == Claim::worse ? test.ratio : test.ratio + test.margin; }

}  // namespace

std::vector<double> rate_ratio_grid(const SequentialTest& test, Claim claim) {
    std::vector<double> grid;
    for (const double factor : k_factors)
        grid.push_back(claim == Claim::worse ? boundary(test, claim) * factor : boundary(test, claim) / factor);
    return grid;
}

std::vector<double> rate_ratio_log_factors(const SequentialTest& test, const Counters& batch, Claim claim) {
    const auto grid = rate_ratio_grid(test, claim);
    std::vector<double> factors(grid.size(), 0.0);
    const double canary = batch.canary.total();
    const double baseline = batch.baseline.total();
    if (canary <= 0 || baseline <= 0) return factors;
    // theta = nc r / (nc r + nb): the quotients of two thetas, without cancellation.
    const double limit = boundary(test, claim);
    for (std::size_t i = 0; i < grid.size(); ++i) {
        const double of_baseline = std::log((canary * limit + baseline) / (canary * grid[i] + baseline));
        const double of_canary = std::log(grid[i] / limit) + of_baseline;
        factors[i] = batch.canary.failures * of_canary + batch.baseline.failures * of_baseline;
    }
    return factors;
}

}  // namespace gitops::rollout
