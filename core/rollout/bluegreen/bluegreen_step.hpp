// The state machine of a blue-green switch: from the spec, the state and what was observed it makes the next state and says
// why. It is pure, as step() of canaries is: it asks for what it needs to know as a value, and does nothing.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/rollout/bluegreen/bluegreen.hpp"
#include "core/rollout/journal.hpp"
#include "core/rollout/step.hpp"

namespace gitops::rollout {

/// The Deployment of one side.
struct BlueGreenSide {
    bool exists = false;
    bool ready = false;        ///< it has Pods, all of its present template and available
    bool hopeless = false;     ///< not ready, and no longer waited for
    int available = 0;
    int replicas = 0;          ///< wanted
    std::string reason{};      ///< why it is not ready
    std::string revision{};    ///< of its template
    std::string image{};       ///< for people
    bool serves() const { return available > 0; }
};

struct BlueGreenSeen {
    base::Time now{};
    BlueGreenSide blue, green;
    Color routed = Color::blue;  ///< who has the traffic

    const BlueGreenSide& side(Color color) const { return color == Color::blue ? blue : green; }
};

/// What a run is asked for, beside its spec.
struct BlueGreenPlan {
    std::string image{};           ///< "[CONTAINER=]IMAGE" for the idle side
    bool skips_smoke = false;
    bool skips_monitoring = false;
    bool takes_any = false;        ///< also a version that was replaced by the active one: it was asked for by name
};

struct BlueGreenDecision {
    BlueGreenState state;
    std::vector<JournalEntry> entries{};
    base::Duration wake{0};  ///< until the next tick
};

/// Why there is nothing to switch to, for people: the idle side is what the active one has replaced, or the active one
/// runs the image already. "" when there is.
std::string nothing_new(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen, const BlueGreenPlan& plan);
/// A new run, from whatever state has no run under way.
BlueGreenDecision begin_bluegreen(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen,
                                  const BlueGreenPlan& plan);

/// `command`: promote passes over the smoke tests, abort gives up or takes the traffic back; others mean nothing here.
/// Questions are pre_rollout (the smoke tests), confirm_promotion, rollback_hooks and analysis (a look while monitoring).
/// Traffic goes to no side that has no ready Pods while the other one has some.
std::variant<Question, BlueGreenDecision> bluegreen_step(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen,
                                                         const Answers& answers, Command command = Command::none,
                                                         const std::string& command_by = {});

/// Nothing is left to be done until a run is asked for.
bool is_settled(const BlueGreenState& state);

}  // namespace gitops::rollout
