// Clusters within clusters and what parts one among tenants: HyperShift, Capsule, Open Data Hub.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_hosted_cluster[] = {
    {"Degraded=True", k_degraded},
    {"Progressing=True", k_waiting},
    {"Available=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_hosted_control_plane[] = {
    {"Degraded=True", k_degraded},
    {"Progressing=True", k_waiting},
    {"Available=True", k_healthy},
    {".status.ready=true", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_hosted_component[] = {
    {"stale", k_waiting},
    {"Available=False", k_degraded},
    {"RolloutComplete=False", k_waiting},
    {"Available=True&RolloutComplete=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_hosted_node_pool[] = {
    {"ValidGeneratedPayload|ValidPlatformImage|ValidReleaseImage|ValidMachineConfig|ValidTuningConfig|ValidPlatformConfig|"
     "ValidMachineTemplate|UpdateManagementEnabled|SupportedVersionSkew=False",
     k_degraded},
    {"UpdatingVersion|UpdatingConfig=True", k_waiting},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_aws_endpoint[] = {
    {"*=False:AWSError", k_degraded},
    {"AWSEndpointServiceAvailable=True&AWSEndpointAvailable=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_azure_link[] = {
    {"AzurePrivateLinkServiceAvailable=True", k_healthy},
    {"AzurePrivateLinkServiceAvailable:AzureError", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_gcp_connect[] = {
    {"GCPPrivateServiceConnectAvailable=True", k_healthy},
    {"GCPPrivateServiceConnectAvailable:GCPError", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_etcd_backup[] = {
    {"BackupCompleted=True", k_healthy},
    {"BackupCompleted:BackupFailed", k_degraded},
    {"else", k_waiting},
};

constexpr Clause k_tenant[] = {
    {"!?status.conditions", k_waiting},
    {"stale", k_waiting},
    {"Cordoned=True", k_suspended},
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_tenant_resource[] = {
    {".spec.cordoned=true", k_suspended, "cordoned"},
    {"stale", k_waiting},
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_pool[] = {
    {"!?status.conditions", k_waiting},
    {"stale", k_waiting},
    {".status.exhaustions", k_degraded, "the pool is exhausted"},
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_pool_claim[] = {
    {"stale", k_waiting},
    {"Bound=False", k_suspended},
    {"Ready=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};

constexpr Clause k_data_hub[] = {
    {"stale", k_waiting},
    {".status.phase=Ready", k_healthy},
    {".status.phase=Error", k_degraded},
    {"else", k_waiting},
};

constexpr CustomRule k_rows[] = {
    {"hypershift.openshift.io", "HostedCluster", k_hosted_cluster},
    {"hypershift.openshift.io", "HostedControlPlane", k_hosted_control_plane},
    {"hypershift.openshift.io", "ControlPlaneComponent", k_hosted_component},
    {"hypershift.openshift.io", "NodePool", k_hosted_node_pool},
    {"hypershift.openshift.io", "AWSEndpointService", k_aws_endpoint},
    {"hypershift.openshift.io", "AzurePrivateLinkService", k_azure_link},
    {"hypershift.openshift.io", "GCPPrivateServiceConnect", k_gcp_connect},
    {"hypershift.openshift.io", "HCPEtcdBackup", k_etcd_backup},
    {"capsule.clastix.io",
     "CapsuleConfiguration CustomQuota GlobalCustomQuota GlobalProxySettings ProxySetting TenantOwner", k_ready_current},
    {"capsule.clastix.io", "Tenant", k_tenant},
    {"capsule.clastix.io", "TenantResource GlobalTenantResource", k_tenant_resource},
    {"capsule.clastix.io", "ResourcePool", k_pool},
    {"capsule.clastix.io", "ResourcePoolClaim", k_pool_claim},
    {"datasciencecluster.opendatahub.io", "DataScienceCluster", k_data_hub},
    {"dscinitialization.opendatahub.io", "DSCInitialization", k_data_hub},
};

}  // namespace

std::span<const CustomRule> hosting_rules() { return k_rows; }

}  // namespace gitops::deliver
