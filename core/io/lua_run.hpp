// One run of a script: what it has used, and the libraries it gets. For this folder only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/clock.hpp"
#include "core/io/lua.hpp"

struct lua_State;

namespace gitops::io {

/// Reached from every function that Lua calls, through the state's allocator.
struct LuaRun {
    const base::Clock& clock;
    const LuaLimits& limits;
    base::Time begin;
    std::size_t bytes = 0;
    std::uint64_t steps = 0;
    bool stopped = false;  ///< a limit of time was passed; nothing in the script may go on

    std::uint64_t steps_left() const { return steps < limits.steps ? limits.steps - steps : 0; }
};
LuaRun& lua_run_of(lua_State* state);
/// Counts work; ends the script by an error of Lua when it was too much.
void lua_spend(lua_State* state, std::uint64_t steps);

/// Each changes the library of its name, which is there already, or makes it. They raise errors of Lua.
void lua_open_box(lua_State* state);      ///< all libraries, and then without what leads out
void lua_open_strings(lua_State* state);  ///< find, match, gmatch, gsub and rep in bounded steps
void lua_open_clock(lua_State* state);    ///< os: time, date, clock

}  // namespace gitops::io
