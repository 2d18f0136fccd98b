// Databases, search engines and object stores.
#include <fmt/format.h>

#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_maria_db[] = {
    {"@*=False:Failed", k_degraded},
    {"@*=False", k_waiting},
    {"?status.conditions", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_maria_backup[] = {
    {"@*=False:CronJobScheduled%Failed", k_degraded},
    {"@*=False", k_waiting},
    {"?status.conditions", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_maria_grant[] = {
    {"Ready=True", k_healthy},
    {"Ready", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_maria_job[] = {
    {"@*=True:JobComplete", k_healthy},
    {"@*=True:JobFailed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_old_maria_db[] = {
    {"@*=False:Failed", k_degraded},
    {"@*=False", k_waiting},
    {"?status.conditions", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_medusa_backup[] = {
    {"!?status.observedGeneration", k_unknown},
    {"unobserved", k_waiting},
    {".status.finished", k_healthy},
    {"!?status.finished&?status.failed", k_degraded, "nodes failed"},
    {"else", k_waiting},
};
constexpr Clause k_medusa_task[] = {
    {"!?status.observedGeneration", k_unknown},
    {"unobserved", k_waiting},
    {"?status.failed", k_degraded, "nodes failed"},
    {".status.finished", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_zalando[] = {
    {"!?status.PostgresClusterStatus", k_waiting},
    {".status.PostgresClusterStatus=Running", k_healthy},
    {".status.PostgresClusterStatus=Creating|Updating", k_waiting},
    {"else", k_degraded},
};
// The phases as CloudNativePG spells them; what interrupts service is Degraded, what needs a person Suspended.
constexpr Clause k_cloud_native_pg[] = {
    {"annotation cnpg.io/reconciliationLoop=disabled", k_suspended, "its reconciliation is switched off"},
    {"!?status.conditions", k_waiting},
    {"cnpg.io/hibernation=True", k_suspended},
    {"cnpg.io/hibernation", k_degraded},
    {".status.phase=Cluster in healthy state", k_healthy},
    {".status.phase=Setting up primary|Creating a new replica|Upgrading cluster|Waiting for the instances to become active|"
     "Promoting to primary cluster",
     k_waiting},
    {".status.phase=Switchover in progress|Failing over|Upgrading Postgres major version|Cluster upgrade delayed|"
     "Waiting for user action|Primary instance is being restarted in-place|"
     "Primary instance is being restarted without a switchover|"
     "Cluster cannot execute instance online upgrade due to missing architecture binary|Online upgrade in progress|"
     "Applying configuration",
     k_degraded},
    {".status.phase=Unable to create required cluster objects|"
     "Cluster cannot proceed to reconciliation due to an unknown plugin being required|"
     "Cluster has incomplete or invalid image catalog|Cluster is unrecoverable and needs manual intervention",
     k_suspended},
    {"else", k_unknown},
};
constexpr Clause k_cloud_native_backup[] = {
    {".status.phase=completed", k_healthy},
    {".status.phase=failed|walArchivingFailing|invalid backup definition", k_degraded},
    {"else", k_waiting},
};
// A failure before the first success is no failure yet: what the database needs may still come.
constexpr Clause k_cloud_native_database[] = {
    {"?metadata.generation&unobserved", k_waiting},
    {".status.applied=true", k_healthy},
    {".status.applied=false", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_zookeeper[] = {
    {"?status&!.status.readyReplicas=0&.status.readyReplicas==.status.replicas", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_percona_mongo[] = {
    {".status.state=ready", k_healthy},
    {".status.state=initializing|stopping", k_waiting},
    {".status.state=error", k_degraded},
    {".status.state=paused", k_suspended},
    {"else", k_unknown},
};
constexpr Clause k_percona_xtra[] = {
    {".status.state=ready", k_healthy},
    {".status.state=initializing", k_waiting},
    {".status.state=stopping|error", k_degraded},
    {"else", k_unknown},
};
constexpr Clause k_click_house[] = {
    {"!?status.status", k_waiting},
    {".status.status=Completed", k_healthy},
    {".status.status=InProgress", k_waiting},
    {"else", k_degraded},
};
constexpr Clause k_atlas_migration[] = {
    {"!Ready", k_waiting},
    {"Ready=True", k_healthy},
    {"Ready:Reconciling", k_waiting},
    {"else", k_degraded},
};
constexpr Clause k_atlas_schema[] = {
    {"!Ready", k_waiting},
    {"Ready=True", k_healthy},
    {"Ready%Reconciling|GettingDevDB", k_waiting},
    {"else", k_degraded},
};
constexpr Clause k_cassandra[] = {
    {"!?status.racks", k_waiting},
    {"[status.racks].members!=.readyMembers", k_waiting, "a rack is not complete"},
    {"else", k_healthy},
};
constexpr Clause k_druid[] = {
    {".status.druidNodeStatus.druidNodeConditionStatus=False", k_degraded},
    {".status.druidNodeStatus.druidNodeConditionType=DruidClusterReady&.status.druidNodeStatus.druidNodeConditionStatus=True",
     k_healthy},
    {".status.druidNodeStatus.druidNodeConditionType=DruidNodeErrorState", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_solr[] = {
    {"!?status.solrNodes", k_waiting},
    {"[status.solrNodes]!.ready=true", k_waiting, "a node is not ready"},
    {"else", k_healthy},
};
constexpr Clause k_minio[] = {
    {".status.currentState=Initialized", k_healthy},
    {".status.currentState=Statefulset not controlled by operator|"
     "Another MinIO Tenant already exists in the namespace|Tenant credentials are not set properly|"
     "Different versions across MinIO Pools|Pool Decommissioning Not Allowed",
     k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_beat[] = {
    {"!?status.health&!?status.expectedNodes", k_unknown},
    {".status.health=red", k_degraded},
    {".status.health=green", k_healthy},
    {".status.health=yellow", k_waiting},
    {"!?status.health", k_waiting},
    {"else", k_unknown},
};
constexpr Clause k_logstash[] = {
    {".status.health=green", k_healthy},
    {".status.health=red", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_elastic_phase[] = {
    {".status.phase=Ready&.status.health=green", k_healthy},
    {".status.phase=Ready&.status.health=yellow", k_waiting},
    {".status.phase=Ready&.status.health=red", k_degraded},
    {".status.phase=ApplyingChanges|MigratingData", k_waiting},
    {".status.phase=Invalid", k_degraded},
    {"else", k_unknown},
};

/// The condition that changed last is the state.
std::optional<Health> cassandra_datacenter_health(const doc::Value& object) {
    const doc::Value* last = nullptr;
    for (const auto& item : conditions_of(object).items())
        if (last == nullptr || item.text_at("lastTransitionTime") > last->text_at("lastTransitionTime")) last = &item;
    if (last == nullptr) return Health{k_unknown, "no conditions"};
    const auto condition = condition_of(*last);
    auto message = fmt::format("{} is {}", condition.type, condition.status);
    if (condition.type == "Healthy") return Health{k_healthy, std::move(message)};
    if (condition.is_true()) return Health{k_waiting, std::move(message)};
    return Health{condition.is_false() ? k_degraded : k_unknown, std::move(message)};
}

/// The nodes of all sets must be there, and no more, before the cluster's own word counts.
std::optional<Health> elasticsearch_health(const doc::Value& object) {
    const auto available = number_at(object, "status.availableNodes");
    if (!available) return Health{k_unknown, "no status"};
    std::int64_t wanted = 0;
    if (const auto* sets = at_path(object, "spec.nodeSets"))
        for (const auto& set : sets->items()) wanted += count_at(set, "count");
    if (*available < wanted) return Health{k_waiting, fmt::format("{} of {} nodes are available", *available, wanted)};
    const bool is_told = at_path(object, "status.phase") != nullptr && at_path(object, "status.health") != nullptr;
    if (*available > wanted || !is_told) return Health{k_unknown, "its phase or health is not told"};
    return judge_by(object, k_elastic_phase);
}

constexpr CustomRule k_rows[] = {
    {"k8s.mariadb.com", "MariaDB", k_maria_db},
    {"k8s.mariadb.com", "Backup", k_maria_backup},
    {"k8s.mariadb.com", "Database Grant User", k_maria_grant},
    {"k8s.mariadb.com", "SqlJob", k_maria_job},
    {"mariadb.mmontes.io", "MariaDB", k_old_maria_db},
    {"acid.zalan.do", "postgresql", k_zalando},
    {"medusa.k8ssandra.io", "MedusaBackupJob", k_medusa_backup},
    {"medusa.k8ssandra.io", "MedusaTask", k_medusa_task},
    {"postgresql.cnpg.io", "Cluster", k_cloud_native_pg},
    {"postgresql.cnpg.io", "Backup", k_cloud_native_backup},
    {"postgresql.cnpg.io", "Database", k_cloud_native_database},
    {"zookeeper.pravega.io", "ZookeeperCluster", k_zookeeper},
    {"psmdb.percona.com", "PerconaServerMongoDB", k_percona_mongo},
    {"pxc.percona.com", "PerconaXtraDBCluster", k_percona_xtra},
    {"clickhouse.altinity.com", "ClickHouseInstallation", k_click_house},
    {"clickhouse-keeper.altinity.com", "ClickHouseKeeperInstallation", k_click_house},
    {"db.atlasgo.io", "AtlasMigration", k_atlas_migration},
    {"db.atlasgo.io", "AtlasSchema", k_atlas_schema},
    {"cassandra.rook.io", "Cluster", k_cassandra},
    {"cassandra.datastax.com", "CassandraDatacenter", {}, cassandra_datacenter_health},
    {"druid.apache.org", "Druid", k_druid},
    {"solr.apache.org", "SolrCloud", k_solr},
    {"minio.min.io", "Tenant", k_minio},
    {"beat.k8s.elastic.co", "Beat", k_beat},
    {"logstash.k8s.elastic.co", "Logstash", k_logstash},
    {"elasticsearch.k8s.elastic.co", "Elasticsearch", {}, elasticsearch_health},
};

}  // namespace

std::span<const CustomRule> data_rules() { return k_rows; }

}  // namespace gitops::deliver
