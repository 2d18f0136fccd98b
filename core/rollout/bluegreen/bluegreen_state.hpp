// BlueGreenState is what a switch remembers between two ticks. It is saved in the cluster before each action, and the
// actions it asks for can be repeated, so a run that was killed goes on where it was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/rollout/state.hpp"

namespace gitops::rollout {

enum class Color { blue, green };
std::string_view color_name(Color color);  ///< "blue", "green"
Color other(Color color);

enum class BlueGreenPhase {
    idle,         ///< nothing was run yet
    preparing,    ///< the idle side gets its image and its Pods
    smoking,      ///< it is tested, and has no traffic
    switching,    ///< the Service's selector is written
    monitoring,   ///< it has the traffic, and is watched
    returning,    ///< the selector is written back
    finalising,   ///< it was good: the other side waits to be scaled down
    succeeded,
    rolled_back,  ///< the traffic is where it was before
    failed,       ///< traffic was never touched
};
std::string_view phase_name(BlueGreenPhase phase);  ///< "Preparing", "RolledBack", ...
std::optional<BlueGreenPhase> bluegreen_phase_of(std::string_view name);
bool is_running(BlueGreenPhase phase);
/// The new side is meant to have the traffic, or may have it.
bool has_switched(BlueGreenPhase phase);

struct BlueGreenState {
    BlueGreenPhase phase = BlueGreenPhase::idle;
    Color from = Color::blue;   ///< had the traffic when the run began
    Color to = Color::green;
    std::string image{};        ///< "[CONTAINER=]IMAGE" that `to` gets; "" leaves it
    bool skips_smoke = false;
    bool skips_monitoring = false;
    bool scales_down = false;   ///< `from` is meant to have no Pods
    bool announces = false;     ///< the post-rollout hooks are still to be called
    int failed_checks = 0;      ///< while monitoring, over the run
    int no_data = 0;            ///< looks in a row
    int unreachable = 0;
    std::string revision{};           ///< of `to`, under test
    std::string replaced_revision{};  ///< of `from`, once `to` has taken over for good
    std::string git_commit{};         ///< --git: the commit that switched
    int run = 0;                      ///< number of runs so far
    int tick = 0;                     ///< looks while monitoring, of the run
    std::optional<base::Time> started_at{};  ///< of the run
    std::optional<base::Time> phase_at{};    ///< since when the phase is what it is
    std::optional<base::Time> wait_at{};     ///< since when something that has to get ready is waited for
    std::optional<base::Time> switched_at{};
    std::optional<base::Time> look_at{};     ///< when the next look is due
    std::optional<base::Time> checked_at{};  ///< of the last tick
    std::string message{};            ///< of the last decision, for people
    std::string reason{};             ///< why the traffic goes back
    doc::Value evidence{};            ///< of sequential tests, by metric

    bool operator==(const BlueGreenState&) const = default;
};

doc::Value to_value(const BlueGreenState& state);
/// Unknown members are left out, missing ones have their defaults. Error(invalid) for what is no state.
BlueGreenState read_bluegreen_state(const doc::Value& value);

}  // namespace gitops::rollout
