#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/canary_record.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;

constexpr base::Duration k_shortest{100};

void require_rising(const std::vector<int>& stages) {
    int last = 0;
    for (const int stage : stages) {
        if (stage <= last || stage > 100) throw Error(Code::invalid, "stages must rise, from 1 to 100 at the most");
        last = stage;
    }
}

/// Flagger's steps have no meaning among stages: the usual stages take their place.
void count_successes(CanarySpec& spec) {
    if (spec.dialect == Dialect::stages) return;
    spec.dialect = Dialect::stages;
    spec.analysis.strategy = Strategy::canary;
    spec.analysis.iterations = 0;
    spec.analysis.stages = {5, 10, 25, 50, 100};
    spec.analysis.max_failures = 0;
}

}  // namespace

CanarySpec with_overrides(CanarySpec spec, const Overrides& overrides) {
    if (!overrides.stages.empty() || overrides.successes || overrides.max_failures) count_successes(spec);
    require_rising(overrides.stages);
    if (!overrides.stages.empty()) spec.analysis.stages = overrides.stages;
    if (overrides.successes) spec.analysis.successes = std::max(1, *overrides.successes);
    if (overrides.max_failures) spec.analysis.max_failures = std::max(0, *overrides.max_failures);
    if (!overrides.interval.empty()) {
        spec.analysis.interval = base::parse_duration(overrides.interval);
        if (spec.analysis.interval < k_shortest) throw Error(Code::invalid, "the interval must be at least 100ms");
    }
    if (overrides.sequential) spec.analysis.sequential = true;
    if (!overrides.provider.empty()) spec.provider = overrides.provider;
    return spec;
}

}  // namespace gitops::rollout
