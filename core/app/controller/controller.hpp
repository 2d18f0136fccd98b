// Reconciliation: what `reconcile` does once and `controller run` does for ever.
//
// decide() is pure: it says from an application's policy, its comparison and what was tried before whether to sync.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/controller/argo_status.hpp"
#include "core/app/controller/pass.hpp"
#include "core/app/status.hpp"
#include "core/app/sync.hpp"

namespace gitops::app {

enum class Decision { nothing, sync, heal, hold };

struct Verdict {
    Decision decision = Decision::nothing;
    std::string reason;
};

/// Whether a revision whose last sync failed is worth another attempt.
enum class AfterFailure { hold, retry };
/// Whether a report tells the status that led to a sync, or is brought up to date after it, at the price of another look.
enum class AfterSync { leave, look_again };

/// The rules of Argo CD's auto-sync (argocd.md 2.6).
Verdict decide(const Application& application, const AppState& state, const Comparison& comparison, base::Time now,
               AfterFailure after_failure);

struct ReconcileReport {
    std::string app;
    Verdict verdict;
    SyncStatus sync = SyncStatus::unknown;  ///< before
    std::optional<SyncReport> operation;
    std::string error;
    std::optional<AppStatus> status;  ///< after the operation, when there was one; absent when it is not defined
    ShownByComparison shown;          ///< with the status
    std::optional<std::size_t> orphans{};  ///< objects of nobody in its namespace, where its project looks for them
    base::Duration took{0};           ///< the whole pass over it
};

/// One pass over one application: one attempt, without the waits of its retry policy. Never throws for it.
ReconcileReport reconcile(const Services& services, const std::string& app, AfterFailure after_failure,
                          std::stop_token stop, AfterSync after_sync = AfterSync::leave);

struct LoopOptions {
    base::Duration interval{180'000};
    base::Duration max_backoff{1'800'000};
    std::function<void(const ReconcileReport&)> on_report{};  ///< called for one after the other
    FetchSink on_fetch{};                                     ///< called from several threads
};

/// Until stopped: every application each interval, spread by a jitter of up to a tenth of it that depends on the
/// name. A failed sync is tried again as the application's retry policy says (five times without one), a repository
/// that cannot be read after a backoff that doubles from the interval to max_backoff; neither holds up the others.
/// What was just synced, or progresses, is looked at again after 5 s, 10 s, 20 s, ... until it is settled.
/// Applications that appear are found, and what another process did to one is looked at within 5 s of its end.
void run_controller(const Services& services, const LoopOptions& options, std::stop_token stop);

}  // namespace gitops::app
