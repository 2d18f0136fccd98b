// Custom resources of operators that are widely run. Statuses follow Argo CD's bundled scripts where it has one.
#include <algorithm>
#include <array>

#include "core/deliver/health_clauses.hpp"
#include "core/deliver/health_rules.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

constexpr auto k_healthy = HealthStatus::healthy, k_degraded = HealthStatus::degraded, k_waiting = HealthStatus::progressing,
               k_suspended = HealthStatus::suspended, k_unknown = HealthStatus::unknown;

constexpr Clause k_conventional[] = {
    {"behind", k_waiting},
    {"Stalled=True", k_degraded},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=False", k_degraded},
    {"Reconciling=True", k_waiting},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=Unknown", k_waiting},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=True", k_healthy},
};
constexpr Clause k_ready[] = {{"Ready=False", k_degraded}, {"Ready=True", k_healthy}, {"else", k_waiting}};
constexpr Clause k_flux[] = {{".spec.suspend=true", k_suspended},
                             {"Ready=True", k_healthy},
                             {"Ready=False", k_degraded},
                             {"else", k_waiting}};
constexpr Clause k_certificate[] = {{"Issuing=True", k_waiting},
                                    {"Ready=False", k_degraded},
                                    {"Ready=True", k_healthy},
                                    {"else", k_waiting}};
constexpr Clause k_analysis[] = {{".status.phase=Successful", k_healthy},
                                 {".status.phase=Failed|Error", k_degraded},
                                 {".status.phase=Inconclusive", k_unknown},
                                 {"else", k_waiting}};
constexpr Clause k_cron_workflow[] = {{"SpecError|SubmissionError=True", k_degraded}, {"else", k_healthy}};
constexpr Clause k_event_bus[] = {{"Deployed|Configured=False", k_degraded}, {"Deployed=True", k_healthy}, {"else", k_waiting}};
constexpr Clause k_application_set[] = {{"ErrorOccurred=True", k_degraded},
                                        {"ResourcesUpToDate=False", k_degraded},
                                        {"RolloutProgressing=True", k_waiting},
                                        {"ResourcesUpToDate=True", k_healthy},
                                        {"else", k_waiting}};
constexpr Clause k_canary[] = {{".status.phase=Failed", k_degraded},
                               {".status.phase=Progressing|Finalising|Promoting", k_waiting},
                               {".status.phase=Succeeded|Initialized", k_healthy},
                               {"else", k_unknown}};
constexpr Clause k_inference[] = {{"Stopped=True", k_suspended},
                                  {"Ready=True", k_healthy},
                                  {"Ready=False", k_degraded},
                                  {"else", k_waiting}};
constexpr Clause k_crossplane[] = {{"Synced=False:ReconcilePaused", k_suspended},
                                   {"Synced=False", k_degraded},
                                   {"Ready=False:Unavailable|Creating", k_waiting},
                                   {"Ready=False", k_degraded},
                                   {"Ready=True", k_healthy},
                                   {"else", k_waiting}};
constexpr Clause k_keda[] = {{"Paused=True", k_suspended},
                             {"Fallback=True", k_degraded},
                             {"Ready=False", k_degraded},
                             {"Ready=Unknown:PartialTriggerError", k_degraded},
                             {"Ready=True", k_healthy},
                             {"else", k_waiting}};
constexpr Clause k_cluster_external_secret[] = {{"NotReady|PartiallyReady=True", k_degraded},
                                                {"Ready=True", k_healthy},
                                                {"else", k_waiting}};
constexpr Clause k_sealed[] = {{"Synced=False", k_degraded}, {"Synced=True", k_healthy}, {"else", k_waiting}};
constexpr Clause k_strimzi[] = {{"NotReady=True:Creating", k_waiting},
                                {"NotReady=True", k_degraded},
                                {"Ready=True", k_healthy},
                                {"else", k_waiting}};
constexpr Clause k_capi_cluster[] = {{".spec.paused=true", k_suspended},
                                     {"Ready=False", k_degraded},
                                     {".status.phase=Provisioned", k_healthy},
                                     {"else", k_waiting}};
constexpr Clause k_capi_machine[] = {{".spec.paused=true", k_suspended},
                                     {".status.phase=Running", k_healthy},
                                     {".status.phase=Failed", k_degraded},
                                     {"else", k_waiting}};
constexpr Clause k_postgres[] = {{"cnpg.io/hibernation=True", k_suspended}, {"Ready=True", k_healthy}, {"else", k_waiting}};
constexpr Clause k_prometheus[] = {{"Available|Reconciled=False", k_degraded}, {"Available=True", k_healthy}, {"else", k_waiting}};
constexpr Clause k_snapshot[] = {{".status.error", k_degraded}, {".status.readyToUse=true", k_healthy}, {"else", k_waiting}};

struct CustomKind {
    std::string_view group;  ///< "*.x.io": every group that ends in ".x.io"
    std::string_view kind;   ///< "*": every kind of the group
    std::span<const Clause> clauses;
};

constexpr std::array k_kinds = {
    CustomKind{"*.toolkit.fluxcd.io", "*", k_flux},
    CustomKind{"cert-manager.io", "Certificate", k_certificate},
    CustomKind{"cert-manager.io", "Issuer", k_ready},
    CustomKind{"cert-manager.io", "ClusterIssuer", k_ready},
    CustomKind{"argoproj.io", "AnalysisRun", k_analysis},
    CustomKind{"argoproj.io", "Experiment", k_analysis},
    CustomKind{"argoproj.io", "CronWorkflow", k_cron_workflow},
    CustomKind{"argoproj.io", "EventBus", k_event_bus},
    CustomKind{"argoproj.io", "ApplicationSet", k_application_set},
    CustomKind{"flagger.app", "Canary", k_canary},
    CustomKind{"serving.knative.dev", "Service", k_ready},
    CustomKind{"serving.kserve.io", "InferenceService", k_inference},
    CustomKind{"*.crossplane.io", "*", k_crossplane},
    CustomKind{"*.upbound.io", "*", k_crossplane},
    CustomKind{"keda.sh", "ScaledObject", k_keda},
    CustomKind{"keda.sh", "ScaledJob", k_keda},
    CustomKind{"external-secrets.io", "ClusterExternalSecret", k_cluster_external_secret},
    CustomKind{"external-secrets.io", "*", k_ready},
    CustomKind{"bitnami.com", "SealedSecret", k_sealed},
    CustomKind{"kafka.strimzi.io", "*", k_strimzi},
    CustomKind{"cluster.x-k8s.io", "Cluster", k_capi_cluster},
    CustomKind{"cluster.x-k8s.io", "Machine", k_capi_machine},
    CustomKind{"cluster.x-k8s.io", "MachineDeployment", k_capi_machine},
    CustomKind{"cluster.x-k8s.io", "MachinePool", k_capi_machine},
    CustomKind{"postgresql.cnpg.io", "Cluster", k_postgres},
    CustomKind{"monitoring.coreos.com", "*", k_prometheus},
    CustomKind{"snapshot.storage.k8s.io", "*", k_snapshot},
};

bool covers(const CustomKind& known, std::string_view group, std::string_view kind) {
    const bool same_group = known.group.starts_with('*') ? group.ends_with(known.group.substr(1)) : group == known.group;
    return same_group && (known.kind == "*" || known.kind == kind);
}

/// Built-in kinds without a rule of their own (nodes, namespaces, ...) have no health, whatever their conditions say.
bool is_builtin_group(std::string_view group) {
    return group.find('.') == std::string_view::npos || group.ends_with(".k8s.io");
}

}  // namespace

std::optional<Health> custom_health(const doc::Value& object) {
    const auto* status = object.find("status");
    if (status == nullptr || !status->is_map() || status->empty()) return std::nullopt;
    const auto api_version = object.text_at("apiVersion");
    const auto group = api_version.substr(0, std::min(api_version.find('/'), api_version.size()));
    const auto kind = object.text_at("kind");
    const auto known = std::find_if(k_kinds.begin(), k_kinds.end(),
                                    [&](const CustomKind& candidate) { return covers(candidate, group, kind); });
    if (known != k_kinds.end()) return judge_by(object, known->clauses);
    return is_builtin_group(group) ? std::nullopt : judge_by(object, k_conventional);
}

}  // namespace gitops::deliver
