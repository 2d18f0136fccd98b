// `goto` in scripts. For this folder only.
#pragma once

#include <string>
#include <string_view>

namespace gitops::io {

/// Argo CD's Lua is 5.1 with `goto`, and its scripts use that to go on with the next round of a loop: a jump forward to a
/// label at the end of a block. The same is said here in plain 5.1: the block becomes `repeat ... until true`, a jump in it
/// `break`. Lines stay where they are. A script whose jumps go elsewhere comes back as it is, and does not compile.
std::string lua_without_goto(std::string_view script);

}  // namespace gitops::io
