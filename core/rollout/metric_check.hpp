// What one measurement says about the canary.
#pragma once

#include <string>
#include <vector>

#include "core/rollout/journal.hpp"
#include "core/rollout/metric_query.hpp"
#include "core/rollout/ports.hpp"
#include "core/rollout/promql_parts.hpp"

namespace gitops::rollout {

/// Holds a reading against the check's range. A bound that is met exactly passes, and without bounds everything does.
/// NaN is no data; who refuses to answer counts as unreachable. The detail of a failure is "97.20 < 99.00", with more
/// decimals where two would show no difference.
CheckResult judge(const MetricCheck& check, const MetricQuery& query, const Reading& reading);

/// One part of a query and what came of asking for it alone.
struct PartReading {
    QueryPart part;
    Reading reading;
};

/// Why `query` gave no data or NaN, from the answers to its parts_of(), in one sentence: "the numerator has no series:
/// the canary answers only 5xx", "no traffic: ...". "" when the parts explain nothing.
std::string explain_no_data(const MetricCheck& check, const MetricQuery& query, const std::vector<PartReading>& parts);

}  // namespace gitops::rollout
