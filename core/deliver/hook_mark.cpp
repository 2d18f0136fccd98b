#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/deliver/plan_order.hpp"

namespace gitops::deliver {
namespace {

struct HookName {
    std::string_view name;
    Phase phase;
};
constexpr std::array k_phases = {
    HookName{"PreSync", Phase::pre_sync},      HookName{"PostSync", Phase::post_sync},
    HookName{"pre-install", Phase::pre_sync},  HookName{"pre-upgrade", Phase::pre_sync},
    HookName{"post-install", Phase::post_sync}, HookName{"post-upgrade", Phase::post_sync},
};

/// The phase of the first value that has one; sync for all others.
Phase phase_of(const std::vector<std::string_view>& values) {
    for (const auto value : values)
        for (const auto& known : k_phases)
            if (known.name == base::trim(value)) return known.phase;
    return Phase::sync;
}

}  // namespace

std::optional<HookMark> hook_of(const doc::Value& object) {
    auto text = kube::annotation_of(object, "argocd.argoproj.io/hook");
    if (text.empty()) {
        text = kube::annotation_of(object, "helm.sh/hook");
        const auto values = base::split(text, ',');
        const bool ordinary = std::any_of(values.begin(), values.end(),
                                          [](std::string_view value) { return base::trim(value) == "crd-install"; });
        if (text.empty() || ordinary) return std::nullopt;
    }
    return HookMark{phase_of(base::split(text, ',')), std::string(text), base::trim(text) == "Skip"};
}

}  // namespace gitops::deliver
