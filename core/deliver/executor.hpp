// Follows a Plan step by step against a Cluster. It decides nothing that the plan has not decided: what comes next is
// next_move()'s word, and here it is performed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/event.hpp"
#include "core/deliver/health/health_book.hpp"
#include "core/deliver/plan.hpp"
#include "core/deliver/task_watch.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

/// Argo CD's words for what became of a resource.
enum class StepResult { synced, sync_failed, pruned, prune_skipped, skipped };
std::string_view result_name(StepResult result);  ///< "Synced", "SyncFailed", "Pruned", "PruneSkipped", "Skipped"

struct StepOutcome {
    kube::ResourceKey key;
    Action action = Action::unchanged;
    Phase phase = Phase::sync;
    int wave = 0;
    StepResult result = StepResult::synced;
    std::string message;
    bool recreated = false;  ///< the object was deleted and created again, or in a dry run would be
    std::vector<std::string> warnings = {};  ///< fields taken from other managers that will want them back
    bool unchangeable = false;  ///< failed over a field that is fixed at the object's creation
};

struct ExecuteOptions {
    std::string manager;
    kube::OnConflict on_conflict = kube::OnConflict::take_over;
    kube::DryRun dry_run = kube::DryRun::no;
    const Waiting* waiting = nullptr;  ///< null: nothing is waited for, as in a dry run
    int jobs = 1;  ///< threads, where the cluster does not like more calls in flight
    /// Called after each object was written, before the next is: where the inventory is recorded.
    std::function<void(const StepOutcome&)> on_step;
};

struct Execution {
    std::vector<StepOutcome> outcomes;  ///< in the plan's order; steps after a failed wave are absent
    bool succeeded = true;
    bool terminated = false;  ///< stopped, or told to end: what was running of its hooks is deleted
    std::string message;  ///< of the first failure
};

/// Group after group of one phase and wave, with the waits of next_move(). One failed apply does not stop other objects of
/// the same wave; later waves do not start (argocd.md, fact 3). Inside a wave prunes come first, then kind after kind in Argo
/// CD's order; objects of one kind, and kinds the order does not tell apart, are under way at once. At the end hooks are
/// deleted as their policies say. Steps of hooks must have been through begin_hooks().
Execution execute(const Plan& plan, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                  std::stop_token stop);

struct Waited {
    bool healthy = false;
    bool timed_out = false;
    Health health;  ///< its message names the culprits, each with its reason where one was found
    std::map<kube::ResourceKey, std::string> reasons = {};  ///< of those that are not well; see explain()
};

/// Waits until every one of `refs` is Healthy (or has no health), one turns Degraded, or the deadline passes. Follows a
/// watch; while nothing moves, reasons are looked up after a second and then every five, and told as "health" events.
/// `book` judges.
Waited wait_for_health(kube::Cluster& cluster, const std::vector<kube::ObjectRef>& refs, base::Time deadline,
                       base::Clock& clock, base::EventSink& events, std::stop_token stop, const HealthBook& book = {});

}  // namespace gitops::deliver
