// Help texts: the overview, a noun's verbs, and one command's page.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace gitops::cli {

/// "app sync [NAME...] [flags]"
std::string usage_line(const Command& command, const CLI::App& parser);
/// Summary, usage, arguments, flags, examples and exit codes.
std::string command_help(const Command& command, const CLI::App& parser);
/// The verbs of a noun ("app", "cluster fault"); every command for "".
std::string group_help(const Commands& commands, std::string_view noun);

}  // namespace gitops::cli
