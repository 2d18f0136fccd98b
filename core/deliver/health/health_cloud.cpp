// Objects that stand for something in a cloud: Crossplane and Upbound, ACK, Config Connector, 3scale, SAP, Apigee.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

// Configuration that no controller answers is fine without conditions, in use or not; everything else is when it is
// synced and ready.
constexpr Clause k_crossplane[] = {
    {"!.status.conditions&.kind=ClusterProviderConfig|ClusterProviderConfigUsage|Composition|CompositionRevision|ControllerConfig|"
     "DeploymentRuntimeConfig|EnvironmentConfig|ImageConfig|ProviderConfig|ProviderConfigUsage|StoreConfig",
     k_healthy},
    {"LastAsyncOperation|Synced=False", k_degraded},
    {"Ready|Healthy|Offered|Established|ValidPipeline|RevisionHealthy=True", k_healthy},
    {"Established:InactiveManagedResource&!.spec.state=Active", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_upbound[] = {
    {"!.status.conditions&.kind=ClusterProviderConfig|ClusterProviderConfigUsage|ProviderConfig|ProviderConfigUsage|StoreConfig",
     k_healthy},
    {"LastAsyncOperation|Synced=False", k_degraded},
    {"Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_crossplane_aws[] = {
    {"!?status.conditions", k_waiting},
    {"Synced=True&Ready=True", k_healthy},
    {"Synced=True:!ReconcilePaused", k_waiting},
    {"Synced!=True:ReconcilePaused", k_suspended},
    {"else", k_degraded},
};
constexpr Clause k_provider[] = {
    {"Installed=True&Healthy=True", k_healthy},
    {"Installed|Healthy", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_stack_install[] = {
    {"[status.conditionedStatus.conditions].type=Ready,.status=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_ack[] = {
    {"@ACK.Terminal=True", k_degraded},
    {"@Ready=False", k_waiting},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_config_connector[] = {
    {"?status.observedGeneration&unobserved", k_waiting},
    {".kind=ConfigConnector|ConfigConnectorContext&.status.healthy=true", k_healthy},
    {".kind=ConfigConnector|ConfigConnectorContext&?status.healthy", k_degraded},
    {"@*=True:UpToDate", k_healthy},
    {"@*:UpdateFailed|DependencyNotFound", k_degraded},
    {"@*:DependencyNotReady", k_suspended},
    {"else", k_waiting},
};
constexpr Clause k_sap[] = {
    {"@*~", k_waiting},
    {"@Succeeded=False", k_degraded},
    {"@Failed=True", k_degraded},
    {"?status.conditions", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_apigee[] = {{".status.state=running", k_healthy}, {"else", k_waiting}};
constexpr Clause k_iam_role[] = {
    {".status.state=Ready", k_healthy},
    {".status.state=Error|RolesMaxLimitReached|PolicyNotAllowed|RoleNameNotAvailable", k_degraded},
    {"else", k_waiting},
};

constexpr Clause k_3scale[] = {
    {"@Ready=True", k_healthy},
    {"@Invalid|Orphan|Failed=True", k_degraded},
    {"@Waiting=True", k_suspended},
    {"@In-progress=True", k_waiting},
    {"else", k_waiting},
};
constexpr Clause k_3scale_synced[] = {
    {"@Synced=True", k_healthy},
    {"@Invalid|Orphan|Failed=True", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_3scale_user[] = {
    {".status.developerUserState=suspended", k_suspended},
    {"@Ready=True", k_healthy},
    {"@Invalid|Orphan|Failed=True", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_3scale_application[] = {
    {".status.state=suspended", k_suspended},
    {"Ready=True", k_healthy},
    {"Ready&!.status.adminId>0", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_3scale_tenant[] = {
    {"Ready=True&.status.tenantId>0&.status.adminId>0", k_healthy},
    {"Ready!=True", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_3scale_manager[] = {
    {"?status.deployments.ready&!?status.deployments.starting&!?status.deployments.stopped", k_healthy},
    {"Available=True", k_healthy},
    {"Available!=True:!", k_degraded},
    {"else", k_waiting},
};

constexpr CustomRule k_rows[] = {
    {"*.crossplane.io", "*", k_crossplane},
    {"*.upbound.io", "*", k_upbound},
    {"iam.aws.crossplane.io", "Policy Role RolePolicyAttachment", k_crossplane_aws},
    {"s3.aws.crossplane.io", "Bucket", k_crossplane_aws},
    {"rds.aws.crossplane.io", "DBCluster DBInstance", k_crossplane_aws},
    {"route53.aws.crossplane.io", "ResourceRecordSet", k_crossplane_aws},
    {"cloudfront.aws.crossplane.io", "Distribution", k_crossplane_aws},
    {"pkg.crossplane.io", "Provider", k_provider},
    {"stacks.crossplane.io", "ClusterStackInstall", k_stack_install},
    {"*.services.k8s.aws", "*", k_ack},
    {"*.cnrm.cloud.google.com", "*", k_config_connector},
    {"services.cloud.sap.com", "ServiceBinding ServiceInstance", k_sap},
    {"apigee.cloud.google.com",
     "ApigeeDatastore ApigeeDeployment ApigeeEnvironment ApigeeOrganization ApigeeRedis ApigeeTelemetry", k_apigee},
    {"iammanager.keikoproj.io", "Iamrole", k_iam_role},
    {"capabilities.3scale.net",
     "ActiveDoc ApplicationAuth CustomPolicyDefinition DeveloperAccount OpenAPI ProxyConfigPromote", k_3scale},
    {"capabilities.3scale.net", "Backend Product", k_3scale_synced},
    {"capabilities.3scale.net", "DeveloperUser", k_3scale_user},
    {"capabilities.3scale.net", "Application", k_3scale_application},
    {"capabilities.3scale.net", "Tenant", k_3scale_tenant},
    {"apps.3scale.net", "APIManager", k_3scale_manager},
};

}  // namespace

std::span<const CustomRule> cloud_rules() { return k_rows; }

}  // namespace gitops::deliver
