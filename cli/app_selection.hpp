// Which applications a command is about.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/env.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

struct AppSelection {
    std::vector<std::string> names;
    std::string selector;
    bool all = false;
};

/// The action of a command whose only argument is the NAME of an application.
Action declare_for_application(CLI::App& parser, int (*run)(Env&, const std::string& name));

/// What no name at all means.
enum class NoneNamed { refuse, all };

/// [NAME...], --all and -l.
void declare_selection(CLI::App& parser, AppSelection& selection);

/// The names, each once and in the order given; --all and -l by name. Error(not_found) with near names for an unknown
/// one, UsageError when nothing was named and that is refused.
std::vector<std::string> selected_apps(Env& env, const AppSelection& selection, NoneNamed none);

}  // namespace gitops::cli
