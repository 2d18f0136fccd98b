#include "core/app/fleet.hpp"

#include <algorithm>
#include <set>

#include "core/app/controller/errand_events.hpp"
#include "core/base/error.hpp"
#include "core/base/workers.hpp"

namespace gitops::app {

namespace {

/// Enough to keep a real API server busy while each errand waits for its own answers.
constexpr int k_errands_at_once = 16;

/// Calls `work` with the services an errand is to use; of several, each event says whose it is.
template <class Work>
auto on_errand(const Services& services, const Errand& errand, std::size_t errands, const Work& work) {
    if (errand.cluster.empty() && errands == 1) return work(services);
    const bool is_sent = !errand.cluster.empty();
    ErrandEvents events(services.events, is_sent ? "cluster" : "application", is_sent ? errand.cluster : errand.app);
    auto sent = services.told_to(events);
    if (is_sent) sent.cluster = errand.cluster;
    return work(sent);
}

template <class Report, class Work>
void each(const Services& services, const std::vector<Errand>& errands, const Work& work,
          const std::function<void(const Report&)>& done, const FetchSink& on_fetch = {}) {
    Services shared = services;
    shared.pass = std::make_shared<Pass>(errands.size());
    if (on_fetch) shared.pass->tell_fetches(on_fetch, services.clock);
    base::parallel_in_order<Report>(
        errands.size(), errands_at_once(services, errands),
        [&](std::size_t i) {
            return on_errand(shared, errands[i], errands.size(), [&](const Services& sent) { return work(sent, errands[i].app); });
        },
        done);
}

}  // namespace

std::vector<Errand> errands_of(const std::vector<std::string>& apps, const std::vector<std::string>& clusters) {
    std::vector<Errand> errands;
    for (const auto& app : apps) {
        if (clusters.empty()) errands.push_back({app, ""});
        for (const auto& cluster : clusters) errands.push_back({app, cluster});
    }
    return errands;
}

int errands_at_once(const Services& services, const std::vector<Errand>& errands) {
    std::set<std::string> clusters;
    for (const auto& errand : errands) {
        try {
            const auto name = errand.cluster.empty() ? application_of(services, errand.app).destination.cluster : errand.cluster;
            const auto row = cluster_of(services, name);
            if (row.kind != "embedded") return k_errands_at_once;
            clusters.insert(row.name);
        } catch (const base::Error&) {
            continue;  // its own report says what is wrong with it
        }
    }
    return static_cast<int>(std::max<std::size_t>(1, clusters.size()));
}

void sync_each(const Services& services, const std::vector<Errand>& errands, const SyncRequest& request,
               const std::function<void(const SyncReport&)>& done, std::stop_token stop) {
    each<SyncReport>(
        services, errands,
        [&](const Services& sent, const std::string& app) {
            if (stop.stop_requested()) throw base::Error(base::Code::cancelled, "stopped before " + app);
            return sync(sent, app, request, stop);
        },
        done);
}

void drift_each(const Services& services, const std::vector<Errand>& errands, Predict predict,
                const std::function<void(const DriftReport&)>& done) {
    each<DriftReport>(
        services, errands,
        [&](const Services& sent, const std::string& app) { return drift_of(sent, app, Fetch::remote, predict); }, done);
}

void reconcile_each(const Services& services, const std::vector<Errand>& errands, const ReconcileHow& how,
                    const std::function<void(const ReconcileReport&)>& done, std::stop_token stop) {
    each<ReconcileReport>(
        services, errands,
        [&](const Services& sent, const std::string& app) {
            if (stop.stop_requested()) throw base::Error(base::Code::cancelled, "stopped before " + app);
            return reconcile(sent, app, how.after_failure(app), stop, how.after_sync);
        },
        done, how.on_fetch);
}

}  // namespace gitops::app
