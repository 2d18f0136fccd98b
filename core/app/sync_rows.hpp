// What a sync leaves in state.db: the state and audit rows of the operation, the inventory, the history.
#pragma once

#include "core/app/sync.hpp"

namespace gitops::app {

/// "sync", "auto-sync", "self-heal", "rollback".
std::string_view trigger_name(Trigger trigger);
/// True for a sync of all resources from Git that changes something: only that moves the revision and the history.
bool is_full(const SyncRequest& request);

/// A sync that began and never came to its end, because its process died.
struct UnfinishedSync {
    std::string revision;
    base::Time started{};
};

/// The operation as state and audit log show it: opened before anything changes, closed whatever happens.
class OperationRow {
  public:
    OperationRow(const Services& services, const Application& application, const SyncRequest& request);
    /// What is being synced to, and when this began: where an operation that died is gone on with, its own beginning.
    void begin(const std::string& revision, base::Time started);
    const std::optional<UnfinishedSync>& unfinished() const { return m_unfinished; }
    /// When the operation before this one began.
    std::optional<base::Time> previous_start() const { return m_previous_start; }
    void close(const SyncReport& report, const SyncRequest& request);

  private:
    const Services& m_services;
    std::string m_instance;
    bool m_is_rollback;
    std::int64_t m_audit = 0;
    std::optional<UnfinishedSync> m_unfinished;
    std::optional<base::Time> m_previous_start;
};

/// Adds what `comparison`'s plan is about to make ours to the inventory, so that nothing of ours is forgotten when the
/// process dies: an entry too many is harmless, because pruning also asks for the tracking id.
void put_intent(const Services& services, const Application& application, const Comparison& comparison);
/// Takes out of the inventory what was pruned; after a full sync also what neither Git nor the cluster has any more.
void put_result(const Services& services, const Application& application, const Comparison& comparison,
                const SyncReport& report, const SyncRequest& request);
/// Appends to the history, and moves the synced revision. A sync that repeated the last one and changed nothing leaves
/// no row.
void put_deployment(const Services& services, const Application& application, const SyncRequest& request,
                    const SyncReport& report, base::Time started);

}  // namespace gitops::app
