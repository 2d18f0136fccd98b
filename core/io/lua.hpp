// Scripts of users, in Lua 5.1, in a box: a script sees one document, and has no way to files, programs, the network or
// other code; its time and memory are bounded, whatever it does.
//
// Overview: every run has a state of its own, so that nothing is left behind and the same script gives the same answer.
// Of the libraries there are base, string, table and math without what loads code, reads or changes the machine or is
// random; os has time, date and clock. `goto`, which Argo CD's Lua has, works where it means "go on with the next round".
// A count of instructions and the clock end a script that goes on too long, and it cannot catch that; text patterns,
// sorting and repeating count as well, since no hook interrupts a function in C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"

namespace gitops::io {

/// A document in reading order: a list or map is followed by its children. The texts live as long as the run.
struct LuaNode {
    enum class Kind : std::uint8_t { flag, number, text, list, map };
    Kind kind = Kind::map;
    std::string_view key{};      ///< of a child of a map
    std::string_view text{};
    double number = 0;           ///< of a flag: 0 or 1
    std::uint32_t children = 0;  ///< of a list or map
};
inline constexpr int k_max_lua_depth = 200;  ///< of nested lists and maps

struct LuaLimits {
    std::size_t bytes = 64UL << 20;
    base::Duration time{1000};
    std::uint64_t steps = 200'000'000;  ///< instructions, and steps of searching and sorting
};

struct LuaAnswer {
    enum class Kind {
        nothing,  ///< it returned nil, or nothing
        fields,   ///< a table
        other,    ///< `text` names the type of what it returned
        failed    ///< `text` says why: its own error, or a limit
    };
    Kind kind = Kind::nothing;
    std::vector<std::string> fields;  ///< the texts of the wanted fields in their order, "" where there is none
    std::string text;
};
inline constexpr std::size_t k_max_lua_text = 8192;  ///< bytes; a longer text of an answer is cut

/// Runs `script` with the global `obj`; `name` stands before the line in errors. Never throws for what a script does.
LuaAnswer run_lua(std::string_view script, const std::string& name, std::span<const LuaNode> object,
                  std::span<const std::string_view> wanted, const base::Clock& clock, const LuaLimits& limits = {});

}  // namespace gitops::io
