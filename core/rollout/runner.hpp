// CanaryRunner does what step() decides: one tick reads the cluster, asks the checks, saves the new state and then makes
// the cluster equal to it. Every action can be repeated, so a runner that was killed at any point is followed by one that
// first makes true what was saved, and goes on.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/canary_store.hpp"
#include "core/rollout/check_round.hpp"
#include "core/rollout/stage.hpp"

namespace gitops::rollout {

struct RunnerPorts {
    kube::Cluster& cluster;
    base::Clock& clock;
    base::EventSink& events;
    CheckPorts& checks;
    std::string actor;
};

struct TickReport {
    bool settled = false;          ///< nothing is left to be done until a new revision comes
    bool ended = false;            ///< a run has ended in this tick
    base::Duration wake{0};        ///< until the next tick
    std::vector<JournalEntry> entries{};
};

/// When a runner makes the canary its own. One of many that mostly wait does it with the first thing it has to do, and gives
/// the canary up when that has ended; until then a tick only looks.
enum class Claim { at_once, when_needed };

class CanaryRunner {
  public:
    CanaryRunner(const RunnerPorts& ports, CanarySpec spec, RunSettings settings);
    /// Gives the canary up to others.
    ~CanaryRunner();
    CanaryRunner(const CanaryRunner&) = delete;
    CanaryRunner& operator=(const CanaryRunner&) = delete;

    /// Reads the record, or begins one. Errors of CanaryStore::claim().
    void start(Claim claim = Claim::at_once);
    /// Asks for a revision that has failed before to be tried again.
    void retry();
    /// Errors of the cluster pass through: the next tick makes good what this one left undone.
    TickReport tick(std::stop_token stop);
    /// Until `span` is over, a command has come, or a stop is asked for.
    void wait(base::Duration span, std::stop_token stop);
    /// Saves what the caller has changed in record().runs.
    void save();

    CanaryRecord& record() { return m_record; }
    const CanarySpec& spec() const { return m_spec; }

  private:
    Decision decide(const Observation& seen, std::stop_token stop);
    Moment moment(const Observation& seen) const;
    void keep(const Decision& decision, const Observation& seen);
    void begin_run(const Observation& seen);
    void describe_beginning(RunRecord& run, const Decision& decision, const Observation& seen) const;
    void tell(const std::vector<JournalEntry>& entries, std::stop_token stop);
    void announce_end(std::stop_token stop);
    TickReport wait_for_effect();
    bool is_free();
    bool is_ours() const { return m_claim == Claim::at_once || m_has_claimed; }
    bool is_kept_up() const;

    RunnerPorts m_ports;
    CanarySpec m_spec;
    CanaryStore m_store;
    CanaryRecord m_record;
    Stage m_stage;
    bool m_is_enforced = false;  ///< what is saved has been made true
    Claim m_claim = Claim::at_once;
    bool m_has_claimed = false;
};

}  // namespace gitops::rollout
