// Operators' own resources, each branch of a rule that is easily missed: what stands first, what is absent or empty, and
// what a reason or a generation changes.
#include <catch2/catch.hpp>

#include <string>

#include "tests/unit/deliver/health_cases.hpp"

using gitops::health_cases::with, gitops::health_cases::wrong;

namespace {

const std::string k_second = "metadata: {generation: 2}\n";

/// The status of the second generation, as observed then.
std::string current(const std::string& conditions, const std::string& more = "") {
    return k_second + with(conditions, "observedGeneration: 2" + (more.empty() ? "" : ", " + more));
}

/// Conditions that each tell of a generation: "Ready=False:1".
std::string of_generation(const std::string& text, const std::string& more = "") {
    std::string list;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        const auto one = text.substr(at, end - at);
        const auto equals = one.find('='), colon = one.find(':');
        list += "{type: " + one.substr(0, equals) + ", status: '" + one.substr(equals + 1, colon - equals - 1) +
                "', observedGeneration: " + one.substr(colon + 1) + "},";
        at = end + 1;
    }
    return k_second + "status: {" + more + "conditions: [" + list + "]}";
}

}  // namespace

TEST_CASE("Numaplane and Promoter, branch by branch", "[health][branches]") {
    const std::string plane = "numaplane.numaproj.io/v1alpha1", flow = "numaflow.numaproj.io/v1alpha1",
                      promoter = "promoter.argoproj.io/v1alpha1";
    CHECK(wrong({
        {plane, "ISBServiceRollout", "spec: {}\n" + k_second, "Progressing"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=True", "phase: Deployed"), "Healthy"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=True", "phase: Pending"), "Progressing"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=True", "upgradeInProgress: progressive"), "Progressing"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=True", "upgradeInProgress: ''"), "Healthy"},
        {plane, "ISBServiceRollout", current("ProgressiveUpgradeSucceeded=False", "upgradeInProgress: progressive"), "Degraded"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=False:Progressing"), "Progressing"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=False:ISBSvcFailed"), "Degraded"},
        {plane, "ISBServiceRollout", current("ChildResourcesHealthy=False:Other"), "Unknown"},
        {plane, "PipelineRollout", current("ChildResourcesHealthy=False:PipelineFailed"), "Degraded"},
        {plane, "PipelineRollout", current("ChildResourcesHealthy=False:Other"), "Unknown"},
        {plane, "PipelineRollout", current("ChildResourcesHealthy=Unknown PipelinePausingOrPaused=True"), "Healthy"},
        {plane, "NumaflowControllerRollout", current("ChildResourcesHealthy=True", "phase: Other"), "Healthy"},
        {plane, "NumaflowControllerRollout", current("ChildResourcesHealthy=False:Other"), "Degraded"},
        {plane, "NumaflowControllerRollout", current("ChildResourcesHealthy=False:Progressing", "phase: Failed"), "Progressing"},
        {plane, "NumaflowControllerRollout", current("Other=True"), "Unknown"},
        {flow, "Pipeline", current("Ready=True", "phase: Pausing"), "Healthy"},
        {flow, "MonoVertex", current("Ready=True", "phase: Pausing"), "Progressing"},
        {flow, "MonoVertex", current("Ready=True", "phase: Paused"), "Healthy"},
        {flow, "Vertex", current("Ready=True", "phase: Running"), "Healthy"},
        {flow, "Vertex", current("Ready=False", "phase: Running"), "Degraded"},
        {promoter, "PullRequest", of_generation("Ready=False:2 Reconciled=True:1"), "Degraded"},
        {promoter, "PullRequest", of_generation("Reconciled=True:1 Ready=False:2"), "Progressing"},
        {promoter, "PullRequest", of_generation("Ready=True:2"), "Healthy"},
        {promoter, "PullRequest", of_generation("Other=True:2"), "Progressing"},
    }) == "");
}

TEST_CASE("subscriptions by their state and how they are approved", "[health][branches]") {
    const std::string api = "operators.coreos.com/v1alpha1", quiet = "CatalogSourcesUnhealthy=False";
    const std::string manual = "spec: {installPlanApproval: Manual}\n";
    const std::string pending = quiet + " InstallPlanPending=True:RequiresApproval";
    CHECK(wrong({
        {api, "Subscription", "status: {state: AtLatestKnown}", "Progressing"},
        {api, "Subscription", with(quiet, "state: AtLatestKnown"), "Healthy"},
        {api, "Subscription", with(quiet), "Progressing"},
        {api, "Subscription", with(quiet, "state: ''"), "Progressing"},
        {api, "Subscription", with(quiet, "state: UpgradeAvailable"), "Progressing"},
        {api, "Subscription", with(quiet, "state: UpgradePending"), "Progressing"},
        {api, "Subscription", with(quiet, "state: UpgradeFailed"), "Degraded"},
        {api, "Subscription", with("CatalogSourcesUnhealthy=True"), "Degraded"},
        {api, "Subscription", with("InstallPlanMissing=True:ReferencedInstallPlanNotFound", "state: AtLatestKnown"), "Healthy"},
        {api, "Subscription", with("InstallPlanMissing=False:Other", "state: AtLatestKnown"), "Degraded"},
        {api, "Subscription", manual + with(pending, "state: UpgradePending, installedCSV: a"), "Healthy"},
        {api, "Subscription", manual + with(pending, "state: UpgradePending"), "Progressing"},
        {api, "Subscription", manual + with(pending, "state: UpgradeAvailable, installedCSV: a"), "Progressing"},
        {api, "Subscription", manual + with(quiet + " InstallPlanPending=True:Installing",
         "state: UpgradePending, installedCSV: a"),
         "Progressing"},
        {api, "Subscription", with(pending, "state: UpgradePending, installedCSV: a"), "Progressing"},
    }) == "");
}

TEST_CASE("Spark counts executors in three ways", "[health][branches]") {
    const std::string api = "sparkoperator.k8s.io/v1beta2";
    const auto running = [](const std::string& spec, const std::string& executors) {
        return "spec: {" + spec + "}\nstatus: {applicationState: {state: RUNNING}, executorState: {" + executors + "}}";
    };
    const std::string two = "a: RUNNING, b: RUNNING", one = "a: RUNNING, b: PENDING";
    CHECK(wrong({
        {api, "SparkApplication", running("executor: {instances: 2}", two), "Healthy"},
        {api, "SparkApplication", running("executor: {instances: 2}", one), "Progressing"},
        {api, "SparkApplication", running("executor: {instances: 2}, dynamicAllocation: {enabled: true, minExecutors: 3}", two),
         "Healthy"},
        {api, "SparkApplication", running("executor: {instances: 1}, dynamicAllocation: {enabled: true, minExecutors: 3}", two),
         "Progressing"},
        {api, "SparkApplication", running("executor: {}, dynamicAllocation: {enabled: true, maxExecutors: 2}", two), "Healthy"},
        {api, "SparkApplication", running("executor: {}, dynamicAllocation: {enabled: false}", two), "Progressing"},
        {api, "SparkApplication", running("executor: {}", two), "Healthy"},
        {api, "SparkApplication", running("executor: {}", "a: PENDING"), "Progressing"},
        {api, "SparkApplication", running("executor: {}, sparkConf: {spark.dynamicAllocation.enabled: 'true', "
         "spark.dynamicAllocation.maxExecutors: '1', spark.streaming.dynamicAllocation.enabled: 'true'}", two), "Healthy"},
        {api, "SparkApplication", "status: {applicationState: {state: ''}}", "Progressing"},
        {api, "SparkApplication", "status: {applicationState: {state: INVALIDATING}}", "Missing"},
    }) == "");
}

TEST_CASE("brokers, replicas and rows of numbers", "[health][branches]") {
    const std::string koperator = "kafka.banzaicloud.io/v1beta1", spot = "spot.io/v1", otel = "opentelemetry.io/v1beta1";
    CHECK(wrong({
        {koperator, "KafkaCluster", "status: {state: ClusterRollingUpgrading, brokersState: {'0': {configurationState: Other}}}",
         "Progressing"},
        {koperator, "KafkaCluster", "status: {state: ClusterReconciling, brokersState: {'0': {configurationState: Other}}}",
         "Degraded"},
        {spot, "SpotDeployment", "spec: {}", "none"},
        {spot, "SpotDeployment", with("Available=True", "phase: Progressing"), "Progressing"},
        {spot, "SpotDeployment", with("Available=True", "phase: Degraded"), "Healthy"},
        {spot, "SpotDeployment", with("Paused=True", "phase: Progressing"), "Suspended"},
        {spot, "SpotDeployment", with("Progressing=False:RolloutAborted Paused=True"), "Degraded"},
        {spot, "SpotDeployment", with("Paused=True Progressing=False:RolloutAborted"), "Suspended"},
        {otel, "OpenTelemetryCollector", "spec: {mode: sidecar}\nstatus: {scale: {statusReplicas: ''}}", "Progressing"},
        {otel, "OpenTelemetryCollector", "spec: {mode: sidecar}\nstatus: {scale: {}}", "Healthy"},
        {otel, "OpenTelemetryCollector", "spec: {mode: daemonset}\nstatus: {scale: {statusReplicas: 0/0}}", "Healthy"},
        {otel, "OpenTelemetryCollector", "spec: {mode: deployment}\nstatus: {scale: {statusReplicas: 0/2}}", "Degraded"},
        {otel, "OpenTelemetryCollector", "spec: {mode: deployment}\nstatus: {scale: {statusReplicas: 1/2}}", "Progressing"},
        {"zookeeper.pravega.io/v1beta1", "ZookeeperCluster", "status: {readyReplicas: 3, replicas: 3}", "Healthy"},
        {"zookeeper.pravega.io/v1beta1", "ZookeeperCluster", "status: {readyReplicas: 0, replicas: 0}", "Progressing"},
        {"zookeeper.pravega.io/v1beta1", "ZookeeperCluster", "status: {readyReplicas: 2, replicas: 3}", "Progressing"},
        {"zookeeper.pravega.io/v1beta1", "ZookeeperCluster", "spec: {}", "Progressing"},
    }) == "");
}

TEST_CASE("a cloud's and a cluster's parts", "[health][branches]") {
    const std::string rds = "rds.aws.crossplane.io/v1alpha1", karmada = "work.karmada.io/v1alpha2", karpenter = "karpenter.sh/v1";
    const std::string proxy = "projectcontour.io/v1";
    CHECK(wrong({
        {rds, "DBCluster", "status: {}", "Progressing"},
        {rds, "DBCluster", with(""), "Degraded"},
        {rds, "DBCluster", with("Ready=True Synced=True"), "Healthy"},
        {rds, "DBCluster", with("Ready=False Synced=True"), "Progressing"},
        {rds, "DBCluster", with("Ready=False Synced=True:ReconcilePaused"), "Degraded"},
        {rds, "DBCluster", with("Ready=True Synced=False:ReconcilePaused"), "Suspended"},
        {rds, "DBCluster", with("Ready=True Synced=False:ReconcileError"), "Degraded"},
        {karmada, "ResourceBinding", "spec: {clusters: []}\nstatus: {aggregatedStatus: [{health: Healthy}]}", "Progressing"},
        {karmada, "ResourceBinding", "spec: {}\nstatus: {aggregatedStatus: [{health: Healthy}]}", "Healthy"},
        {karpenter, "NodePool", with("NodeClassReady=False Ready=Unknown"), "Progressing"},
        {karpenter, "NodePool", with("NodeClassReady=False Ready=False"), "Degraded"},
        {"karpenter.k8s.aws/v1", "EC2NodeClass", with("SubnetsReady=False"), "Progressing"},
        {"pulumi.com/v1", "Stack", current("Ready=True"), "Healthy"},
        {"pulumi.com/v1", "Stack", k_second + with("Ready=True", "observedGeneration: 1"), "Progressing"},
        {"pulumi.com/v1", "Stack", current("Stalled=True Reconciling=True"), "Degraded"},
        {proxy, "HTTPProxy", "spec: {includes: []}\n" + of_generation("Valid=False:2"), "Healthy"},
        {proxy, "HTTPProxy", "spec: {}\n" + of_generation("Valid=False:2"), "Degraded"},
        {proxy, "HTTPProxy", "spec: {}\n" + of_generation("Valid=True:1"), "Progressing"},
        {"notification.toolkit.fluxcd.io/v1", "Receiver", "spec: {suspend: true}\n" + with("Ready=True"), "Suspended"},
        {"minio.min.io/v2", "Tenant", "status: {currentState: Something new}", "Progressing"},
        {"minio.min.io/v2", "Tenant", "status: {currentState: Pool Decommissioning Not Allowed}", "Degraded"},
    }) == "");
}

TEST_CASE("policies, graphs and what keeps copies", "[health][branches]") {
    const std::string cel = "policies.kyverno.io/v1alpha1", kro = "kro.run/v1alpha1", velero = "velero.io/v1";
    const std::string pg = "postgresql.cnpg.io/v1", longhorn = "longhorn.io/v1beta2";
    const auto verdict = [](const std::string& ready, const std::string& observed) {
        return k_second + "status: {conditionStatus: {ready: " + ready +
               ", conditions: [{type: WebhookConfigured, status: 'True', observedGeneration: " + observed + "}]}}";
    };
    const auto ready_policy = [](const std::string& message) {
        return "status: {conditions: [{type: Ready, status: 'True', reason: Succeeded, message: " + message + "}]}";
    };
    CHECK(wrong({
        {"kyverno.io/v1", "Policy", ready_policy("Ready"), "Healthy"},
        {"kyverno.io/v1", "Policy", ready_policy("Other"), "Progressing"},
        {"kyverno.io/v1", "Policy", with("Ready=False:Failed"), "Progressing"},
        {"kyverno.io/v1", "ClusterPolicy", with("Ready=False:Failed"), "Degraded"},
        {cel, "ValidatingPolicy", verdict("true", "2"), "Healthy"},
        {cel, "ValidatingPolicy", verdict("true", "1"), "Progressing"},
        {cel, "NamespacedDeletingPolicy", verdict("false", "2"), "Degraded"},
        {cel, "MutatingPolicy", "status: {}", "Progressing"},
        {kro, "ResourceGraphDefinition", of_generation("Ready=True:2"), "Healthy"},
        {kro, "ResourceGraphDefinition", of_generation("KindReady=False:2 Ready=False:2"), "Degraded"},
        {kro, "ResourceGraphDefinition", of_generation("Ready=True:1"), "Progressing"},
        {kro, "WebApp", of_generation("ResourcesReady=False:2", "state: ERROR, "), "Degraded"},
        {kro, "WebApp", of_generation("ResourcesReady=False:2", "state: IN_PROGRESS, "), "Progressing"},
        {kro, "WebApp", of_generation("Ready=True:2", "state: ACTIVE, "), "Healthy"},
        {velero, "Backup", "status: {phase: PartiallyFailed}", "Degraded"},
        {velero, "Restore", "status: {phase: Completed}", "Healthy"},
        {velero, "Schedule", "status: {phase: Enabled}", "Healthy"},
        {pg, "Backup", "status: {phase: invalid backup definition}", "Degraded"},
        {pg, "Backup", "status: {phase: finalizing}", "Progressing"},
        {pg, "Database", k_second + "status: {applied: true, observedGeneration: 2}", "Healthy"},
        {pg, "Database", k_second + "status: {applied: false, observedGeneration: 1}", "Progressing"},
        {pg, "Database", k_second + "status: {applied: false, observedGeneration: 2}", "Degraded"},
        {longhorn, "Volume", "status: {state: attached, robustness: degraded}", "Progressing"},
        {longhorn, "Volume", "status: {state: detached, robustness: unknown}", "Healthy"},
        {longhorn, "Volume", "status: {state: detached, robustness: faulted}", "Degraded"},
        {"tekton.dev/v1", "TaskRun", with("Succeeded=False"), "Degraded"},
        {"tekton.dev/v1", "PipelineRun", with("Succeeded=Unknown"), "Progressing"},
        {"trust.cert-manager.io/v1alpha1", "Bundle", with("Synced=Unknown"), "Degraded"},
        {"trident.netapp.io/v1", "TridentOrchestrator", "status: {status: Installed}", "Healthy"},
        {"operator.tigera.io/v1", "Installation", with("Available=True Degraded=True"), "Degraded"},
    }) == "");
}

TEST_CASE("an autoscaler's reason counts with its own condition only", "[health][branches]") {
    const std::string conditions = "metadata: {annotations: {autoscaling.alpha.kubernetes.io/conditions: '";
    CHECK(wrong({
        {"autoscaling/v2", "HorizontalPodAutoscaler", with("AbleToScale=True ScalingActive=False:FailedGetPodsMetric"),
         "Degraded"},
        {"autoscaling/v2", "HorizontalPodAutoscaler", with("AbleToScale=True ScalingLimited=False:FailedGetPodsMetric"),
         "Healthy"},
        {"autoscaling/v2", "HorizontalPodAutoscaler", with("AbleToScale=False:FailedUpdateScale"), "Degraded"},
        {"autoscaling/v2", "HorizontalPodAutoscaler", with("AbleToScale=True:FailedGetResourceMetric"), "Healthy"},
        {"autoscaling/v1", "HorizontalPodAutoscaler", conditions + "[]'}}", "Progressing"},
        {"autoscaling/v1", "HorizontalPodAutoscaler", conditions + "{}'}}", "Unknown"},
        {"autoscaling/v1", "HorizontalPodAutoscaler", conditions + "'}}", "Unknown"},
    }) == "");
}
