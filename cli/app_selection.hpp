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

/// --cluster-selector; `--cluster a,b,c` is global.
void declare_clusters(CLI::App& parser, std::string& selector);

/// The clusters that `--cluster a,b,c` or a selector on the labels of `cluster add` names, each once and in that order;
/// empty when the applications go to their own destinations or to the one of a plain --cluster. Error(not_found) for
/// an unknown one and for a selector that matches none.
std::vector<std::string> selected_clusters(Env& env, const std::string& selector);

/// The names, each once and in the order given; --all and -l by name. Error(not_found) with near names for an unknown
/// one, UsageError when nothing was named and that is refused.
std::vector<std::string> selected_apps(Env& env, const AppSelection& selection, NoneNamed none);

}  // namespace gitops::cli
