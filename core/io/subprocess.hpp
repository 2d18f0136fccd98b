// Another program, run to its end: no shell, bounded output, bounded time.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"

namespace gitops::io {

/// What the program's standard input and standard error are.
enum class Terminal {
    none,    ///< input is what it is given, errors are kept for the result
    shared,  ///< both are ours: the program may talk with the person in front of it
};

struct Subprocess {
    std::string program;                   ///< path of the executable
    std::vector<std::string> arguments;    ///< without the program's own name
    std::vector<std::string> environment;  ///< all of it, "NAME=value"
    std::string folder{};                  ///< where it works; "" is where we are
    Terminal terminal = Terminal::none;
    std::string input{};                   ///< of Terminal::none: what it reads on its standard input
    std::size_t most_output = std::size_t{1} << 20;  ///< bytes; a program that says more is ended
    base::Duration patience{60'000};
};

struct SubprocessResult {
    int status = 0;   ///< exit status; 128 + n when signal n ended it
    std::string out;
    std::string err;  ///< at most the last 64 KiB
};

/// Runs it and everything it starts in a process group of its own, which is killed when the time is over, too much was
/// said or `stop` was requested. Error(not_found|denied) when it cannot be started, Error(unavailable) for the first
/// two, Error(cancelled) for the last; no message holds what the program said.
SubprocessResult run_subprocess(const Subprocess& subprocess, std::stop_token stop);

/// The executable a command without a slash means: the first of that name in the folders of `search_path` ($PATH).
/// Relative folders are passed over, so that a working directory cannot smuggle in a program.
std::optional<std::string> find_program(std::string_view command, std::string_view search_path);

}  // namespace gitops::io
