// Clusters and their nodes: Cluster API, Karpenter, Gardener, Karmada, OpenShift, policies over many clusters.
#include <string>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_capi_cluster[] = {
    {".spec.paused=true", k_suspended, "paused"},
    {"[status.conditions].type=Ready,.status=False,!.severity=Info", k_degraded},  // Info: it is being provisioned
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
    {".status.phase=Running", k_healthy},
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
    {"stale", k_waiting},
    {".status.failureMessage", k_degraded},
    {"!?status.conditions", k_waiting},
    {"EKSControlPlaneUpdating=True", k_waiting},
    {"Ready=True", k_healthy},
    {"[status.conditions].status=False,.severity=Error", k_degraded},
    {"else", k_waiting},
};
// Its newer conditions stand apart.
constexpr Clause k_kubeadm_control_plane[] = {
    {"!?status", k_waiting},
    {"EtcdClusterHealthy!=True", k_degraded},
    {"[status.v1beta2.conditions].type=MachinesReady|MachinesUpToDate,!.status=True", k_waiting},
    {"ControlPlaneComponentsHealthy!=True", k_waiting},
    {"[status.v1beta2.conditions].type=RollingOut,.status=True", k_waiting},
    {".status.updatedReplicas<.status.replicas", k_waiting},
    {".status.readyReplicas<.status.replicas", k_waiting},
    {".status.replicas<.status.readyReplicas", k_waiting},
    {"else", k_healthy},
};
constexpr Clause k_capi_resource_set[] = {
    {"ResourcesApplied=True", k_healthy},
    {"ResourcesApplied=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_node_claim[] = {
    {"stale", k_waiting},
    {"Disrupting=True", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready=False", k_degraded},
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
    {".status.state=UpgradeFailed", k_degraded},
    {"!?status.state", k_waiting},
    {".status.state=|UpgradeAvailable", k_waiting},
    {".spec.installPlanApproval=Manual&InstallPlanPending=True:RequiresApproval&?status.installedCSV", k_healthy,
     "an upgrade waits for approval"},
    {"InstallPlanPending=True", k_waiting},
    {".status.state=UpgradePending", k_waiting},
    {"else", k_healthy},
};
// Namespaced policies of the old kind tell nothing but that they are in force.
constexpr Clause k_kyverno_policy[] = {
    {"Ready=True:Succeeded%Ready", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_kyverno_cluster_policy[] = {
    {"Ready=True", k_healthy},
    {"Ready", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_graph_definition[] = {
    {"!?metadata.generation", k_waiting},
    {"@Ready+=True", k_healthy},
    {"@GraphRevisionsResolved|GraphAccepted|KindReady|ControllerReady|Ready+=False", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_graph_instance[] = {
    {"!?metadata.generation", k_waiting},
    {"@Ready+=True", k_healthy},
    {"@InstanceManaged|GraphResolved|ResourcesReady|Ready+=False&.status.state=FAILED|ERROR", k_degraded},
    {"@InstanceManaged|GraphResolved|ResourcesReady|Ready+=False&.status.state=IN_PROGRESS", k_waiting},
    {"else", k_waiting},
};
constexpr Clause k_calico[] = {
    {"Degraded=True", k_degraded},
    {"Available=True", k_healthy},
    {"else", k_waiting},
};

std::size_t size_at(const doc::Value& object, std::string_view path) {
    const auto* found = at_path(object, path);
    return found == nullptr ? 0 : found->size();
}

/// Karmada: every member cluster must have answered. A binding that follows another one names no cluster itself.
std::optional<Health> binding_health(const doc::Value& object) {
    const auto clusters = size_at(object, "spec.clusters"), answers = size_at(object, "status.aggregatedStatus");
    const auto* named = at_path(object, "spec.clusters");
    const bool follows_another = named == nullptr || named->is_null();
    if (answers == 0 || (!follows_another && clusters != answers))
        return Health{k_waiting, "not every cluster has answered yet"};
    return judge_by(object, k_binding);
}

/// Kyverno's policies of today keep their conditions one level deeper, with a verdict beside them.
std::optional<Health> kyverno_health(const doc::Value& object) {
    const auto* told = at_path(object, "status.conditionStatus");
    if (told == nullptr || told->is_null()) return Health{k_waiting, "waiting for a status"};
    const auto generation = number_at(object, "metadata.generation");
    if (const auto* conditions = told->find("conditions"); conditions != nullptr && generation)
        for (const auto& item : conditions->items())
            if (const auto observed = number_at(item, "observedGeneration"); observed && *observed < *generation)
                return Health{k_waiting, "the conditions are of an older generation"};
    const auto* ready = told->find("ready");
    if (ready != nullptr && ready->as_bool()) return Health{k_healthy, ""};
    return Health{k_degraded, std::string(told->text_at("message"))};
}

constexpr CustomRule k_rows[] = {
    {"cluster.x-k8s.io", "Cluster", k_capi_cluster},
    {"cluster.x-k8s.io", "Machine", k_capi_machine},
    {"cluster.x-k8s.io", "MachineDeployment", k_capi_deployment},
    {"cluster.x-k8s.io", "MachineHealthCheck", k_capi_health_check},
    {"cluster.x-k8s.io", "MachinePool", k_capi_pool},
    {"controlplane.cluster.x-k8s.io", "AWSManagedControlPlane", k_aws_control_plane},
    {"controlplane.cluster.x-k8s.io", "KubeadmControlPlane", k_kubeadm_control_plane},
    {"addons.cluster.x-k8s.io", "ClusterResourceSet", k_capi_resource_set},
    {"karpenter.k8s.aws", "EC2NodeClass", k_ready},
    {"karpenter.sh", "EC2NodeClass NodePool", k_ready},
    {"karpenter.sh", "NodeClaim", k_node_claim},
    {"core.gardener.cloud", "Shoot", k_shoot},
    {"work.karmada.io", "ResourceBinding ClusterResourceBinding", {}, binding_health},
    {"policy.open-cluster-management.io", "CertificatePolicy", k_certificate_policy},
    {"policy.open-cluster-management.io", "ConfigurationPolicy", k_configuration_policy},
    {"policy.open-cluster-management.io", "OperatorPolicy", k_operator_policy},
    {"policy.open-cluster-management.io", "Policy", k_policy},
    {"nmstate.io", "NodeNetworkConfigurationPolicy", k_node_network},
    {"operator.openshift.io", "IngressController", k_ingress_controller},
    {"operators.coreos.com", "Subscription", k_subscription},
    {"operator.tigera.io", "Installation", k_calico},
    {"kyverno.io", "Policy", k_kyverno_policy},
    {"kyverno.io", "ClusterPolicy", k_kyverno_cluster_policy},
    {"policies.kyverno.io",
     "DeletingPolicy GeneratingPolicy ImageValidatingPolicy MutatingPolicy ValidatingPolicy NamespacedDeletingPolicy "
     "NamespacedGeneratingPolicy NamespacedImageValidatingPolicy NamespacedMutatingPolicy NamespacedValidatingPolicy",
     {}, kyverno_health},
    {"kro.run", "ResourceGraphDefinition", k_graph_definition},
    {"kro.run", "*", k_graph_instance},
};

}  // namespace

std::span<const CustomRule> cluster_rules() { return k_rows; }

}  // namespace gitops::deliver
