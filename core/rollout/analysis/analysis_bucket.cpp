#include "core/rollout/analysis/analysis_sample_size.hpp"

#include <algorithm>
#include <cmath>

namespace gitops::rollout {

std::optional<BucketFit> fit_to_bucket(double limit, std::span<const double> edges) {
    std::optional<double> nearest;
    for (const double edge : edges) {
        if (!std::isfinite(edge)) continue;
        if (!nearest || std::abs(edge - limit) < std::abs(*nearest - limit)) nearest = edge;
    }
    if (!nearest) return std::nullopt;
    const double size = std::max(std::abs(*nearest), std::abs(limit));
    return BucketFit{std::abs(*nearest - limit) <= 1e-9 * size, *nearest};  // 0.1 may have been written 100e-3
}

}  // namespace gitops::rollout
