#include "core/deliver/sync_machine.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "core/base/text.hpp"

using namespace gitops;
using namespace gitops::deliver;

namespace {

/// One task per word: kind letter (r, h, n), phase and wave, state: "r:sync:0:running".
std::vector<Task> tasks_of(const std::string& text) {
    std::vector<Task> tasks;
    for (const auto word : base::split(text, ' ')) {
        const auto parts = base::split(word, ':');
        Task task;
        task.kind = parts[0] == "h" ? TaskKind::hook : parts[0] == "n" ? TaskKind::nothing : TaskKind::resource;
        task.phase = parts[1] == "pre" ? Phase::pre_sync : parts[1] == "post" ? Phase::post_sync : parts[1] == "fail" ? Phase::sync_fail : Phase::sync;
        task.wave = std::stoi(std::string(parts[2]));
        task.state = parts[3] == "todo" ? TaskState::pending : parts[3] == "runs" ? TaskState::running : parts[3] == "done" ? TaskState::succeeded : TaskState::failed;
        tasks.push_back(task);
    }
    return tasks;
}

std::string next(const std::string& text) {
    constexpr std::string_view names[] = {"run", "wait", "rescue", "succeed", "fail"};
    const auto move = next_move(tasks_of(text));
    std::string told(names[static_cast<int>(move.move)]);
    for (const auto i : move.tasks) told += " " + std::to_string(i);
    return told;
}

}  // namespace

TEST_CASE("one wave without hooks is done when it is applied", "[sync_machine]") {
    CHECK(next("r:sync:0:todo r:sync:0:todo") == "run 0 1");
    CHECK(next("r:sync:0:runs r:sync:0:runs") == "succeed");
    CHECK(next("n:sync:0:done r:sync:0:runs n:post:1:todo") == "run 2");  // what is skipped makes no second wave
}

TEST_CASE("several waves wait for each other, and not for the last", "[sync_machine]") {
    CHECK(next("r:sync:0:runs r:sync:1:todo") == "wait 0");
    CHECK(next("r:sync:0:done r:sync:1:todo") == "run 1");
    CHECK(next("r:sync:0:done r:sync:1:runs") == "succeed");
}

TEST_CASE("hooks are always waited for, and the resources beside them", "[sync_machine]") {
    CHECK(next("h:pre:0:runs r:sync:0:todo") == "wait 0");
    CHECK(next("h:sync:0:runs") == "wait 0");
    CHECK(next("r:sync:0:done r:post:0:runs h:post:0:done") == "wait 1");
    CHECK(next("h:pre:0:done r:sync:0:runs") == "succeed");
}

TEST_CASE("SyncFail hooks make several groups, and run only after a failure", "[sync_machine]") {
    CHECK(next("r:sync:0:runs h:fail:0:todo") == "succeed");
    CHECK(next("r:sync:0:runs r:sync:1:todo h:fail:0:todo") == "wait 0");
    CHECK(next("r:sync:0:done h:fail:0:todo") == "succeed");
    CHECK(next("r:sync:0:failed h:fail:0:todo h:fail:3:todo") == "rescue 1 2");
    CHECK(next("r:sync:0:failed h:fail:0:runs") == "wait 1");
    CHECK(next("r:sync:0:failed h:fail:0:done") == "fail");
    CHECK(next("r:sync:0:done r:sync:1:failed h:fail:0:failed") == "fail");
}

TEST_CASE("after a failure running hooks are seen to their end, resources are not, and no group follows", "[sync_machine]") {
    CHECK(next("r:sync:0:failed r:sync:0:runs h:sync:0:runs r:sync:1:todo") == "wait 2");
    CHECK(next("r:sync:0:failed r:sync:0:runs r:sync:1:todo") == "fail");
    CHECK(next("h:pre:0:failed r:sync:0:todo h:fail:0:todo") == "rescue 2");
}

TEST_CASE("whatever becomes of its tasks, a sync comes to an end", "[sync_machine]") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<Task> tasks;
        for (int i = 0; i < 12; ++i)
            tasks.push_back({TaskKind(random() % 3), Phase(random() % 4), static_cast<int>(random() % 3), TaskState::pending});
        std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return std::pair(a.phase, a.wave) < std::pair(b.phase, b.wave); });
        std::pair<Phase, int> last{Phase::pre_sync, -1};
        int moves = 0;
        for (;; ++moves) {
            REQUIRE(moves < 100);
            const auto next = next_move(tasks);
            if (next.move == Move::succeed || next.move == Move::fail) break;
            REQUIRE_FALSE(next.tasks.empty());
            for (const auto i : next.tasks) {
                REQUIRE(tasks[i].state == (next.move == Move::wait ? TaskState::running : TaskState::pending));
                if (next.move == Move::run) REQUIRE(std::pair(tasks[i].phase, tasks[i].wave) >= last);
                if (next.move == Move::run) last = {tasks[i].phase, tasks[i].wave};
                tasks[i].state = next.move != Move::wait ? TaskState::running : random() % 6 == 0 ? TaskState::failed : TaskState::succeeded;
            }
        }
    }
}
