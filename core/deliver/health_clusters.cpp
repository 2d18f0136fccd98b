// Clusters and their nodes: Cluster API, Karpenter, Gardener, Karmada, OpenShift, policies over many clusters.
#include "core/deliver/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_capi_cluster[] = {
    {".spec.paused=true", k_suspended, "paused"},
    {"Ready=False", k_degraded},
    {".status.phase=Provisioned", k_healthy},
    {".status.phase=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_capi_machine[] = {
    {".status.phase=Running", k_healthy},
    {".status.phase=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_capi_deployment[] = {
    {".spec.paused=true", k_suspended, "paused"},
    {".status.phase=Running&.status.replicas==.status.updatedReplicas&.status.replicas==.status.readyReplicas", k_healthy},
    {".status.phase=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_capi_health_check[] = {
    {"!?status.currentHealthy", k_waiting},
    {".status.expectedMachines==.status.currentHealthy", k_healthy},
    {"else", k_degraded, "not every machine is healthy"},
};
constexpr Clause k_capi_pool[] = {
    {".status.phase=Running|Scaling", k_healthy},
    {".status.phase=Failed|Unknown", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_aws_control_plane[] = {
    {"!?status.conditions", k_waiting},
    {".status.failureMessage", k_degraded},
    {"EKSControlPlaneUpdating=True", k_waiting},
    {"Ready=True", k_healthy},
    {"[status.conditions].status=False,.severity=Error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_capi_resource_set[] = {
    {"ResourcesApplied=True", k_healthy},
    {"ResourcesApplied=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_node_class[] = {
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"SubnetsReady|SecurityGroupsReady|ValidationSucceeded=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_node_claim[] = {
    {"stale", k_waiting},
    {"Disrupting=True", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_node_pool[] = {
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"NodeClassReady=False", k_degraded},
    {"else", k_waiting},
};
// Argo CD lets 15 minutes pass before it believes "unhealthy"; a rule here knows no clock.
constexpr Clause k_shoot[] = {
    {"label shoot.gardener.cloud/status=healthy", k_healthy},
    {"label shoot.gardener.cloud/status=unhealthy", k_degraded},
    {"label shoot.gardener.cloud/status=unknown", k_unknown},
    {"else", k_waiting},
};
constexpr Clause k_binding[] = {
    {"[status.aggregatedStatus].health=Unhealthy", k_degraded, "it is unhealthy in a cluster"},
    {"[status.aggregatedStatus].health=Unknown,!.applied=true", k_degraded, "it could not be applied in a cluster"},
    {"else", k_healthy},
};
constexpr Clause k_certificate_policy[] = {
    {"!?status.compliant", k_waiting},
    {".status.compliant=Compliant", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_configuration_policy[] = {
    {"!?status.compliant", k_waiting},
    {"!.status.lastEvaluatedGeneration==.metadata.generation", k_waiting},
    {"!?status.compliancyDetails", k_waiting},
    {".status.compliant=Compliant", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_operator_policy[] = {
    {"!?status.conditions", k_waiting},
    {"stale", k_waiting},
    {"Compliant=True", k_healthy},
    {"Compliant", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_policy[] = {
    {".spec.disabled=true", k_healthy, "disabled"},
    {"!?status.compliant&!?status.status&.status.placement", k_healthy, "no cluster matches"},
    {"!?status.compliant", k_waiting},
    {".status.compliant=Compliant", k_healthy},
    {"else", k_degraded},
};
constexpr Clause k_node_network[] = {
    {"@Available=True", k_healthy},
    {"@Degraded=True", k_degraded},
    {"@Progressing=True", k_waiting},
    {"@Ignored=True", k_suspended},
    {"else", k_waiting},
};
constexpr Clause k_ingress_controller[] = {
    {"@Degraded=True", k_degraded},
    {"@DeploymentReplicasAllAvailable=False", k_waiting},
    {"@Progressing=True", k_waiting},
    {"@Available=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_subscription[] = {
    {"!?status.conditions", k_waiting},
    {"InstallPlanMissing:!ReferencedInstallPlanNotFound", k_degraded},
    {"CatalogSourcesUnhealthy|InstallPlanFailed|ResolutionFailed=True", k_degraded},
    {"InstallPlanPending=True&.status.state=UpgradePending&.status.installedCSV", k_healthy, "an upgrade waits for approval"},
    {"InstallPlanPending=True", k_waiting},
    {"else", k_healthy},
};

std::size_t size_at(const doc::Value& object, std::string_view path) {
    const auto* found = at_path(object, path);
    return found == nullptr ? 0 : found->size();
}

/// Karmada: every member cluster must have answered. A binding that follows another one names no cluster itself.
std::optional<Health> binding_health(const doc::Value& object) {
    const auto clusters = size_at(object, "spec.clusters"), answers = size_at(object, "status.aggregatedStatus");
    if (answers == 0 || (clusters != 0 && clusters != answers))
        return Health{k_waiting, "not every cluster has answered yet"};
    return judge_by(object, k_binding);
}

constexpr CustomRule k_rows[] = {
    {"cluster.x-k8s.io", "Cluster", k_capi_cluster},
    {"cluster.x-k8s.io", "Machine", k_capi_machine},
    {"cluster.x-k8s.io", "MachineDeployment", k_capi_deployment},
    {"cluster.x-k8s.io", "MachineHealthCheck", k_capi_health_check},
    {"cluster.x-k8s.io", "MachinePool", k_capi_pool},
    {"controlplane.cluster.x-k8s.io", "AWSManagedControlPlane", k_aws_control_plane},
    {"addons.cluster.x-k8s.io", "ClusterResourceSet", k_capi_resource_set},
    {"karpenter.k8s.aws", "EC2NodeClass", k_node_class},
    {"karpenter.sh", "EC2NodeClass", k_node_class},
    {"karpenter.sh", "NodeClaim", k_node_claim},
    {"karpenter.sh", "NodePool", k_node_pool},
    {"core.gardener.cloud", "Shoot", k_shoot},
    {"work.karmada.io", "ResourceBinding ClusterResourceBinding", {}, binding_health},
    {"policy.open-cluster-management.io", "CertificatePolicy", k_certificate_policy},
    {"policy.open-cluster-management.io", "ConfigurationPolicy", k_configuration_policy},
    {"policy.open-cluster-management.io", "OperatorPolicy", k_operator_policy},
    {"policy.open-cluster-management.io", "Policy", k_policy},
    {"nmstate.io", "NodeNetworkConfigurationPolicy", k_node_network},
    {"operator.openshift.io", "IngressController", k_ingress_controller},
    {"operators.coreos.com", "Subscription", k_subscription},
};

}  // namespace

std::span<const CustomRule> cluster_rules() { return k_rows; }

}  // namespace gitops::deliver
