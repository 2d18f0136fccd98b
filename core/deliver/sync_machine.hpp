// What a sync does next, decided purely from how far its tasks are (argocd.md 2.4). The executor performs it, notes what
// came of it, and asks again.
#pragma once

#include <cstddef>
#include <vector>

#include "core/deliver/plan.hpp"

namespace gitops::deliver {

enum class TaskKind {
    resource,  ///< an object that stays; healthy before the next group starts
    hook,      ///< runs to its end
    nothing,   ///< has an outcome, but neither writes nor is waited for: what is skipped
};
enum class TaskState { pending, running, succeeded, failed };

struct Task {
    TaskKind kind = TaskKind::resource;
    Phase phase = Phase::sync;
    int wave = 0;
    TaskState state = TaskState::pending;
};

enum class Move {
    run,      ///< start `tasks`, a group of one phase and wave
    wait,     ///< until one of `tasks` has come to an end
    rescue,   ///< start `tasks`, the SyncFail hooks
    succeed,  ///< no more tasks
    fail,
};

struct Next {
    Move move = Move::succeed;
    std::vector<std::size_t> tasks = {};
};

/// `tasks` are in the order of the plan. Hooks are always waited for. Resources are only where the operation has several
/// groups, and then only when another group follows or hooks run beside them: a sync of one wave is done when it is
/// applied. After a failure no resource is waited for, no further group starts, and SyncFail hooks run, all at once.
Next next_move(const std::vector<Task>& tasks);

/// What kind of task `step` is.
TaskKind task_kind(const Step& step);

}  // namespace gitops::deliver
