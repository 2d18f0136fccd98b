// What happens, told on stderr while a command works: the choice among the ways to show events.
#pragma once

#include <memory>

#include "core/base/event.hpp"

namespace gitops::cli {

class Terminal;
struct Globals;

/// The sink for this run:
/// - `--quiet`: nothing but warnings, which go out as plain lines;
/// - `--progress json`: one JSON object per line;
/// - stderr is a terminal: one status line that is rewritten, warnings as lines above it;
/// - otherwise one plain line per event. Debug events are told only with --verbose.
/// `terminal` must outlive it.
std::unique_ptr<base::EventSink> make_event_sink(Terminal& terminal, const Globals& globals);

}  // namespace gitops::cli
