// Messages and jobs over data: Kafka in its three kinds, RabbitMQ, Spark, Flink, Humio.
#include <charconv>
#include <string>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_strimzi_kafka[] = {
    {"@NotReady=True:!Creating", k_degraded},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_strimzi[] = {
    {"@NotReady=True", k_degraded},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_confluent[] = {
    {".status.phase=RUNNING", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_confluent_connector[] = {
    {".status.state=CREATED&.status.connectorState=RUNNING&!?status.failedTasksCount", k_healthy},
    {".status.state=ERROR", k_degraded},
    {"?status.state&.status.failedTasksCount>0", k_degraded, "tasks of the connector failed"},
    {"else", k_waiting},
};
constexpr Clause k_rabbit[] = {
    {"Ready=True:SuccessfulCreateOrUpdate", k_healthy},
    {"Ready=False:FailedCreateOrUpdate", k_degraded},
    {"else", k_unknown},
};
constexpr Clause k_rabbit_cluster[] = {
    {"ReconcileSuccess=False", k_degraded},
    {"ClusterAvailable|AllReplicasReady=Unknown", k_waiting},
    {"AllReplicasReady=False:ScaledToZero&.spec.replicas=0", k_suspended},
    {"ClusterAvailable=False", k_waiting},
    {"AllReplicasReady=False", k_waiting},
    {"ClusterAvailable=True&AllReplicasReady=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_flink[] = {
    {"?status.reconciliationStatus&.status.reconciliationStatus.success=true", k_healthy},
    {".status.reconciliationStatus.state=DEPLOYED", k_healthy},
    {"?status.reconciliationStatus&.status.jobManagerDeploymentStatus=DEPLOYED_NOT_READY|DEPLOYING", k_waiting},
    {"?status.reconciliationStatus&.status.jobManagerDeploymentStatus=ERROR", k_degraded},
    {".spec.job.state=suspended&!?status.reconciliationStatus.lastReconciledSpec", k_healthy, "suspended before it ever ran"},
    {"else", k_waiting},
};
constexpr Clause k_flink_blue_green[] = {
    {".status.reconciliationStatus.state=ROLLING_BACK", k_waiting},
    {".status.reconciliationStatus.state=ROLLED_BACK", k_degraded},
    {".status.blueGreenState=ACTIVE_BLUE|ACTIVE_GREEN&.status.jobStatus.state=RESTARTING", k_degraded},
    {".status.blueGreenState=ACTIVE_BLUE|ACTIVE_GREEN", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_flink_session_job[] = {
    {".status.jobStatus.state=RUNNING|FINISHED", k_healthy},
    {".status.jobStatus.state=RECONCILING|CREATED", k_waiting},
    {".status.jobStatus.state=SUSPENDED|CANCELED", k_suspended},
    {".status.jobStatus.state=FAILED", k_degraded},
    {"?status.error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_humio[] = {
    {".status.state=Exists", k_healthy},
    {".status.state=NotFound", k_missing},
    {".status.state=ConfigError", k_degraded},
    {".status.state=Unknown", k_unknown},
    {"else", k_waiting},
};
constexpr Clause k_humio_cluster[] = {
    {".status.state=Running", k_healthy},
    {".status.state=ConfigError", k_degraded},
    {".status.state=Unknown", k_unknown},
    {"else", k_waiting},
};
constexpr Clause k_spark[] = {
    {".status.applicationState.state=COMPLETED", k_healthy},
    {".status.applicationState.state=FAILED|SUBMISSION_FAILED|FAILING", k_degraded},
    {".status.applicationState.state=INVALIDATING", k_missing},
    {"else", k_waiting},
};

/// Brokers that have their configuration and the partitions meant for them.
std::int64_t settled_brokers(const doc::Value& brokers) {
    std::int64_t settled = 0;
    for (const auto& broker : brokers.entries()) {
        const auto state = text_at(broker.value, "gracefulActionState.cruiseControlState");
        if (text_at(broker.value, "configurationState") == "ConfigInSync" &&
            (state == "GracefulUpscaleSucceeded" || state == "GracefulDownscaleSucceeded"))
            ++settled;
    }
    return settled;
}

std::optional<Health> koperator_health(const doc::Value& object) {
    const auto state = text_at(object, "status.state");
    if (state == "ClusterRollingUpgrading") return Health{k_waiting, std::string(state)};
    const auto* brokers = at_path(object, "status.brokersState");
    if (brokers == nullptr || !brokers->is_map()) return Health{k_waiting, "waiting for the brokers' states"};
    if (settled_brokers(*brokers) != static_cast<std::int64_t>(brokers->size()))
        return Health{k_degraded, "a broker's configuration or partitions are not in place"};
    if (text_at(object, "status.cruiseControlTopicStatus") == "CruiseControlTopicReady" && state == "ClusterRunning")
        return Health{k_healthy, ""};
    return Health{k_waiting, std::string(state)};
}

/// A number in spec.sparkConf, where all values are texts.
std::optional<std::int64_t> setting(const doc::Value& object, std::string_view name) {
    const auto* settings = at_path(object, "spec.sparkConf");
    const auto* value = settings == nullptr ? nullptr : settings->find(name);
    if (value == nullptr || !value->is_scalar()) return std::nullopt;
    const auto text = value->text();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool is_set(const doc::Value& object, std::string_view name) {
    const auto* settings = at_path(object, "spec.sparkConf");
    const auto* value = settings == nullptr ? nullptr : settings->find(name);
    return value != nullptr && value->text() == "true";
}

struct ExecutorRange {
    std::optional<std::int64_t> least, most;
    bool has(std::int64_t count) const { return (!least || count >= *least) && (!most || count <= *most); }
};

/// How many executors may run, when that is left to Spark: by the operator's field or by Spark's own settings.
std::optional<ExecutorRange> dynamic_range(const doc::Value& object) {
    if (flag_at(object, "spec.dynamicAllocation.enabled"))
        return ExecutorRange{number_at(object, "spec.dynamicAllocation.minExecutors"),
                             number_at(object, "spec.dynamicAllocation.maxExecutors")};
    for (const std::string prefix : {"spark.streaming.dynamicAllocation.", "spark.dynamicAllocation."})
        if (is_set(object, prefix + "enabled"))
            return ExecutorRange{setting(object, prefix + "minExecutors"), setting(object, prefix + "maxExecutors")};
    return std::nullopt;
}

std::optional<Health> spark_health(const doc::Value& object) {
    if (text_at(object, "status.applicationState.state") != "RUNNING") return judge_by(object, k_spark);
    std::int64_t running = 0;
    const auto* executors = at_path(object, "status.executorState");
    if (executors == nullptr) return Health{k_waiting, "waiting for executors"};
    for (const auto& executor : executors->entries()) running += executor.value.text() == "RUNNING" ? 1 : 0;
    const auto wanted = number_at(object, "spec.executor.instances");
    const auto range = dynamic_range(object);
    const bool is_open = !wanted && at_path(object, "spec.dynamicAllocation") == nullptr;
    const bool enough = wanted == running || (range ? range->has(running) : is_open && running > 0);
    return enough ? Health{k_healthy, ""} : Health{k_waiting, "waiting for executors"};
}

constexpr CustomRule k_rows[] = {
    {"kafka.strimzi.io", "Kafka", k_strimzi_kafka},
    {"kafka.strimzi.io", "KafkaBridge KafkaConnect KafkaConnector KafkaTopic KafkaUser KafkaMirrorMaker2", k_strimzi},
    {"platform.confluent.io", "Connect ControlCenter Kafka KsqlDB SchemaRegistry Zookeeper", k_confluent},
    {"platform.confluent.io", "Connector", k_confluent_connector},
    {"kafka.banzaicloud.io", "KafkaCluster", {}, koperator_health},
    {"rabbitmq.com", "Binding Exchange Permission Policy Queue Shovel User Vhost", k_rabbit},
    {"rabbitmq.com", "RabbitmqCluster", k_rabbit_cluster},
    {"flink.apache.org", "FlinkDeployment", k_flink},
    {"flink.apache.org", "FlinkBlueGreenDeployment", k_flink_blue_green},
    {"flink.apache.org", "FlinkSessionJob", k_flink_session_job},
    {"sparkoperator.k8s.io", "SparkApplication", {}, spark_health},
    {"core.humio.com", "HumioAction HumioAlert HumioIngestToken HumioParser HumioRepository HumioView", k_humio},
    {"core.humio.com", "HumioCluster", k_humio_cluster},
};

}  // namespace

std::span<const CustomRule> stream_rules() { return k_rows; }

}  // namespace gitops::deliver
