#include "core/app/wait.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/text.hpp"

namespace gitops::app {

namespace {

constexpr base::Duration k_breath{50};         ///< between two looks at least: changes come in bursts
constexpr base::Duration k_poll{1000};         ///< where nothing tells of a change: a running operation, no right to watch
constexpr base::Duration k_look_anyway{10'000};

std::string with_message(std::string text, const std::string& message) {
    return message.empty() ? text : std::move(text) + ": " + message;
}

/// Waits for the next change of what an application consists of, as its cluster tells it.
class Changes {
  public:
    Changes(const Services& services, const AppStatus& status) : m_cluster(services.open_cluster(status.cluster)) {
        std::set<kube::Gvk> kinds;
        for (const auto& resource : status.resources)
            if (!resource.gvk.version.empty()) kinds.insert(resource.gvk);
        m_query.kinds.assign(kinds.begin(), kinds.end());
    }

    /// Returns early when something changed. Changes since the last call count; the first call waits for none.
    void wait(base::Clock& clock, base::Duration at_most, std::stop_token stop) {
        const auto until = clock.now() + at_most;
        const auto pause = [&](base::Duration span) { clock.sleep_until(std::min(until, clock.now() + span), stop); };
        if (m_query.kinds.empty()) return pause(k_poll);
        try {
            m_query.at_most = m_query.since.empty() ? base::Duration(0) : at_most;
            m_query.since = m_cluster->watch(m_query, stop).next;
            pause(k_breath);
        } catch (const base::Error& error) {
            if (error.code() == base::Code::cancelled) throw;
            m_query.since.clear();  // too old, or not allowed: look again in a while
            pause(k_poll);
        }
    }

  private:
    std::shared_ptr<kube::Cluster> m_cluster;
    kube::WatchQuery m_query;
};

}  // namespace

std::string missing_of(const AppStatus& status, const WaitConditions& conditions) {
    const bool all = !conditions.synced && !conditions.healthy && !conditions.idle;
    std::vector<std::string> missing;
    if ((all || conditions.idle) && status.operation) {
        missing.push_back("operation " + status.operation->action + " of " + status.operation->actor + " is running");
    }
    if ((all || conditions.synced) && status.sync != SyncStatus::synced) {
        missing.push_back("sync status is " + std::string(sync_status_name(status.sync)));
    }
    if ((all || conditions.healthy) && status.health.status != deliver::HealthStatus::healthy) {
        missing.push_back(with_message("health is " + std::string(deliver::health_name(status.health.status)),
                                       status.health.message));
    }
    return base::join(missing, "; ");
}

WaitReport wait_for(const Services& services, const std::string& app, WaitConditions conditions, base::Time deadline,
                    std::stop_token stop) {
    std::optional<Changes> changes;
    std::string told;
    Fetch fetch = Fetch::remote;
    while (true) {
        WaitReport report;
        report.status = status_of(services, application_of(services, app), fetch);
        report.missing = missing_of(report.status, conditions);
        report.reached = report.missing.empty();
        const base::Time now = services.clock.now();
        if (report.reached || now >= deadline) return report;
        if (report.missing != told) services.events.emit({base::Level::info, "wait", app, report.missing, {}});
        told = report.missing;
        if (report.status.sync == SyncStatus::unknown) {
            services.clock.sleep_until(std::min(now + k_poll, deadline), stop);
        } else {
            if (!changes) changes.emplace(services, report.status);
            changes->wait(services.clock, std::min(deadline - now, report.status.operation ? k_poll : k_look_anyway), stop);
        }
        if (stop.stop_requested())
            throw base::Error(base::Code::cancelled, "interrupted while waiting for " + app + ": " + told);
        // An unknown status may come from a repository that did not answer: the cache must not stand in for it.
        if (report.status.sync != SyncStatus::unknown) fetch = Fetch::cached;
    }
}

}  // namespace gitops::app
