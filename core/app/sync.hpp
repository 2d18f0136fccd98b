// `app sync`: compare, plan, apply, wait for health, remember. And the one-operation-at-a-time rule.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/compare.hpp"
#include "core/base/error.hpp"
#include "core/deliver/executor.hpp"

namespace gitops::app {

enum class Wait { yes, no };
/// Which syncs run hooks: as in Argo CD those of everything by a person or automation, and neither self-heals, nor syncs of
/// chosen resources, nor rollbacks without a commit; or all; or none (the strategy `apply`).
enum class Hooks { full, always, never };
enum class Trigger { user, automated, self_heal, rollback };

struct SyncRequest {
    CompareRequest compare;
    bool dry_run = false;
    bool force = false;
    Hooks hooks = Hooks::full;
    kube::OnConflict on_conflict = kube::OnConflict::take_over;  ///< fields that other managers own with other values
    Wait wait_for_health = Wait::yes;
    Wait wait_for_lock = Wait::yes;
    base::Duration timeout{300'000};
    std::optional<Retry> retry;  ///< instead of the application's
    Trigger trigger = Trigger::user;
    std::string reason;          ///< for the audit log
    std::string strategy;        ///< history: "", "revert", "pin"
    std::string revert_of;
};

/// What a sync did, or with dry_run would do.
struct SyncReport {
    std::string app;
    std::string cluster;  ///< where to
    bool succeeded = false;
    std::string phase;    ///< "Succeeded", "Failed", "Error"
    std::string message;
    std::optional<base::Error> error;  ///< with phase Error: the whole of it, place and hint included
    base::Revision revision;
    deliver::Plan plan;
    std::vector<deliver::StepOutcome> outcomes;
    int created = 0, updated = 0, pruned = 0, unchanged = 0;
    int hooks = 0;             ///< that ran to their end
    int requires_pruning = 0;  ///< left alone because --prune was not given
    std::optional<deliver::Health> health;
    base::Duration took{0};
};

/// Never throws for what happens to one application: a failure is a report with phase Error (nothing was applied) or
/// Failed. Throws only when `stop` is requested (Error(cancelled)) after the operation was closed properly.
SyncReport sync(const Services& services, const std::string& app, const SyncRequest& request, std::stop_token stop);

/// The same for a caller that holds the OperationLock already. `looked` is a comparison made with request.compare a
/// moment ago, which saves the first look.
SyncReport sync_holding_lock(const Services& services, const Application& application, const SyncRequest& request,
                             std::stop_token stop, std::optional<Comparison> looked = std::nullopt);

/// "2 created, 1 updated, 1 pruned, 5 unchanged", without the zeros.
std::string counts_text(const SyncReport& report);

/// The exclusive right to operate on one application, across processes; released on destruction.
class OperationLock {
  public:
    /// Waits until `deadline` while another living process holds it, telling who; Error(conflict) that names the
    /// holder when the time is over or `wait` is no.
    OperationLock(const Services& services, std::string app, std::string action, Wait wait, base::Time deadline,
                  std::stop_token stop);
    ~OperationLock();
    OperationLock(const OperationLock&) = delete;
    OperationLock& operator=(const OperationLock&) = delete;

  private:
    StateDb& m_state;
    std::string m_app;
    io::ProcessId m_process;
};

}  // namespace gitops::app
