#include "core/app/wait.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gitops::app {

namespace {

constexpr base::Duration k_first_pause{50};
constexpr base::Duration k_longest_pause{1000};

std::string with_message(std::string text, const std::string& message) {
    return message.empty() ? text : std::move(text) + ": " + message;
}

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
    base::Duration pause = k_first_pause;
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
        if (!services.clock.sleep_until(std::min(now + pause, deadline), stop)) {
            throw base::Error(base::Code::cancelled, "interrupted while waiting for " + app + ": " + told);
        }
        pause = std::min(pause * 2, k_longest_pause);
        // An unknown status may come from a repository that did not answer: the cache must not stand in for it.
        if (report.status.sync != SyncStatus::unknown) fetch = Fetch::cached;
    }
}

}  // namespace gitops::app
