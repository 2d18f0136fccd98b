// One table per family of operators: an object's status in short, and what Argo CD's rule for its kind says.
#include <catch2/catch.hpp>

#include <string>

#include "tests/unit/deliver/health_cases.hpp"

using gitops::health_cases::with, gitops::health_cases::wrong;

TEST_CASE("Argo's own kinds", "[health][families]") {
    const std::string rollout = "argoproj.io/v1alpha1", numa = "numaplane.numaproj.io/v1alpha1",
         promoter = "promoter.argoproj.io/v1alpha1";
    const std::string canary = "spec: {replicas: 2, strategy: {canary: {}}}\nstatus: {currentPodHash: a, stableRS: ";
    CHECK(wrong({
        {rollout, "Rollout", "spec: {}", "Progressing"},
        {rollout, "Rollout", "metadata: {generation: 2}\nstatus: {observedGeneration: '1', phase: Healthy}", "Progressing"},
        {rollout, "Rollout", "metadata: {generation: 2}\nstatus: {observedGeneration: 7bc, phase: Healthy}", "Healthy"},
        {rollout, "Rollout", "metadata: {generation: 2}\nstatus: {observedGeneration: '2', phase: Paused}", "Suspended"},
        {rollout, "Rollout", "status: {phase: Odd}", "Unknown"},
        {rollout, "Rollout", "spec: {workloadRef: {}}\nmetadata: {annotations: {rollout.argoproj.io/workload-generation: '2'}}\n"
                             "status: {workloadObservedGeneration: '1', phase: Healthy}", "Progressing"},
        {rollout, "Rollout", with("Progressing=False:ProgressDeadlineExceeded"), "Degraded"},
        {rollout, "Rollout", with("InvalidSpec=True"), "Degraded"},
        {rollout, "Rollout", "status: {pauseConditions: [{reason: x}]}", "Suspended"},
        {rollout, "Rollout", canary + "a, replicas: 2, updatedReplicas: 2, availableReplicas: 2}", "Healthy"},
        {rollout, "Rollout", canary + "b, replicas: 2, updatedReplicas: 2, availableReplicas: 2}", "Progressing"},
        {rollout, "Rollout", canary + "a, replicas: 3, updatedReplicas: 2, availableReplicas: 2}", "Progressing"},
        {rollout, "Rollout", canary + "a, replicas: 2, updatedReplicas: 1, availableReplicas: 1}", "Progressing"},
        {rollout, "AnalysisRun", "status: {phase: Error}", "Degraded"},
        {rollout, "CronWorkflow", "spec: {}", "Healthy"},
        {rollout, "CronWorkflow", with("SubmissionError=True"), "Degraded"},
        {rollout, "ApplicationSet", with("ResourcesUpToDate=True RolloutProgressing=True"), "Progressing"},
        {rollout, "ApplicationSet", with("ErrorOccurred=True ResourcesUpToDate=True"), "Degraded"},
        {numa, "PipelineRollout", with("ChildResourcesHealthy=True PipelinePausingOrPaused=True"), "Healthy"},
        {numa, "PipelineRollout", "metadata: {generation: 2}\n" + with("ChildResourcesHealthy=True", "observedGeneration: 1"),
         "Progressing"},
        {numa, "MonoVertexRollout", with("ProgressiveUpgradeSucceeded=False", "upgradeInProgress: x"), "Degraded"},
        {numa, "NumaflowControllerRollout", with("ChildResourcesHealthy=True", "phase: Deployed"), "Healthy"},
        {promoter, "GitCommitStatus", with("Ready=True", "environments: [{phase: success}, {phase: pending}]"), "Progressing"},
        {promoter, "GitCommitStatus", with("Ready=True", "environments: [{phase: success}, {phase: failure}]"), "Degraded"},
        {promoter, "GitCommitStatus", with("Ready=True"), "Healthy"},
        {promoter, "PromotionStrategy", with("Ready=True", "environments: []"), "Degraded"},
        {promoter, "PromotionStrategy", with("Ready=True", "environments: [{active: {dry: {sha: a}}, proposed: {dry: {sha: a}}}, "
                                             "{active: {dry: {sha: b}}, proposed: {dry: {sha: b}}}]"), "Progressing"},
        {promoter, "PromotionStrategy", with("Ready=True", "environments: [{active: {dry: {sha: a}}, "
         "proposed: {dry: {sha: a}}}]"), "Healthy"},
        {promoter, "ScmProvider", with("Ready=Unknown"), "Progressing"},
    }) == "");
}

TEST_CASE("Flux, KEDA, Knative, KServe", "[health][families]") {
    const std::string source = "source.toolkit.fluxcd.io/v1";
    CHECK(wrong({
        {source, "GitRepository", "spec: {suspend: true}", "Suspended"},
        {source, "GitRepository", "spec: {}", "Progressing"},
        {source, "GitRepository", "spec: {}\n" + with("Ready=True ArtifactInStorage=True"), "Healthy"},
        {source, "GitRepository", "spec: {}\n" + with("Ready=True"), "Degraded"},
        {source, "GitRepository", "spec: {}\n" + with("Ready=Unknown Reconciling=True"), "Progressing"},
        {source, "HelmRepository", "spec: {type: oci}", "Healthy"},
        {"kustomize.toolkit.fluxcd.io/v1", "Kustomization", with("Ready=Unknown"), "Degraded"},
        {"helm.toolkit.fluxcd.io/v2", "HelmRelease", with("Ready=True Released=True"), "Healthy"},
        {"helm.toolkit.fluxcd.io/v2", "HelmRelease", with("Ready=True Released=True TestSuccess=True"), "Degraded"},
        {"image.toolkit.fluxcd.io/v1", "ImageRepository", with("Ready=False Reconciling=True:Scanning"), "Progressing"},
        {"notification.toolkit.fluxcd.io/v1", "Receiver", with("Ready=False"), "Degraded"},
        {"notification.toolkit.fluxcd.io/v1", "Provider", "spec: {}", "none"},  // it has no status
        {"keda.sh/v1alpha1", "ScaledObject", with("Ready=True Paused=True"), "Suspended"},
        {"keda.sh/v1alpha1", "ScaledObject", with("Ready=True Fallback=True"), "Degraded"},
        {"keda.sh/v1alpha1", "ScaledJob", with("Ready=Unknown"), "Degraded"},
        {"serving.knative.dev/v1", "Service", with("ConfigurationsReady=True RoutesReady=True Ready=True"), "Healthy"},
        {"serving.knative.dev/v1", "Service", with("ConfigurationsReady=True RoutesReady=Unknown Ready=Unknown"), "Progressing"},
        {"serving.knative.dev/v1", "Service", with("ConfigurationsReady=False RoutesReady=Unknown"), "Degraded"},
        {"serving.kserve.io/v1beta1", "InferenceService", with("Ready=True Stopped=False"), "Healthy"},
        {"serving.kserve.io/v1beta1", "InferenceService", with("Ready=False"), "Progressing"},
        {"serving.kserve.io/v1beta1", "InferenceService", with("Ready=True",
         "modelStatus: {transitionStatus: BlockedByFailedLoad}"), "Degraded"},
        {"serving.kserve.io/v1beta1", "InferenceService", with("Stopped=True"), "Suspended"},
        {"openfaas.com/v1", "Function", with("Ready=True", "replicas: 1"), "Healthy"},
        {"openfaas.com/v1", "Function", with("Ready=True", "replicas: 0"), "Suspended"},
    }) == "");
}

TEST_CASE("certificates and secrets", "[health][families]") {
    CHECK(wrong({
        {"cert-manager.io/v1", "CertificateRequest", with("Ready=False:Pending"), "Progressing"},
        {"cert-manager.io/v1", "CertificateRequest", with("Ready=False:Failed"), "Degraded"},
        {"acme.cert-manager.io/v1", "Order", "status: {state: errored}", "Degraded"},
        {"external-secrets.io/v1", "ExternalSecret", with("Ready=True"), "Healthy"},
        {"external-secrets.io/v1", "ExternalSecret", "spec: {refreshPolicy: OnChange}\nstatus: {refreshTime: '2025-02-01T00:00:00Z', "
         "conditions: [{type: Ready, status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z'}]}", "Progressing"},
        {"external-secrets.io/v1", "ClusterExternalSecret", with("NotReady=True Ready=True"), "Healthy"},
        {"external-secrets.io/v1", "ClusterExternalSecret", with("Ready=True PartiallyReady=True"), "Degraded"},
        {"kubernetes-client.io/v1", "ExternalSecret", "status: {status: 'ERROR, no key'}", "Degraded"},
    }) == "");
}

TEST_CASE("gateways and routes", "[health][families]") {
    const std::string api = "gateway.networking.k8s.io/v1", solo = "gateway.solo.io/v1";
    const auto parent = [](const std::string& text, const std::string& observed) {
        return "metadata: {generation: 2}\nstatus: {parents: [{parentRef: {name: gw}, conditions: [{type: " +
               text.substr(0, text.find('=')) + ", status: '" + text.substr(text.find('=') + 1) + "', "
         "observedGeneration: " + observed + "}]}]}";
    };
    CHECK(wrong({
        {api, "Gateway", with("Accepted=True Programmed=True"), "Healthy"},
        {api, "Gateway", with("Programmed=Unknown"), "Progressing"},
        {api, "Gateway", with("Programmed=Unknown ResolvedRefs=False"), "Degraded"},
        {api, "Gateway", "status: {listeners: [{name: a, conditions: [{type: Accepted, status: 'False'}]}]}", "Degraded"},
        {api, "Gateway", "spec: {}", "Progressing"},
        {api, "HTTPRoute", parent("Accepted=True", "2"), "Healthy"},
        {api, "HTTPRoute", parent("Accepted=False", "2"), "Degraded"},
        {api, "HTTPRoute", parent("Accepted=False", "1"), "Progressing"},
        {api, "GRPCRoute", parent("Programmed=False", "2"), "Progressing"},
        {api, "TLSRoute", parent("Accepted=True", "2"), "Progressing"},  // nobody said that it resolves
        {api, "GatewayClass", with("Accepted=False"), "Degraded"},
        {api, "BackendTLSPolicy", "status: {ancestors: [{controllerName: a, conditions: [{type: Accepted, status: 'False', "
                                  "reason: TargetNotFound}]}, "
                                  "{controllerName: b, conditions: [{type: Accepted, status: 'True'}]}]}", "Healthy"},
        {api, "ListenerSet", with("Accepted=True", "listeners: [{conditions: [{type: Conflicted, status: 'True'}]}]"),
         "Degraded"},
        {solo, "VirtualService", "status: {statuses: {a: {state: Pending}}}", "Suspended"},
        {solo, "VirtualService", "status: {state: 2}", "Degraded"},
        {solo, "VirtualService", "status: {statuses: {a: {state: 1}}}", "Healthy"},
        {"microgateway.airlock.com/v1alpha1", "Identity", "spec: {}", "Healthy"},
        {"microgateway.airlock.com/v1alpha1", "AccessControlPolicy", "spec: {}", "Progressing"},
        {"projectcontour.io/v1", "HTTPProxy", "spec: {includes: [{name: a}]}\n" + with("Valid=False"), "Healthy"},
        {"install.istio.io/v1alpha1", "IstioOperator", "status: {status: 2}", "Progressing"},
        {"route.openshift.io/v1", "Route", "status: {ingress: [{conditions: [{type: Admitted, status: 'False'}]}]}", "Degraded"},
        {"route.openshift.io/v1", "Route", "status: {ingress: [{conditions: [{type: Admitted, status: 'True'}]}]}", "Healthy"},
    }) == "");
}

TEST_CASE("data and streams", "[health][families]") {
    const std::string spark = "sparkoperator.k8s.io/v1beta2", pg = "postgresql.cnpg.io/v1", rabbit = "rabbitmq.com/v1beta1";
    const std::string two = "\nstatus: {applicationState: {state: RUNNING}, executorState: {a: RUNNING, b: RUNNING}}";
    CHECK(wrong({
        {"k8s.mariadb.com/v1alpha1", "MariaDB", with("Ready=False:Failed"), "Degraded"},
        {"k8s.mariadb.com/v1alpha1", "MariaDB", with("Ready=False"), "Progressing"},
        {"k8s.mariadb.com/v1alpha1", "User", with("Ready=Unknown"), "Degraded"},
        {"acid.zalan.do/v1", "postgresql", "status: {PostgresClusterStatus: SyncFailed}", "Degraded"},
        {pg, "Cluster", with("Ready=True", "phase: Cluster in healthy state"), "Healthy"},
        {pg, "Cluster", with("Ready=True", "phase: Failing over"), "Degraded"},
        {pg, "Cluster", with("cnpg.io/hibernation=True"), "Suspended"},
        {pg, "Cluster", with("Ready=True", "phase: Something new"), "Unknown"},
        {pg, "Cluster", "metadata: {annotations: {cnpg.io/reconciliationLoop: disabled}}", "Suspended"},
        {"elasticsearch.k8s.elastic.co/v1", "Elasticsearch",
         "spec: {nodeSets: [{count: 2}, {count: 1}]}\nstatus: {availableNodes: 2, phase: Ready, health: green}", "Progressing"},
        {"elasticsearch.k8s.elastic.co/v1", "Elasticsearch",
         "spec: {nodeSets: [{count: 2}, {count: 1}]}\nstatus: {availableNodes: 3, phase: Ready, health: green}", "Healthy"},
        {"minio.min.io/v2", "Tenant", "status: {currentState: Provisioning pods}", "Progressing"},
        {"minio.min.io/v2", "Tenant", "spec: {}", "Progressing"},
        {"solr.apache.org/v1beta1", "SolrCloud", "status: {solrNodes: [{ready: true}, {ready: false}]}", "Progressing"},
        {"cassandra.rook.io/v1alpha1", "Cluster", "status: {racks: {a: {members: 3, readyMembers: 2}}}", "Progressing"},
        {"db.atlasgo.io/v1alpha1", "AtlasMigration", with("Ready=False:Reconciling"), "Progressing"},
        {"kafka.strimzi.io/v1beta2", "Kafka", with("NotReady=True:Creating"), "Progressing"},
        {"kafka.strimzi.io/v1beta2", "KafkaTopic", with("NotReady=True:Creating"), "Degraded"},
        {"platform.confluent.io/v1beta1", "Connector", "status: {state: CREATED, connectorState: RUNNING, "
         "failedTasksCount: 1}", "Degraded"},
        {"kafka.banzaicloud.io/v1beta1", "KafkaCluster", "status: {state: ClusterRunning, "
         "cruiseControlTopicStatus: CruiseControlTopicReady, brokersState: {'7': "
         "{configurationState: ConfigInSync, gracefulActionState: {cruiseControlState: GracefulUpscaleSucceeded}}}}", "Healthy"},
        {"kafka.banzaicloud.io/v1beta1", "KafkaCluster", "status: {brokersState: {'0': {configurationState: ConfigOutOfSync}}}", "Degraded"},
        {rabbit, "Vhost", with("Ready=True:SuccessfulCreateOrUpdate"), "Healthy"},
        {rabbit, "Vhost", with("Ready=True:Other"), "Unknown"},
        {rabbit, "RabbitmqCluster", with("ClusterAvailable=True AllReplicasReady=Unknown"), "Progressing"},
        {"flink.apache.org/v1beta1", "FlinkDeployment", "status: {reconciliationStatus: {state: UPGRADING}, "
         "jobManagerDeploymentStatus: ERROR}", "Degraded"},
        {spark, "SparkApplication", "spec: {executor: {instances: 2}}" + two, "Healthy"},
        {spark, "SparkApplication", "spec: {executor: {instances: 3}}" + two, "Progressing"},
        {spark, "SparkApplication", "spec: {dynamicAllocation: {enabled: true, minExecutors: 1, maxExecutors: 5}}" + two,
         "Healthy"},
        {spark, "SparkApplication", "spec: {sparkConf: {spark.dynamicAllocation.enabled: 'true', "
         "spark.dynamicAllocation.minExecutors: '3'}}" + two, "Progressing"},
        {spark, "SparkApplication", "status: {applicationState: {state: FAILING}}", "Degraded"},
    }) == "");
}

TEST_CASE("clusters, machines and pods of other controllers", "[health][families]") {
    const std::string capi = "cluster.x-k8s.io/v1beta1", kruise = "apps.kruise.io/v1alpha1";
    const std::string observed = "metadata: {generation: 2}\nstatus: {observedGeneration: 2, ";
    CHECK(wrong({
        {capi, "Cluster", "spec: {paused: true}", "Suspended"},
        {capi, "Cluster", with("Ready=False", "phase: Provisioned"), "Degraded"},
        {capi, "MachineDeployment", "status: {phase: Running, replicas: 2, updatedReplicas: 2, readyReplicas: 1}", "Healthy"},
        {capi, "MachineDeployment", "status: {phase: ScalingUp, replicas: 2, readyReplicas: 2}", "Progressing"},
        {"kubevirt.io/v1", "VirtualMachine", "spec: {running: false}\n" + with("Ready=False Paused=True"), "Healthy"},
        {"kubevirt.io/v1", "VirtualMachine", "spec: {running: true}\n" + with("Ready=False"), "Suspended"},
        {"medusa.k8ssandra.io/v1alpha1", "MedusaTask", "status: {finished: [a]}", "Unknown"},
        {"medusa.k8ssandra.io/v1alpha1", "MedusaTask", observed + "finished: [a], failed: [b]}", "Degraded"},
        {"medusa.k8ssandra.io/v1alpha1", "MedusaBackupJob", observed + "finished: [a], failed: [b]}", "Healthy"},
        {"rds.aws.crossplane.io/v1alpha1", "DBInstance", with("Synced=False:ReconcilePaused"), "Suspended"},
        {"operator.knative.dev/v1beta1", "KnativeServing", with("Ready=False DeploymentsAvailable=True"), "Progressing"},
        {capi, "MachineHealthCheck", "status: {expectedMachines: 2, currentHealthy: 1}", "Degraded"},
        {"controlplane.cluster.x-k8s.io/v1beta2", "AWSManagedControlPlane",
         "status: {conditions: [{type: A, status: 'False', severity: Error}]}", "Degraded"},
        {"controlplane.cluster.x-k8s.io/v1beta2", "AWSManagedControlPlane",
         "status: {conditions: [{type: A, status: 'False', severity: Info}]}", "Progressing"},
        {"karpenter.sh/v1", "NodeClaim", with("Ready=True Disrupting=True"), "Suspended"},
        {"core.gardener.cloud/v1beta1", "Shoot", "metadata: {labels: {shoot.gardener.cloud/status: unhealthy}}", "Degraded"},
        {"work.karmada.io/v1alpha2", "ResourceBinding", "spec: {clusters: [a, "
         "b]}\nstatus: {aggregatedStatus: [{health: Healthy}]}", "Progressing"},
        {"work.karmada.io/v1alpha2", "ResourceBinding", "status: {aggregatedStatus: [{health: Unknown, applied: false}]}",
         "Degraded"},
        {"policy.open-cluster-management.io/v1", "Policy", "spec: {disabled: true}", "Healthy"},
        {"operators.coreos.com/v1alpha1", "Subscription", with("InstallPlanPending=True", "state: UpgradePending"),
         "Progressing"},
        {"operators.coreos.com/v1alpha1", "Subscription", "spec: {installPlanApproval: Manual}\n" +
         with("InstallPlanPending=True:RequiresApproval", "state: UpgradePending, installedCSV: a"), "Healthy"},
        {kruise, "CloneSet", "spec: {updateStrategy: {partition: 0}}\n" + observed + "updatedAvailableReplicas: 2, "
         "replicas: 2}", "Healthy"},
        {kruise, "CloneSet", "spec: {updateStrategy: {paused: true}}\n" + observed + "updatedAvailableReplicas: 2, "
         "replicas: 2}", "Suspended"},
        {kruise, "CloneSet", "spec: {updateStrategy: {partition: 1}}\n" + observed + "updatedAvailableReplicas: 1, "
         "updatedReplicas: 1, expectedUpdatedReplicas: 1}", "Suspended"},
        {kruise, "StatefulSet", "spec: {updateStrategy: {rollingUpdate: {partition: 2}}}\n" + observed + "updatedAvailableReplicas: 1, updatedReplicas: 1, replicas: 3}", "Progressing"},
        {kruise, "DaemonSet", "spec: {updateStrategy: {rollingUpdate: {partition: 0}}}\n" + observed + "updatedNumberScheduled: 2, desiredNumberScheduled: 2, numberAvailable: 2}", "Healthy"},
        {"kubevirt.io/v1", "VirtualMachine", with("Ready=False"), "Suspended"},
        {"kubevirt.io/v1", "VirtualMachine", with("Ready=False", "created: true"), "Progressing"},
        {"kubevirt.io/v1", "VirtualMachineInstance", with("Ready=True Paused=True", "phase: Running"), "Suspended"},
        {"cdi.kubevirt.io/v1beta1", "DataVolume", with("Running=False:Error", "phase: ImportInProgress"), "Degraded"},
        {"core.spinkube.dev/v1alpha1", "SpinApp", with("Available=True", "readyReplicas: 1"), "Healthy"},
        {"core.spinkube.dev/v1alpha1", "SpinApp", with("Available=False"), "Degraded"},
        {"apps.openshift.io/v1", "DeploymentConfig", with("Available=False", "replicas: 0"), "Healthy"},
    }) == "");
}

TEST_CASE("storage, clouds and observability", "[health][families]") {
    CHECK(wrong({
        {"ceph.rook.io/v1", "CephCluster", "status: {ceph: {health: HEALTH_OK}, state: Creating}", "Progressing"},
        {"ceph.rook.io/v1", "CephCluster", "status: {ceph: {health: HEALTH_WARN}, state: Created}", "Degraded"},
        {"snapshot.storage.k8s.io/v1", "VolumeSnapshot", "status: {readyToUse: false, error: {message: no}}", "Degraded"},
        {"astra.netapp.io/v1", "ExecHook", "spec: {enabled: false}", "Suspended"},
        {"trident.netapp.io/v1", "TridentBackendConfig", "status: {phase: Bound, lastOperationStatus: Success}", "Healthy"},
        {"ec2.aws.upbound.io/v1beta1", "VPC", with("Ready=True Synced=False"), "Degraded"},
        {"nop.crossplane.io/v1alpha1", "NopResource", with("Ready=True Synced=True"), "Healthy"},
        {"nop.crossplane.io/v1alpha1", "ProviderConfig", "status: {users: 2}", "Healthy"},
        {"nop.crossplane.io/v1alpha1", "NopResource", "status: {users: 2}", "Progressing"},
        {"iam.aws.crossplane.io/v1beta1", "Role", with("Ready=True Synced=False:ReconcilePaused"), "Suspended"},
        {"iam.aws.crossplane.io/v1beta1", "Role", with("Ready=False Synced=True"), "Progressing"},
        {"pkg.crossplane.io/v1", "Provider", with("Installed=True Healthy=False"), "Degraded"},
        {"s3.services.k8s.aws/v1alpha1", "Bucket", with("ACK.Terminal=True Ready=True"), "Degraded"},
        {"s3.services.k8s.aws/v1alpha1", "Bucket", with("Ready=False"), "Progressing"},
        {"sql.cnrm.cloud.google.com/v1beta1", "SQLInstance", with("Ready=False:DependencyNotReady"), "Suspended"},
        {"sql.cnrm.cloud.google.com/v1beta1", "SQLInstance", with("Ready=True:UpToDate"), "Healthy"},
        {"capabilities.3scale.net/v1beta1", "Product", with("Invalid=False Synced=True Failed=True"), "Healthy"},
        {"capabilities.3scale.net/v1beta1", "Tenant", with("Ready=True", "tenantId: 1, adminId: 2"), "Healthy"},
        {"services.cloud.sap.com/v1", "ServiceBinding", with("Succeeded=False"), "Degraded"},
        {"monitoring.coreos.com/v1", "Prometheus", with("Available=False:SomePodsNotReady"), "Progressing"},
        {"monitoring.coreos.com/v1", "ServiceMonitor", "spec: {}", "none"},
        {"operator.victoriametrics.com/v1beta1", "VMAgent", "status: {updateStatus: paused}", "Suspended"},
        {"opentelemetry.io/v1beta1", "OpenTelemetryCollector", "status: {scale: {statusReplicas: 1/3}}", "Progressing"},
        {"opentelemetry.io/v1beta1", "OpenTelemetryCollector",
         "spec: {mode: daemonset}\nstatus: {scale: {statusReplicas: 0/0}}", "Healthy"},
        {"k8s.keycloak.org/v2alpha1", "Keycloak", "status: {conditions: [{type: HasErrors, status: 'True', "
         "lastTransitionTime: '2'}, "
                                                  "{type: Ready, status: 'True', lastTransitionTime: '1'}]}", "Healthy"},
        {"metrics.keptn.sh/v1", "Analysis", "status: {pass: false}", "Degraded"},
        {"grafana.integreatly.org/v1beta1", "GrafanaFolder", with("FolderUIDMismatch=False FolderSynchronized=True"), "Healthy"},
    }) == "");
}
