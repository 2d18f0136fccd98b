// Metrics, logs, traces and dashboards, and what judges by them (Keptn); identity and names of services.
#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_prometheus[] = {
    {"Available=True", k_healthy},
    {"Available:SomePodsNotReady", k_waiting},
    {"Available", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_victoria[] = {
    {"stale", k_waiting},
    {".status.updateStatus=operational|ignored", k_healthy},
    {".status.updateStatus=paused", k_suspended},
    {".status.updateStatus=failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_grafana[] = {
    {"!?status.stageStatus", k_waiting},
    {".status.stageStatus=failed", k_degraded},
    {".status.stage=complete&.status.stageStatus=success", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_grafana_dashboard[] = {
    {"*=False", k_degraded},
    {"*=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_grafana_folder[] = {
    {"FolderUIDMismatch=True", k_degraded},
    {"-FolderUIDMismatch=False", k_degraded},
    {"*=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_grafana_source[] = {
    {"!?status", k_waiting},
    {"?status.uid&!.status.uid", k_waiting},
    {".status.NoMatchingInstances=true", k_degraded, "no Grafana instance matches"},
    {"else", k_healthy},
};
constexpr Clause k_grafana_organization[] = {
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_jaeger[] = {
    {".status.phase=Running", k_healthy},
    {".status.phase=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_datadog[] = {
    {"Error=True", k_degraded},
    {"Valid=False", k_degraded},
    {"else", k_healthy},
};
constexpr Clause k_coralogix[] = {
    {"RemoteSynced=True", k_healthy},
    {"RemoteSynced=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_keptn[] = {
    {".status.status=Succeeded", k_healthy},
    {".status.status=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_keptn_evaluation[] = {
    {".status.overallStatus=Succeeded", k_healthy},
    {".status.overallStatus=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_keptn_analysis[] = {
    {".status.pass=true", k_healthy},
    {".status.warning=true", k_healthy, "passed with warnings"},
    {".status.pass=false", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_keptn_metric[] = {
    {".status.errMsg", k_degraded},
    {"?status.value", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_service_name[] = {
    {"Adopted=False", k_degraded},
    {"Advertised:AdvertiseError|UnadvertiseError", k_degraded},
    {"Discoverable:DiscoveryError", k_unknown},
    {"Discoverable=True", k_healthy},
    {"else", k_waiting},
};

constexpr Clause k_dns_endpoint[] = {
    {"!?status", k_waiting},
    {"unobserved", k_waiting},
    {"else", k_healthy},
};

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// The collector's status counts its pods as text: "2/3".
std::optional<Health> collector_health(const doc::Value& object) {
    const auto* status = object.find("status");
    if (status == nullptr || !status->is_map()) return Health{k_waiting, "waiting for the operator to write a status"};
    const auto mode = text_at(object, "spec.mode");
    const auto* counted = at_path(object, "status.scale.statusReplicas");
    if (counted == nullptr || counted->is_null())
        return mode == "sidecar" ? Health{k_healthy, "it runs beside its applications"}
                                 : Health{k_waiting, "no pods are counted yet"};
    const auto replicas = counted->text();
    const auto slash = replicas.find('/');
    const auto ready = whole(replicas.substr(0, slash));
    const auto total = slash == std::string_view::npos ? std::nullopt : whole(replicas.substr(slash + 1));
    if (!ready || !total) return Health{k_waiting, "its count of pods cannot be read: " + std::string(replicas)};
    if (*ready == 0 && !(mode == "daemonset" && *total == 0)) return Health{k_degraded, "no pod is ready"};
    return *ready == *total ? Health{k_healthy, ""} : Health{k_waiting, std::string(replicas) + " pods are ready"};
}

/// Keycloak keeps what was: the first decisive condition in the order of their last change counts.
std::optional<Health> keycloak_health(const doc::Value& object) {
    const auto items = conditions_of(object).items();
    std::vector<const doc::Value*> by_time;
    for (const auto& item : items) by_time.push_back(&item);
    std::stable_sort(by_time.begin(), by_time.end(), [](const doc::Value* a, const doc::Value* b) {
        const auto left = a->text_at("lastTransitionTime"), right = b->text_at("lastTransitionTime");
        return left.empty() || right.empty() ? !left.empty() && right.empty() : left < right;
    });
    for (const auto* item : by_time) {
        const auto condition = condition_of(*item);
        if (!condition.is_true()) continue;
        if (condition.type == "Ready") return Health{k_healthy, std::string(condition.message)};
        if (condition.type == "HasErrors") return Health{k_degraded, std::string(condition.message)};
    }
    return Health{k_waiting, "it is neither ready nor does it report errors"};
}

constexpr CustomRule k_rows[] = {
    {"monitoring.coreos.com", "Prometheus Alertmanager ThanosRuler", k_prometheus},
    {"operator.victoriametrics.com", "*", k_victoria},
    {"grafana.integreatly.org", "Grafana", k_grafana},
    {"grafana.integreatly.org", "GrafanaDashboard", k_grafana_dashboard},
    {"grafana.integreatly.org", "GrafanaFolder", k_grafana_folder},
    {"grafana.integreatly.org", "GrafanaDatasource", k_grafana_source},
    {"grafana-org-operator.kubitus-project.gitlab.io", "*", k_grafana_organization},
    {"jaegertracing.io", "Jaeger", k_jaeger},
    {"datadoghq.com", "DatadogMetric", k_datadog},
    {"coralogix.com", "Alert RecordingRuleGroupSet", k_coralogix},
    {"opentelemetry.io", "OpenTelemetryCollector", {}, collector_health},
    {"lifecycle.keptn.sh", "KeptnAppVersion KeptnTask KeptnWorkloadInstance KeptnWorkloadVersion", k_keptn},
    {"lifecycle.keptn.sh", "KeptnEvaluation", k_keptn_evaluation},
    {"metrics.keptn.sh", "Analysis", k_keptn_analysis},
    {"metrics.keptn.sh", "KeptnMetric", k_keptn_metric},
    {"k8s.keycloak.org", "Keycloak", {}, keycloak_health},
    {"externaldns.k8s.io", "DNSEndpoint", k_dns_endpoint},
    {"proclaim.dogmatiq.io", "DNSSDServiceInstance", k_service_name},
};

}  // namespace

std::span<const CustomRule> observability_rules() { return k_rows; }

}  // namespace gitops::deliver
