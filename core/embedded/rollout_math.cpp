#include "core/embedded/rollout_math.hpp"

#include <algorithm>
#include <numeric>

#include "core/embedded/documents.hpp"

namespace gitops::embedded {

namespace {

std::int64_t sum(const std::vector<std::int64_t>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
}

std::vector<std::int64_t> sizes_of(const std::vector<SetCount>& sets) {
    std::vector<std::int64_t> sizes;
    for (const SetCount& set : sets) sizes.push_back(set.wanted);
    return sizes;
}

std::vector<std::int64_t> plan_recreate(const std::vector<SetCount>& sets, const RolloutLimits& limits) {
    std::vector<std::int64_t> sizes(sets.size(), 0);
    bool old_pods = std::any_of(sets.begin(), sets.end() - 1, [](const SetCount& set) { return set.pods > 0; });
    sizes.back() = old_pods ? sets.back().wanted : limits.replicas;
    return sizes;
}

/// Takes from the old sets, oldest first, at most `room` Pods and from each at most what `of` allows.
template <class Allowed>
std::int64_t cut(std::vector<std::int64_t>& sizes, std::int64_t room, Allowed of) {
    for (std::size_t i = 0; i + 1 < sizes.size() && room > 0; ++i) {
        std::int64_t taken = std::clamp<std::int64_t>(of(i), 0, std::min(room, sizes[i]));
        sizes[i] -= taken;
        room -= taken;
    }
    return room;
}

void cut_old(const std::vector<SetCount>& sets, const RolloutLimits& limits, std::vector<std::int64_t>& sizes) {
    std::int64_t least_available = limits.replicas - limits.max_unavailable;
    std::int64_t fresh_missing = sizes.back() - sets.back().available;
    std::int64_t room = sum(sizes) - least_available - fresh_missing;
    if (room <= 0) return;
    // Broken Pods first: they cost no availability.
    cut(sizes, room, [&](std::size_t i) { return sizes[i] - sets[i].available; });
    std::int64_t available = 0;
    for (const SetCount& set : sets) available += set.available;
    std::int64_t spare = available - least_available;
    if (spare > 0) cut(sizes, spare, [&](std::size_t i) { return sizes[i]; });
}

}  // namespace

RolloutLimits limits_of(const doc::Value& spec, std::int64_t replicas) {
    RolloutLimits limits;
    limits.replicas = replicas;
    if (text_or(spec.path("strategy", "type"), "RollingUpdate") == "Recreate") {
        limits.kind = RolloutKind::recreate;
        return limits;
    }
    doc::Value quarter("25%");
    const doc::Value* surge = spec.path("strategy", "rollingUpdate", "maxSurge");
    const doc::Value* missing = spec.path("strategy", "rollingUpdate", "maxUnavailable");
    limits.max_surge = scaled_count(surge ? surge : &quarter, replicas, 1, Rounding::up);
    limits.max_unavailable = std::min(replicas, scaled_count(missing ? missing : &quarter, replicas, 0, Rounding::down));
    if (limits.max_surge == 0 && limits.max_unavailable == 0) limits.max_unavailable = 1;
    return limits;
}

std::vector<std::int64_t> plan_rollout(const std::vector<SetCount>& sets, const RolloutLimits& limits) {
    if (limits.kind == RolloutKind::recreate) return plan_recreate(sets, limits);
    std::vector<std::int64_t> sizes = sizes_of(sets);
    std::int64_t& fresh = sizes.back();
    if (fresh > limits.replicas) {
        fresh = limits.replicas;
    } else {
        std::int64_t room = limits.replicas + limits.max_surge - sum(sizes);
        fresh += std::clamp<std::int64_t>(room, 0, limits.replicas - fresh);
    }
    if (sum(sizes) > fresh) cut_old(sets, limits, sizes);
    return sizes;
}

std::vector<std::int64_t> plan_paused(const std::vector<SetCount>& sets, std::int64_t replicas) {
    std::vector<std::int64_t> sizes = sizes_of(sets);
    auto active = std::count_if(sizes.begin(), sizes.end(), [](std::int64_t size) { return size > 0; });
    if (active > 1) return sizes;  // in the middle of a rollout: everything stays where it is
    for (std::size_t i = sizes.size(); i-- > 0;) {
        if (active == 1 && sizes[i] == 0) continue;
        sizes[i] = replicas;
        break;
    }
    return sizes;
}

}  // namespace gitops::embedded
