// Volumes and what protects them: snapshots, Ceph, OpenShift storage, NetApp.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_snapshot[] = {
    {".status.readyToUse=true", k_healthy},
    {"?status.error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_ceph[] = {
    {".status.ceph.health=HEALTH_ERR|HEALTH_WARN", k_degraded},
    {".status.ceph.health=HEALTH_OK&!?status.state", k_healthy},
    {".status.ceph.health=HEALTH_OK&.status.state=Created|Connected", k_healthy},
    {".status.ceph.health=HEALTH_OK&.status.state=Error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_ceph_object_store[] = {
    {".status.phase=Ready", k_healthy},
    {".status.phase=Failure", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_bucket_claim[] = {
    {".status.phase=Bound", k_healthy},
    {".status.phase=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_storage_cluster[] = {
    {"Degraded=True", k_degraded},
    {"Progressing=True", k_waiting},
    {"Available=True", k_healthy},
    {"else", k_unknown},
};
constexpr Clause k_trident[] = {
    {".status.phase=Bound&.status.lastOperationStatus=Success", k_healthy},
    {".status.lastOperationStatus=Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_trident_installation[] = {
    {".status.status=Installed", k_healthy},
    {".status.status=Failed|Error", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_longhorn[] = {
    {".status.robustness=faulted", k_degraded},
    {".status.state=attached&.status.robustness=healthy", k_healthy},
    {".status.state=detached", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_velero[] = {
    {".status.phase=Completed", k_healthy},
    {".status.phase=Failed|PartiallyFailed|FailedValidation|WaitingForPluginOperationsPartiallyFailed|FinalizingPartiallyFailed",
     k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_velero_schedule[] = {
    {".status.phase=Enabled", k_healthy},
    {".status.phase=FailedValidation", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_vault[] = {
    {".status.state=available|Available", k_healthy},
    {".status.state=failed|Failed", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_backup[] = {
    {"!?status.state", k_waiting},
    {".status.state=Completed", k_healthy},
    {".status.state=Running", k_waiting},
    {"else", k_degraded},
};
constexpr Clause k_hook[] = {
    {".spec.enabled=true", k_healthy, "enabled"},
    {".spec.enabled=false", k_suspended, "disabled"},
    {"else", k_waiting},
};
constexpr Clause k_schedule[] = {{"else", k_healthy}};

constexpr CustomRule k_rows[] = {
    {"snapshot.storage.k8s.io", "VolumeSnapshot VolumeSnapshotContent", k_snapshot},
    {"ceph.rook.io", "CephCluster", k_ceph},
    {"ceph.rook.io", "CephObjectStore", k_ceph_object_store},
    {"objectbucket.io", "ObjectBucketClaim", k_bucket_claim},
    {"ocs.openshift.io", "StorageCluster", k_storage_cluster},
    {"trident.netapp.io", "TridentBackendConfig", k_trident},
    {"trident.netapp.io", "TridentOrchestrator", k_trident_installation},
    {"longhorn.io", "Volume", k_longhorn},
    {"velero.io", "Backup Restore", k_velero},
    {"velero.io", "Schedule", k_velero_schedule},
    {"astra.netapp.io", "AppVault", k_vault},
    {"astra.netapp.io", "Application", k_ready},
    {"astra.netapp.io", "Backup ExecHooksRun ResourceBackup ResticVolumeBackup Snapshot", k_backup},
    {"astra.netapp.io", "ExecHook", k_hook},
    {"astra.netapp.io", "Schedule", k_schedule},
};

}  // namespace

std::span<const CustomRule> storage_rules() { return k_rows; }

}  // namespace gitops::deliver
