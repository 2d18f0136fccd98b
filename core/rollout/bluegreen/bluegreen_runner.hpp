// BlueGreenRunner does what bluegreen_step() decides, as CanaryRunner does for canaries: one tick reads the cluster, asks
// the checks, saves the new state and then makes the cluster equal to it. What was saved is made true by whoever comes next.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/bluegreen/bluegreen_record.hpp"
#include "core/rollout/bluegreen/bluegreen_stage.hpp"
#include "core/rollout/bluegreen/bluegreen_step.hpp"
#include "core/rollout/check_round.hpp"
#include "core/rollout/runner.hpp"

namespace gitops::rollout {

/// Makes Git say that `to` has the traffic, before the cluster does: the commit that says it, "" when Git said it before.
using CommitSwitch = std::function<std::string(const BlueGreenState& state)>;

enum class Begun {
    new_run,
    resumed,   ///< a run was under way, and nobody was at it
    nothing,   ///< see BlueGreenRunner::nothing_new()
};

class BlueGreenRunner {
  public:
    BlueGreenRunner(const RunnerPorts& ports, BlueGreenSpec spec, RunSettings settings, CommitSwitch commit = {});
    /// Gives the pair up to others.
    ~BlueGreenRunner();
    BlueGreenRunner(const BlueGreenRunner&) = delete;
    BlueGreenRunner& operator=(const BlueGreenRunner&) = delete;

    /// Reads the record, or begins one, and makes it ours. Errors of RecordStore::claim().
    void start();
    /// Begins a run, or goes on with one. Error(conflict) when that has another image to bring and is past its tests.
    Begun begin(const BlueGreenPlan& plan);
    /// Asks for `command`, to be served by the next tick.
    void command(Command command);
    /// Errors of the cluster pass through: the next tick makes good what this one left undone.
    TickReport tick(std::stop_token stop);
    /// Until `span` is over, a command has come, or a stop is asked for.
    void wait(base::Duration span, std::stop_token stop);
    /// Saves what the caller has changed in record().
    void save();

    BlueGreenRecord& record() { return m_record; }
    const BlueGreenSpec& spec() const { return m_spec; }
    const std::string& nothing_new() const { return m_nothing_new; }

  private:
    BlueGreenDecision decide(const BlueGreenSeen& seen, std::stop_token stop);
    bool keep(BlueGreenDecision& decision, const BlueGreenSeen& seen);
    void begin_run(const BlueGreenSeen& seen);
    void note_end(const BlueGreenSeen& seen);
    Enforced enforce();
    void tell(const std::vector<JournalEntry>& entries, std::stop_token stop);
    void announce_end(std::stop_token stop);

    RunnerPorts m_ports;
    BlueGreenSpec m_spec;
    CommitSwitch m_commit;
    BlueGreenStore m_store;
    BlueGreenRecord m_record;
    BlueGreenStage m_stage;
    std::string m_nothing_new;
    bool m_is_enforced = false;  ///< what is saved has been made true
};

}  // namespace gitops::rollout
