// A command is a value: its words, its help, and a function that declares its arguments on a parser and returns what
// to do with them. Parsing only selects the action; main runs it afterwards.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

class Env;

/// Runs after parsing; returns the exit code.
using Action = std::function<int(Env&)>;

struct Command {
    std::string_view path;      ///< "app sync"; "version" for one without a noun
    std::string_view summary;   ///< one sentence
    std::string_view examples;  ///< lines that can be run as they are
    std::string_view exits;     ///< what 0, 1 and 2 mean here
    std::function<Action(CLI::App& parser)> declare;
    bool hidden = false;  ///< not in the overview
};

/// The command line itself is wrong: exit code 64.
class UsageError : public base::Error {
  public:
    explicit UsageError(std::string_view message) : Error(base::Code::invalid, message) {}
};

/// All commands in the order of the overview.
using Commands = std::vector<Command>;

}  // namespace gitops::cli
