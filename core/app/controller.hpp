// Reconciliation: what `reconcile` does once and `controller run` does for ever.
//
// decide() is pure: it says from an application's policy, its comparison and what was tried before whether to sync.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/sync.hpp"

namespace gitops::app {

enum class Decision { nothing, sync, heal, hold };

struct Verdict {
    Decision decision = Decision::nothing;
    std::string reason;
};

/// Whether a revision whose last sync failed is worth another attempt.
enum class AfterFailure { hold, retry };

/// The rules of Argo CD's auto-sync (argocd.md 2.6).
Verdict decide(const Application& application, const AppState& state, const Comparison& comparison, base::Time now,
               AfterFailure after_failure);

struct ReconcileReport {
    std::string app;
    Verdict verdict;
    SyncStatus sync = SyncStatus::unknown;  ///< before
    std::optional<SyncReport> operation;
    std::string error;
};

/// One pass over one application: one attempt, without the waits of its retry policy. Never throws for it.
ReconcileReport reconcile(const Services& services, const std::string& app, AfterFailure after_failure,
                          std::stop_token stop);

struct LoopOptions {
    base::Duration interval{180'000};
    base::Duration max_backoff{1'800'000};
};

/// Until stopped: every application each interval, spread by a jitter of up to a tenth of it that depends on the
/// name. A failed sync is tried again as the application's retry policy says (five times without one), a repository
/// that cannot be read after a backoff that doubles from the interval to max_backoff; neither holds up the others.
/// Applications that appear are found.
void run_controller(const Services& services, const LoopOptions& options, std::stop_token stop);

}  // namespace gitops::app
