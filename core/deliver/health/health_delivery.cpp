// Flux, Flagger, KEDA, Knative, KServe, and other ways to deliver and run what answers requests.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

// Flux speaks in two conditions: Ready for the outcome, Reconciling while it works; a source also says what it holds.
constexpr Clause k_flux[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {"!?status.conditions", k_waiting},
    {"Ready=Unknown&Reconciling=True", k_waiting},
    {"Ready=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_flux_source[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {"!?status.conditions", k_waiting},
    {"Ready=Unknown&Reconciling=True", k_waiting},
    {"Ready=True&ArtifactInStorage=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_helm_repository[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {".spec.type=oci", k_healthy, "a repository of type oci has no status"},
    {"!?status.conditions", k_waiting},
    {"Ready=Unknown&Reconciling=True", k_waiting},
    {"Ready=True&ArtifactInStorage=True", k_healthy},
    {"else", k_degraded},
};
// Two of the three must be true, not all: Argo CD counts to exactly two.
constexpr Clause k_helm_release[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {"!?status.conditions", k_waiting},
    {"Ready=Unknown&Reconciling=True", k_waiting},
    {"Ready=True&Released=True&!TestSuccess=True", k_healthy},
    {"Ready=True&TestSuccess=True&!Released=True", k_healthy},
    {"Released=True&TestSuccess=True&!Ready=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_image_policy[] = {
    {"!?status.conditions", k_waiting},
    {"Ready=False&Reconciling=True:NewGeneration|AccessingRepository|ApplyingPolicy", k_waiting},
    {"Ready=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_image_repository[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {"!?status.conditions", k_waiting},
    {"Ready=False&Reconciling=True:NewGeneration|Scanning", k_waiting},
    {"Ready=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_flux_receiver[] = {
    {".spec.suspend=true", k_suspended, "suspended"},
    {"!?status.conditions", k_waiting},
    {"Ready=True", k_healthy},
    {"else", k_degraded},
};

constexpr Clause k_canary[] = {
    {".status.phase=Failed", k_degraded},
    {".status.phase=Progressing|Finalising|Promoting", k_waiting},
    {".status.phase=Succeeded|Initialized", k_healthy},
    {"else", k_unknown},
};
constexpr Clause k_scaled_object[] = {
    {"Ready=False", k_degraded},
    {"Fallback=True", k_degraded},
    {"Ready=True&Paused=True", k_suspended},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_scaled_job[] = {
    {"Ready=False|Unknown", k_degraded},
    {"Ready=True&Paused=True", k_suspended},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_knative_service[] = {
    {"!?status.conditions", k_waiting},
    {"*=False", k_degraded},
    {"*=Unknown", k_waiting},
    {"ConfigurationsReady=True&RoutesReady=True&Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_knative_eventing[] = {
    {"!?status.conditions", k_waiting},
    {"Ready=False", k_waiting},
    {"*=Unknown", k_waiting},
    {"Ready=True&InstallSucceeded=True", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_knative_serving[] = {
    {"!?status.conditions", k_waiting},
    {"DeploymentsAvailable|Ready=False", k_waiting},
    {"*=Unknown", k_waiting},
    {"Ready=True&InstallSucceeded=True&DependenciesInstalled=True&DeploymentsAvailable=True", k_healthy},
    {"else", k_degraded},
};
// Only a model that failed to load is Degraded; conditions that are not true may still become so.
constexpr Clause k_inference[] = {
    {"!?status.conditions", k_waiting},
    {"Stopped=True", k_suspended},
    {".status.modelStatus&!.status.modelStatus.transitionStatus=UpToDate|InProgress", k_degraded},
    {".status.modelStatus.transitionStatus=InProgress", k_waiting},
    {"*=Unknown", k_waiting},
    {"-Stopped=False", k_waiting},
    {"else", k_healthy},
};
constexpr Clause k_llm_inference[] = {
    {"!?status.conditions", k_waiting},
    {"stale", k_waiting},
    {"Ready~", k_waiting},
    {"*:Stopped", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_function[] = {
    {"@Ready=False", k_degraded},
    {"@Stalled=True", k_degraded},
    {"@Ready=True&.status.replicas>0", k_healthy},
    {"@Ready=True", k_suspended, "no replica"},
    {"else", k_waiting},
};
constexpr Clause k_stack[] = {
    {"unobserved", k_waiting},
    {"@Stalled=True", k_degraded},
    {"@Reconciling=True", k_waiting},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_ansible_job[] = {
    {".status.ansibleJobResult.status=successful", k_healthy},
    {".status.ansibleJobResult.status=error|failed|canceled", k_degraded},
    {"else", k_waiting},
};

constexpr Clause k_tekton_run[] = {
    {"Succeeded=True", k_healthy},
    {"Succeeded=False", k_degraded},
    {"else", k_waiting},
};

constexpr CustomRule k_rows[] = {
    {"kustomize.toolkit.fluxcd.io", "Kustomization", k_flux},
    {"image.toolkit.fluxcd.io", "ImageUpdateAutomation", k_flux},
    {"image.toolkit.fluxcd.io", "ImagePolicy", k_image_policy},
    {"image.toolkit.fluxcd.io", "ImageRepository", k_image_repository},
    {"helm.toolkit.fluxcd.io", "HelmRelease", k_helm_release},
    {"notification.toolkit.fluxcd.io", "Receiver", k_flux_receiver},
    {"source.toolkit.fluxcd.io", "Bucket GitRepository HelmChart OCIRepository", k_flux_source},
    {"source.toolkit.fluxcd.io", "HelmRepository", k_helm_repository},
    {"flagger.app", "Canary", k_canary},
    {"keda.sh", "ScaledObject", k_scaled_object},
    {"keda.sh", "ScaledJob", k_scaled_job},
    {"serving.knative.dev", "Service", k_knative_service},
    {"eventing.knative.dev", "Broker Trigger", k_ready},
    {"operator.knative.dev", "KnativeEventing", k_knative_eventing},
    {"operator.knative.dev", "KnativeServing", k_knative_serving},
    {"serving.kserve.io", "InferenceService", k_inference},
    {"serving.kserve.io", "LLMInferenceService", k_llm_inference},
    {"openfaas.com", "Function", k_function},
    {"camel.apache.org", "Integration", k_ready},
    {"pulumi.com", "Stack", k_stack},
    {"tower.ansible.com", "AnsibleJob", k_ansible_job},
    {"tekton.dev", "PipelineRun TaskRun", k_tekton_run},
};

}  // namespace

std::span<const CustomRule> delivery_rules() { return k_rows; }

}  // namespace gitops::deliver
