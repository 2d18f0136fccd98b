// Branches of Argo CD's rules that are easily missed: what stands first, what is absent, what is of another generation.
#include <catch2/catch.hpp>

#include <string>

#include "tests/unit/deliver/health_cases.hpp"

using gitops::health_cases::with, gitops::health_cases::wrong;

TEST_CASE("clouds: configuration without conditions is fine, other objects are not", "[health][branches]") {
    const std::string nop = "nop.crossplane.io/v1alpha1", bound = "aws.upbound.io/v1beta1", sql = "sql.cnrm.cloud.google.com/v1beta1";
    CHECK(wrong({
        {nop, "NopResource", "spec: {}", "Progressing"},
        {nop, "NopResource", "status: {}", "Progressing"},
        {nop, "Composition", "status: {}", "Healthy"},
        {nop, "Composition", "status: {other: 1}", "Healthy"},
        {nop, "ProviderConfig", "status: {conditions: []}", "Healthy"},
        {nop, "ProviderConfig", with("Other=True"), "Progressing"},
        {nop, "ManagedResourceDefinition", with("Established=False:InactiveManagedResource"), "Healthy"},
        {nop, "ManagedResourceDefinition", "spec: {state: Active}\n" + with("Established=False:InactiveManagedResource"), "Progressing"},
        {nop, "ClusterProviderConfig", "status: {users: 0}", "Healthy"},
        {nop, "NopResource", with("Ready=True Synced=False"), "Degraded"},
        {nop, "NopResource", with("LastAsyncOperation=False Ready=True"), "Degraded"},
        {nop, "XRD", with("Established=True Offered=False"), "Healthy"},
        {bound, "ProviderConfig", "status: {}", "Healthy"},
        {bound, "ProviderConfig", "status: {other: 1}", "Healthy"},
        {bound, "ProviderConfig", "status: {users: 1}", "Healthy"},
        {bound, "ProviderConfigUsage", "status: {users: 1}", "Healthy"},
        {bound, "Composition", "spec: {}", "Progressing"},
        {sql, "SQLInstance", with("Ready=True:UpToDate", "observedGeneration: 1"), "Progressing"},
        {sql, "SQLInstance", "metadata: {generation: 1}\n" + with("Ready=True:UpToDate", "observedGeneration: 1"), "Healthy"},
        {sql, "SQLInstance", with("Ready=False:UpdateFailed Ready=True:UpToDate"), "Degraded"},
        {"core.cnrm.cloud.google.com/v1beta1", "ConfigConnector", "status: {healthy: false}", "Degraded"},
        {"core.cnrm.cloud.google.com/v1beta1", "ConfigConnector", with("Ready=True:UpToDate"), "Healthy"},
    }) == "");
}

TEST_CASE("workloads: partitions, counts and older forms", "[health][branches]") {
    const std::string kruise = "apps.kruise.io/v1alpha1", rollout = "argoproj.io/v1alpha1", config = "apps.openshift.io/v1";
    const auto daemon = [](const std::string& partition, const std::string& generation, const std::string& updated) {
        return "metadata: {generation: " + generation + "}\nspec: {updateStrategy: {rollingUpdate: {" + partition + "}}}\n" +
               "status: {observedGeneration: " + generation + ", desiredNumberScheduled: 4, numberAvailable: 4, "
               "numberUnavailable: 0, updatedNumberScheduled: " + updated + "}";
    };
    const std::string blue = "spec: {replicas: 1, strategy: {blueGreen: {}}}\nstatus: {currentPodHash: a, replicas: 1, "
                             "updatedReplicas: 1, availableReplicas: 1, blueGreen: {activeSelector: a}";
    CHECK(wrong({
        {kruise, "DaemonSet", daemon("", "2", "4"), "Healthy"},
        {kruise, "DaemonSet", daemon("partition: 0", "2", "4"), "Healthy"},
        {kruise, "DaemonSet", daemon("partition: 2", "2", "3"), "Suspended"},
        {kruise, "DaemonSet", daemon("partition: 2", "2", "2"), "Progressing"},
        {kruise, "DaemonSet", daemon("partition: 2", "1", "4"), "Healthy"},
        {kruise, "DaemonSet", daemon("partition: 50%", "2", "3"), "Suspended"},
        {kruise, "DaemonSet", daemon("partition: 50%", "2", "2"), "Progressing"},
        {kruise, "DaemonSet", daemon("partition: 0%", "2", "4"), "Healthy"},
        {rollout, "Rollout", blue + "}", "Healthy"},
        {rollout, "Rollout", blue + ", canary: {}}", "Progressing"},
        {rollout, "Rollout", blue + ", canary: {stableRS: a}}", "Healthy"},
        {rollout, "Rollout", blue + ", stableRS: b}", "Progressing"},
        {config, "DeploymentConfig", with("Available=False Progressing=True", "replicas: 1"), "Degraded"},
        {config, "DeploymentConfig", with("Available=False Progressing=True:NewReplicationControllerAvailable", "replicas: 1"),
         "Progressing"},
        {config, "DeploymentConfig", with("Available=True Progressing=True", "replicas: 1"), "Progressing"},
    }) == "");
}

TEST_CASE("gateways: what is said of which generation", "[health][branches]") {
    const std::string api = "gateway.networking.k8s.io/v1", envoy = "gateway.envoyproxy.io/v1alpha1";
    const auto at = [](const std::string& list, const std::string& accepted, const std::string& resolved) {
        return "metadata: {generation: 2}\nstatus: {" + list + ": [{conditions: [{type: Accepted, status: 'True', "
               "observedGeneration: " + accepted + "}, {type: ResolvedRefs, status: 'True', observedGeneration: " + resolved +
               "}]}]}";
    };
    const auto refused = [](const std::string& observed) {
        return "{conditions: [{type: Accepted, status: 'False', observedGeneration: " + observed + "}]}";
    };
    const std::string taken = "{conditions: [{type: Accepted, status: 'True', observedGeneration: 2}]}";
    CHECK(wrong({
        {api, "TLSRoute", at("parents", "2", "2"), "Healthy"},
        {api, "TLSRoute", at("parents", "2", "1"), "Progressing"},
        {api, "HTTPRoute", at("parents", "2", "1"), "Progressing"},
        {api, "HTTPRoute", at("parents", "1", "1"), "Progressing"},
        {api, "ListenerSet", with("Accepted=True ResolvedRefs=False", "listeners: [{name: a}]"), "Healthy"},
        {api, "ListenerSet", with("Accepted=False", "listeners: [{name: a}]"), "Degraded"},
        {api, "ListenerSet", with("Accepted=True", "listeners: [{conditions: [{type: ResolvedRefs, status: 'False'}]}]"),
         "Degraded"},
        {api, "BackendTLSPolicy", "status: {ancestors: [{controllerName: a, conditions: [{type: Accepted, status: 'False', "
                                  "reason: TargetNotFound}]}]}", "Degraded"},
        {api, "BackendTLSPolicy", "status: {ancestors: [{controllerName: a, conditions: [{type: Accepted, status: 'False', "
                                  "reason: TargetNotFound}]}, "
                                  "{controllerName: a, conditions: [{type: Accepted, status: 'True'}]}]}", "Degraded"},
        {api, "BackendTLSPolicy", "status: {ancestors: [{conditions: [{type: Accepted, status: 'True'}, "
                                  "{type: ResolvedRefs, status: Unknown}]}]}", "Degraded"},
        {envoy, "SecurityPolicy", "spec: {}", "Progressing"},
        {envoy, "SecurityPolicy", "metadata: {generation: 2}\nstatus: {ancestors: [" + refused("1") + ", " + taken + "]}", "Healthy"},
        {envoy, "SecurityPolicy", "metadata: {generation: 2}\nstatus: {ancestors: [" + taken + ", " + refused("2") + "]}", "Degraded"},
        {envoy, "ClientTrafficPolicy", "metadata: {generation: 2}\nstatus: {ancestors: [" + refused("1") + "]}", "Progressing"},
        {envoy, "Backend", with("Accepted=True"), "Healthy"},
        {envoy, "Backend", with("Accepted=Unknown"), "Degraded"},
        {envoy, "Backend", "status: {}", "Progressing"},
    }) == "");
}

TEST_CASE("clusters, tenants and what they stand on", "[health][branches]") {
    const std::string capi = "cluster.x-k8s.io/v1beta1", plane = "controlplane.cluster.x-k8s.io/v1beta1";
    const std::string hosted = "hypershift.openshift.io/v1beta1", capsule = "capsule.clastix.io/v1beta2";
    CHECK(wrong({
        {capi, "Cluster", "spec: {}\nstatus: {phase: Provisioning, conditions: [{type: Ready, status: 'False', severity: Info}]}",
         "Progressing"},
        {capi, "Cluster", "spec: {}\nstatus: {phase: Provisioning, conditions: [{type: Ready, status: 'False', severity: Error}]}",
         "Degraded"},
        {plane, "KubeadmControlPlane", "spec: {}", "Progressing"},
        {plane, "KubeadmControlPlane", "status: {replicas: 3, updatedReplicas: 3, readyReplicas: 3}", "Healthy"},
        {plane, "KubeadmControlPlane", "status: {replicas: 3, updatedReplicas: 2, readyReplicas: 3}", "Progressing"},
        {plane, "KubeadmControlPlane", "status: {replicas: 3, updatedReplicas: 3, readyReplicas: 4}", "Progressing"},
        {plane, "KubeadmControlPlane", with("EtcdClusterHealthy=Unknown"), "Degraded"},
        {plane, "KubeadmControlPlane", "status: {v1beta2: {conditions: [{type: RollingOut, status: 'True'}]}}", "Progressing"},
        {plane, "KubeadmControlPlane", "status: {v1beta2: {conditions: [{type: MachinesReady, status: 'False'}]}}", "Progressing"},
        {hosted, "HostedCluster", with("Available=True Progressing=True"), "Progressing"},
        {hosted, "HostedCluster", with("Available=True Degraded=True"), "Degraded"},
        {hosted, "HostedControlPlane", "status: {ready: true}", "Healthy"},
        {hosted, "ControlPlaneComponent", with("Available=True RolloutComplete=False"), "Progressing"},
        {hosted, "ControlPlaneComponent", with("Available=True RolloutComplete=True"), "Healthy"},
        {hosted, "NodePool", with("ValidReleaseImage=False Ready=True"), "Degraded"},
        {hosted, "NodePool", with("UpdatingConfig=True Ready=True"), "Progressing"},
        {hosted, "AWSEndpointService", with("AWSEndpointServiceAvailable=True AWSEndpointAvailable=False:AWSError"), "Degraded"},
        {hosted, "AWSEndpointService", with("AWSEndpointServiceAvailable=True AWSEndpointAvailable=True"), "Healthy"},
        {hosted, "AzurePrivateLinkService", with("AzurePrivateLinkServiceAvailable=False:AzureError"), "Degraded"},
        {hosted, "GCPPrivateServiceConnect", with("GCPPrivateServiceConnectAvailable=False"), "Progressing"},
        {hosted, "HCPEtcdBackup", with("BackupCompleted=False:BackupFailed"), "Degraded"},
        {hosted, "HCPEtcdBackup", with("BackupCompleted=False:EtcdUnhealthy"), "Progressing"},
        {capsule, "Tenant", with("Ready=True Cordoned=True"), "Suspended"},
        {capsule, "Tenant", with("Ready=True Cordoned=False"), "Healthy"},
        {capsule, "TenantResource", "spec: {cordoned: true}", "Suspended"},
        {capsule, "ResourcePool", with("Ready=True", "exhaustions: {cpu: {}}"), "Degraded"},
        {capsule, "ResourcePool", with("Ready=True", "exhaustions: {}"), "Healthy"},
        {capsule, "ResourcePoolClaim", with("Ready=True Bound=False"), "Suspended"},
        {capsule, "CustomQuota", "metadata: {generation: 2}\n" + with("Ready=True", "observedGeneration: 1"), "Progressing"},
        {"datasciencecluster.opendatahub.io/v1", "DataScienceCluster", "status: {phase: Not Ready}", "Progressing"},
        {"dscinitialization.opendatahub.io/v1", "DSCInitialization", "status: {phase: Error}", "Degraded"},
    }) == "");
}

TEST_CASE("data, events and names", "[health][branches]") {
    const std::string elastic = "elasticsearch.k8s.elastic.co/v1", flink = "flink.apache.org/v1beta1";
    const std::string cassandra = "cassandra.datastax.com/v1beta1", druid = "druid.apache.org/v1alpha1";
    const std::string sets = "spec: {nodeSets: [{count: 2}]}\nstatus: {availableNodes: ";
    CHECK(wrong({
        {elastic, "Elasticsearch", sets + "3, phase: Ready, health: green}", "Unknown"},
        {elastic, "Elasticsearch", sets + "2, phase: ApplyingChanges}", "Unknown"},
        {elastic, "Elasticsearch", sets + "2, phase: ApplyingChanges, health: yellow}", "Progressing"},
        {elastic, "Elasticsearch", sets + "2, phase: Ready, health: unknown}", "Unknown"},
        {flink, "FlinkDeployment", "spec: {job: {state: suspended}}", "Healthy"},
        {flink, "FlinkDeployment", "spec: {job: {state: suspended}}\nstatus: {jobManagerDeploymentStatus: MISSING, "
                                   "reconciliationStatus: {state: UPGRADING, lastReconciledSpec: '{}'}}", "Progressing"},
        {flink, "FlinkBlueGreenDeployment", "status: {blueGreenState: ACTIVE_BLUE}", "Healthy"},
        {flink, "FlinkBlueGreenDeployment", "status: {blueGreenState: ACTIVE_BLUE, jobStatus: {state: RESTARTING}}", "Degraded"},
        {flink, "FlinkBlueGreenDeployment", "status: {blueGreenState: ACTIVE_BLUE, reconciliationStatus: {state: ROLLED_BACK}}",
         "Degraded"},
        {flink, "FlinkBlueGreenDeployment", "status: {jobStatus: {state: FAILED}}", "Progressing"},
        {flink, "FlinkSessionJob", "status: {jobStatus: {state: FINISHED}, error: late}", "Healthy"},
        {flink, "FlinkSessionJob", "status: {jobStatus: {state: CANCELED}}", "Suspended"},
        {flink, "FlinkSessionJob", "status: {error: no}", "Degraded"},
        {flink, "FlinkSessionJob", "status: {}", "Progressing"},
        {cassandra, "CassandraDatacenter", "spec: {}", "Unknown"},
        {cassandra, "CassandraDatacenter", "status: {conditions: [{type: Updating, status: 'True', lastTransitionTime: '2'}, "
                                           "{type: Healthy, status: 'False', lastTransitionTime: '3'}]}", "Healthy"},
        {cassandra, "CassandraDatacenter", "status: {conditions: [{type: Updating, status: 'True', lastTransitionTime: '4'}, "
                                           "{type: Healthy, status: 'True', lastTransitionTime: '3'}]}", "Progressing"},
        {druid, "Druid", "status: {druidNodeStatus: {druidNodeConditionType: DruidClusterReady, druidNodeConditionStatus: 'True'}}",
         "Healthy"},
        {druid, "Druid", "status: {druidNodeStatus: {druidNodeConditionType: DruidNodeErrorState, druidNodeConditionStatus: 'True'}}",
         "Degraded"},
        {druid, "Druid", "status: {}", "Progressing"},
        {"ceph.rook.io/v1", "CephObjectStore", "status: {phase: Failure}", "Degraded"},
        {"ceph.rook.io/v1", "CephObjectStore", "status: {phase: Connected}", "Progressing"},
        {"eventing.knative.dev/v1", "Broker", with("Ready=Unknown"), "Progressing"},
        {"eventing.knative.dev/v1", "Trigger", with("Ready=True Subscribed=False"), "Healthy"},
        {"externaldns.k8s.io/v1alpha1", "DNSEndpoint", "metadata: {generation: 2}\nstatus: {observedGeneration: 1}", "Progressing"},
        {"externaldns.k8s.io/v1alpha1", "DNSEndpoint", "metadata: {generation: 2}\nstatus: {observedGeneration: 2}", "Healthy"},
        {"kubernetes-client.io/v1", "ExternalSecret", "status: {status: Odd}", "Progressing"},
    }) == "");
}
