#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/base/text.hpp"
#include "core/deliver/health/health.hpp"

namespace gitops::deliver {
namespace {

constexpr std::size_t k_max_culprits = 3;

/// A child Application that is Missing or Unknown does not pull its parent down (argocd.md 4).
bool is_forgiven(const HealthPart& part) {
    return part.key.starts_with("argoproj.io/Application ") &&
           (part.health->status == HealthStatus::missing || part.health->status == HealthStatus::unknown);
}

std::string culprits(const std::vector<const HealthPart*>& worst) {
    std::vector<std::string> named;
    for (const auto* part : worst) {
        if (named.size() == k_max_culprits) break;
        const auto& message = part->health->message;
        named.push_back(message.empty() ? part->key : fmt::format("{}: {}", part->key, message));
    }
    auto text = base::join(named, "; ");
    if (worst.size() > k_max_culprits) text += fmt::format("; and {} more", worst.size() - k_max_culprits);
    return text;
}

}  // namespace

Health aggregate(const std::vector<HealthPart>& parts) {
    auto status = HealthStatus::healthy;
    std::vector<const HealthPart*> worst;
    std::size_t counted = 0, live = 0;
    for (const auto& part : parts) {
        if (!part.counts) continue;
        ++counted;
        if (!part.live) continue;
        ++live;
        if (!part.health || is_forgiven(part) || part.health->status < status) continue;
        if (part.health->status > status) worst.clear();
        status = part.health->status;
        worst.push_back(&part);
    }
    if (counted > 0 && live == 0)
        return {HealthStatus::missing, fmt::format("none of {} exists", base::count_of(counted, "resource"))};
    if (status == HealthStatus::healthy) return {};
    return {status, culprits(worst)};
}

}  // namespace gitops::deliver
