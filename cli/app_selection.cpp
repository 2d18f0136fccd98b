#include "cli/app_selection.hpp"

#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/kube/selector.hpp"

namespace gitops::cli {

Action declare_for_application(CLI::App& parser, int (*run)(Env&, const std::string& name)) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "the application");
    return [name, run](Env& env) { return run(env, *name); };
}

void declare_selection(CLI::App& parser, AppSelection& selection) {
    add_many(parser, "NAME", selection.names, "applications");
    add_switch(parser, "--all", selection.all, "every application");
    add_value(parser, "-l,--selector", selection.selector, "SELECTOR",
              "applications with these labels: team=data,tier!=web");
}

std::vector<std::string> selected_apps(Env& env, const AppSelection& selection, NoneNamed none) {
    std::vector<std::string> names;
    for (const std::string& name : selection.names) {
        env.state().application(name);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (!names.empty()) return names;
    if (selection.selector.empty() && !selection.all && none == NoneNamed::refuse) {
        UsageError error("no application is named");
        error.hint("give names, --all or -l SELECTOR");
        throw error;
    }
    const kube::Selector selector =
        selection.selector.empty() ? kube::Selector() : kube::Selector::parse(selection.selector);
    for (const app::Application& application : env.state().applications()) {
        const doc::Value* labels = application.document.path("metadata", "labels");
        if (selector.matches(labels == nullptr ? doc::Value() : *labels)) names.push_back(application.name);
    }
    return names;
}

}  // namespace gitops::cli
