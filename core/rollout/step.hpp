// step() is the state machine of a rollout: from the spec, the state and what was observed it makes the next state and
// says why. It is pure: it asks for what it needs to know as a value, and does nothing.
//
// Overview: the runner observes, calls step(), answers the Question it comes back with, and calls it again with one
// answer more until it comes back with a Decision. What the next state means for the cluster is written in the state
// itself (split, target_is_up, promotes, restores), so that it can be enforced again after a crash.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/rollout/canary.hpp"
#include "core/rollout/journal.hpp"
#include "core/rollout/state.hpp"

namespace gitops::rollout {

/// One side's workload.
struct Side {
    bool exists = false;
    bool ready = false;
    bool hopeless = false;     ///< not ready, and past its deadline
    std::string reason{};      ///< why it is not ready: "2 of 3 Pods are available"
    base::Duration since{0};   ///< unused by step(); for people
    bool serves = false;       ///< ready, or on its way to be with Pods enough that take requests
};

struct Observation {
    base::Time now{};
    Side target;
    Side primary;
    std::string revision{};                         ///< of the target's template and its configs
    std::map<std::string, std::string> configs{};   ///< checksums of what is tracked
    doc::Value primary_template{};                  ///< what the primary runs now
    std::optional<Split> split{};                   ///< as routed; nullopt when there is no route to read
    std::string git_revision{};
};

enum class Question {
    confirm_rollout,           ///< may the new revision start?
    rollback_hooks,            ///< passed means: somebody wants it back
    pre_rollout,
    analysis,                  ///< rollout hooks, then metrics; the first that fails ends it
    confirm_traffic_increase,
    confirm_promotion,
};
std::string_view question_name(Question question);

struct Answer {
    bool passed = true;
    std::vector<CheckResult> checks{};
    bool condemned = false;    ///< analysis: sequential evidence against the canary, which needs no second look
    doc::Value evidence{};     ///< analysis: what the sequential tests know now; null leaves it
};
using Answers = std::map<Question, Answer>;

struct Decision {
    CanaryState state;
    std::vector<JournalEntry> entries{};
    base::Duration wake{0};  ///< until the next tick
};

/// `state.command` is served and cleared. Rules of Flagger's scheduler where the dialect is Flagger's; where it strays from
/// them without Compat::flagger, lint() says so. Never raises the canary's weight in a tick with a failed check, and never
/// takes traffic to a side that is not ready while the other one is.
std::variant<Question, Decision> step(const CanarySpec& spec, const CanaryState& state, const Observation& observation,
                                      const Answers& answers, Compat compat);

/// Nothing is left to be done until a new revision comes.
bool is_settled(const CanaryState& state);

}  // namespace gitops::rollout
