#include "core/rollout/analysis/analysis_sample_size.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/rollout/analysis/analysis.hpp"
#include "core/rollout/analysis/analysis_special.hpp"

namespace gitops::rollout {

namespace {

void require_share(double value, const char* name) {
    if (value > 0 && value < 1) return;
    throw base::Error(base::Code::invalid, std::string(name) + " is not between 0 and 1").hint("write 0.05 for 5 percent");
}

}  // namespace

std::optional<Interval> wilson_interval(double successes, double trials, double confidence) {
    require_share(confidence, "the confidence");
    if (trials <= 0) return std::nullopt;
    const double z = normal_quantile(0.5 + confidence / 2);
    const double rate = successes / trials;
    const double scale = 1 + z * z / trials;
    const double middle = (rate + z * z / (2 * trials)) / scale;
    const double half = z / scale * std::sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials));
    return Interval{std::clamp(middle - half, 0.0, rate), std::clamp(middle + half, rate, 1.0)};
}

double samples_for_drop(double rate, double drop, double alpha, double power, double baseline_per_canary) {
    require_share(rate, "the rate");
    require_share(drop, "the drop");
    require_share(alpha, "alpha");
    require_share(power, "the power");
    require_share(rate - drop, "the rate after the drop");
    if (!(baseline_per_canary > 0))
        throw base::Error(base::Code::invalid, "there has to be something of the baseline to compare with");
    const double z = normal_quantile(1 - alpha) + normal_quantile(power);
    const double after = rate - drop;
    return std::ceil(z * z * (after * (1 - after) + rate * (1 - rate) / baseline_per_canary) / (drop * drop));
}

double samples_without_failure(double share, double alpha) {
    require_share(share, "the share");
    require_share(alpha, "alpha");
    return std::ceil(std::log(alpha) / std::log1p(-share));
}

}  // namespace gitops::rollout
