// CanaryState is what a rollout remembers between two ticks. It is saved in the cluster before each action, and the
// actions it asks for can be repeated, so a run that was killed goes on where it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::rollout {

enum class Phase {
    initializing,
    initialized,
    waiting,            ///< a new revision is held by a confirm-rollout gate
    progressing,
    waiting_promotion,  ///< passed, and held by a confirm-promotion gate
    promoting,          ///< the primary takes over the template, then the traffic
    finalising,         ///< the target is scaled to zero
    succeeded,
    failed,
};
std::string_view phase_name(Phase phase);  ///< "Initializing", "WaitingPromotion", ...
std::optional<Phase> phase_of(std::string_view name);
/// A run is under way: a revision is being taken to traffic or held before that.
bool is_running(Phase phase);

/// Where requests go, in percent of the canary; the primary has the rest.
struct Split {
    int canary = 0;
    bool mirrored = false;  ///< answers of the canary are thrown away
    bool matched = false;   ///< A/B: only requests that match go to the canary, all of them

    bool operator==(const Split&) const = default;
};

/// What a person asked for from another terminal; served by the next tick.
enum class Command { none, promote, abort, pause, resume, retry };
std::string_view command_name(Command command);  ///< "", "promote", ...
Command command_of(std::string_view name);       ///< none for any other word

struct CanaryState {
    Phase phase = Phase::initializing;
    Split split;              ///< as it is meant to be; the route object is the truth
    int failed_checks = 0;    ///< ticks that failed, over the run
    int iterations = 0;       ///< blue/green and A/B
    int stage = 0;            ///< stages dialect: index into stages
    int streak = 0;           ///< stages dialect: successes in a row
    int no_data = 0;          ///< ticks without data in a row
    int unreachable = 0;      ///< ticks without an answer in a row
    bool prepared = false;    ///< the pre-rollout hooks of this run have passed
    bool paused = false;
    bool target_is_up = false;   ///< the target is meant to have its replicas
    bool promotes = false;       ///< the primary is meant to have the target's template
    bool restores = false;       ///< the primary is meant to have `saved_template` back, and then the traffic
    bool announces = false;      ///< the post-rollout hooks are still to be called
    Command command = Command::none;
    std::string command_by{};    ///< who asked
    std::string applied_revision{};   ///< of the run, or the last one seen
    std::string promoted_revision{};  ///< what the primary runs
    std::map<std::string, std::string> configs{};  ///< checksums of what is tracked, of the run
    std::map<std::string, std::string> promoted_configs{};
    std::string git_revision{};       ///< --git: the commit the target's revision came from
    int run = 0;                 ///< number of runs so far
    int tick = 0;                ///< of the run
    std::optional<base::Time> started_at{};  ///< of the run
    std::optional<base::Time> phase_at{};    ///< since when the phase is what it is
    std::optional<base::Time> wait_at{};     ///< since when something that has to get ready is waited for
    std::optional<base::Time> checked_at{};  ///< of the last tick
    std::string message{};       ///< of the last decision, for people
    doc::Value saved_template{}; ///< of the primary before this run, to restore it at once
    doc::Value evidence{};       ///< of sequential tests, by metric

    bool operator==(const CanaryState&) const = default;
};

doc::Value to_value(const CanaryState& state);
/// Unknown members are kept out, missing ones have their defaults. Error(invalid) for what is no state.
CanaryState read_state(const doc::Value& value);

}  // namespace gitops::rollout
