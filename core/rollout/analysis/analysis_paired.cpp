#include <array>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"
#include "core/rollout/analysis/analysis_special.hpp"

namespace gitops::rollout {

namespace {

constexpr std::array k_losing{0.6, 0.7, 0.8, 0.9};

}  // namespace

double paired_log_e(const SequentialTest& test, const Tally& tally, Claim claim) {
    const double limit = claim == Claim::worse ? 0.5 : 0.5 + test.margin;
    std::array<double, k_losing.size()> logs{};
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const double losing = claim == Claim::worse ? k_losing[i] : 1 - k_losing[i] + test.margin;
        logs[i] = tally.failures * std::log(losing / limit) + tally.successes * std::log((1 - losing) / (1 - limit));
    }
    return log_mean_exp(logs);
}

}  // namespace gitops::rollout
