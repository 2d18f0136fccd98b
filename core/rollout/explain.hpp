// explain() tells what a Canary is going to do before it does it: the schedule, the longest it can take, and every check
// with its final query.
#pragma once

#include <string>
#include <vector>

#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

/// One question to a metrics server, as metric_query.hpp made it.
struct ExplainedMetric {
    std::string name;
    std::string provider;  ///< "prometheus", "file", ...
    std::string query;     ///< after its template was filled in
    Range range{};
};

/// {dialect, strategy, weights, ticks|null, worstCaseSeconds|null, metrics: [{name, provider, query, min|null, max|null}]};
/// null ticks never end.
doc::Value explain(const CanarySpec& spec, Compat compat, const std::vector<ExplainedMetric>& metrics);

/// The same for people: the dialect in a sentence, a table of what happens when, the longest time, each check, the gates.
/// The table is what step() decides when everything passes.
std::string explain_text(const CanarySpec& spec, Compat compat, const std::vector<ExplainedMetric>& metrics);

}  // namespace gitops::rollout
