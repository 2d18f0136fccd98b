// Many applications, or many clusters, in one go: side by side, each on its own, with the reports in the order asked for.
//
// Overview: an errand is one application on one cluster. A repository is fetched once for all of them. What happens to
// one errand, a cluster that is down above all, neither stops nor delays another.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/app/controller/controller.hpp"
#include "core/app/drift.hpp"
#include "core/app/sync.hpp"

namespace gitops::app {

struct Errand {
    std::string app;
    std::string cluster;  ///< "" is the application's own destination
};

/// Every application on every one of `clusters`; on its own destination when there are none.
std::vector<Errand> errands_of(const std::vector<std::string>& apps, const std::vector<std::string>& clusters);

/// How many errands are best under way at once: real clusters answer many, an embedded one does one thing at a time.
int errands_at_once(const Services& services, const std::vector<Errand>& errands);

/// `done` is called for one report after the other, in the order of the errands. Error(cancelled) as sync().
void sync_each(const Services& services, const std::vector<Errand>& errands, const SyncRequest& request,
               const std::function<void(const SyncReport&)>& done, std::stop_token stop);
void drift_each(const Services& services, const std::vector<Errand>& errands, Predict predict,
                const std::function<void(const DriftReport&)>& done);
struct ReconcileHow {
    std::function<AfterFailure(const std::string& app)> after_failure;
    AfterSync after_sync = AfterSync::leave;
    FetchSink on_fetch{};  ///< hears of every fetched repository, when there is one
};
void reconcile_each(const Services& services, const std::vector<Errand>& errands, const ReconcileHow& how,
                    const std::function<void(const ReconcileReport&)>& done, std::stop_token stop);

}  // namespace gitops::app
