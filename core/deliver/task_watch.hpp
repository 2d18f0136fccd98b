// Waits for what a sync has under way, to decide what comes next: hooks, resources before the next wave, prunes.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/deliver/health/health_book.hpp"
#include "core/deliver/sync_machine.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

/// What waiting needs.
struct Waiting {
    base::Clock& clock;
    base::Time deadline{};
    HealthBook book = {};
    /// Asked every second or two while something is waited for; false ends the operation. Empty: it goes on.
    std::function<bool()> goes_on = {};
};

enum class Awaits { resource, hook, deletion };
struct AwaitedTask {
    std::size_t task = 0;
    Awaits awaits = Awaits::resource;
    kube::ObjectRef ref;
    std::string uid;  ///< deletion: of the object that is to go
};

/// How one task ended.
struct Verdict {
    std::size_t task = 0;
    TaskState state = TaskState::succeeded;
    std::string message;
    doc::Value live;  ///< null when it is gone
};

enum class WaitEnd { settled, ended, timed_out };
struct TaskWait {
    WaitEnd end = WaitEnd::settled;  ///< `ended`: a stop was asked for, or goes_on said no
    std::vector<Verdict> verdicts;
    std::string pending;             ///< what was still waited for, and why: "batch/Job prod/x: Progressing: ..."
};

/// Until all of `tasks` have ended, one has failed, or the deadline passes. A hook has ended when it is Healthy or its kind
/// has no health, and failed when it is Degraded, Unknown or gone; a resource has failed when it is Degraded or gone.
/// Whoever has ended is not looked at again: a Job may vanish after it completed.
TaskWait wait_for_tasks(kube::Cluster& cluster, const std::vector<AwaitedTask>& tasks, const Waiting& waiting, base::EventSink& events,
                        std::stop_token stop);

}  // namespace gitops::deliver
