#include "core/deliver/sync_machine.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace gitops::deliver {
namespace {

using Group = std::pair<Phase, int>;

Group group_of(const Task& task) { return {task.phase, task.wave}; }
bool is_rescue(const Task& task) { return task.kind == TaskKind::hook && task.phase == Phase::sync_fail; }

template <class Wanted>
std::vector<std::size_t> those(const std::vector<Task>& tasks, const Wanted& wanted) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (wanted(tasks[i])) found.push_back(i);
    return found;
}

bool has_several_groups(const std::vector<Task>& tasks) {
    std::set<Group> groups;
    for (const auto& task : tasks)
        if (task.kind != TaskKind::nothing) groups.insert(group_of(task));
    return groups.size() > 1;
}

/// What stands between now and the next group.
std::vector<std::size_t> awaited(const std::vector<Task>& tasks) {
    const auto is_running = [](const Task& task) { return task.state == TaskState::running; };
    const bool failed = std::ranges::any_of(tasks, [](const Task& task) { return task.state == TaskState::failed; });
    const bool hooks_run = std::ranges::any_of(tasks, [&](const Task& task) { return is_running(task) && task.kind == TaskKind::hook; });
    const bool more = std::ranges::any_of(tasks, [](const Task& task) {
        return task.state == TaskState::pending && task.kind != TaskKind::nothing && !is_rescue(task);
    });
    std::set<Group> with_hooks;
    for (const auto& task : tasks)
        if (task.kind == TaskKind::hook) with_hooks.insert(group_of(task));
    const bool beside_hooks = std::ranges::any_of(tasks, [&](const Task& task) {
        return is_running(task) && with_hooks.contains(group_of(task));
    });
    const bool resources = !failed && has_several_groups(tasks) && (more || hooks_run || beside_hooks);
    return those(tasks, [&](const Task& task) { return is_running(task) && (task.kind == TaskKind::hook || resources); });
}

}  // namespace

Next next_move(const std::vector<Task>& tasks) {
    if (auto waiting = awaited(tasks); !waiting.empty()) return {Move::wait, std::move(waiting)};
    const auto is_pending = [](const Task& task) { return task.state == TaskState::pending; };
    if (std::ranges::any_of(tasks, [](const Task& task) { return task.state == TaskState::failed; })) {
        auto rescue = those(tasks, [&](const Task& task) { return is_pending(task) && is_rescue(task); });
        if (!rescue.empty()) return {Move::rescue, std::move(rescue)};
        return {Move::fail};
    }
    const auto first = std::ranges::find_if(tasks, [&](const Task& task) { return is_pending(task) && !is_rescue(task); });
    if (first == tasks.end()) return {Move::succeed};
    return {Move::run, those(tasks, [&](const Task& task) {
                return is_pending(task) && !is_rescue(task) && group_of(task) == group_of(*first);
            })};
}

TaskKind task_kind(const Step& step) {
    if (step.action == Action::skip) return TaskKind::nothing;
    if (step.hook) return TaskKind::hook;
    const bool left_alone = step.action == Action::unchanged && step.options.apply_out_of_sync_only;
    return left_alone ? TaskKind::nothing : TaskKind::resource;
}

}  // namespace gitops::deliver
