// The list of all commands, and the way from argv to one of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace gitops::cli {

/// Every command; the one place that knows them all.
Commands all_commands();

/// argv taken apart: which command is meant, and the words that are left for its parser.
struct Chosen {
    const Command* command = nullptr;
    std::vector<std::string> rest;
};

/// Global flags may stand before, between and after the noun and the verb. Error(invalid) with near names when the
/// words name no command.
Chosen choose(const Commands& commands, std::span<const std::string> words);

/// What may follow `words`: nouns at the beginning, verbs behind a noun; as commands whose path is that one word.
Commands next_commands(const Commands& commands, std::span<const std::string> words);

/// Parses `words` and runs the command they name; returns the exit code. Prints help and usage errors.
int run_command_line(const std::vector<std::string>& words);

}  // namespace gitops::cli
