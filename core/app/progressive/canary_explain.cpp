#include "core/app/progressive/canary_explain.hpp"

#include <optional>

#include "core/base/error.hpp"
#include "core/rollout/metric_query.hpp"

namespace gitops::app {

namespace {

using rollout::ExplainedMetric;
using rollout::MetricCheck;
using rollout::MetricTemplate;

constexpr const char* k_prometheus = "prometheus";

std::optional<MetricTemplate> template_of(const MetricCheck& check, const std::string& ns, const std::vector<kube::Manifest>& manifests,
                                          kube::Cluster* cluster) {
    if (!check.reference) return std::nullopt;
    const auto& wanted_ns = check.reference->ns.empty() ? ns : check.reference->ns;
    for (const auto& manifest : manifests) {
        const auto own = kube::namespace_of(manifest.object);
        if (!rollout::is_metric_template(manifest.object) || kube::name_of(manifest.object) != check.reference->name) continue;
        if (own.empty() || own == wanted_ns) return rollout::read_metric_template(manifest.object, manifest.file, wanted_ns);
    }
    if (cluster == nullptr) return std::nullopt;
    const auto found = cluster->get({{"flagger.app", "v1beta1", "MetricTemplate"}, wanted_ns, check.reference->name});
    if (!found) return std::nullopt;
    return rollout::read_metric_template(*found, "MetricTemplate " + check.reference->name, wanted_ns);
}

std::string provider_of(rollout::QueryOrigin origin, const MetricTemplate* shared) {
    const bool is_shared = origin == rollout::QueryOrigin::shared && shared != nullptr && !shared->type.empty();
    return is_shared ? shared->type : k_prometheus;
}

void explain_check(const rollout::CanarySpec& spec, const MetricCheck& check, const MetricTemplate* shared,
                   const rollout::QuerySettings& settings, std::vector<ExplainedMetric>& metrics) {
    if (check.kind != rollout::MetricKind::threshold) {
        for (const auto& [counter, query] : rollout::counter_queries(spec, check, settings))
            metrics.push_back({check.name + "." + counter, k_prometheus, query, {}});
        return;
    }
    for (const auto& query : rollout::queries_of(spec, check, shared, settings))
        metrics.push_back({check.name, provider_of(query.origin, shared), query.text, check.range});
}

}  // namespace

std::vector<ExplainedMetric> explained_metrics(const rollout::CanarySpec& spec, rollout::Compat compat,
                                               const std::vector<kube::Manifest>& manifests, kube::Cluster* cluster) {
    rollout::QuerySettings settings;
    settings.compat = compat;
    std::vector<ExplainedMetric> metrics;
    for (const auto& check : spec.analysis.metrics) {
        try {
            const auto shared = template_of(check, spec.ns, manifests, cluster);
            explain_check(spec, check, shared ? &*shared : nullptr, settings, metrics);
        } catch (const base::Error& error) {
            metrics.push_back({check.name, k_prometheus, "(" + error.message() + ")", check.range});
        }
    }
    return metrics;
}

}  // namespace gitops::app
