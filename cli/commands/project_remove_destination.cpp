#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_remove_destination(Commands& commands) {
    commands.push_back({
        .path = "project remove-destination",
        .summary = "Take a destination rule out of a project.",
        .examples = "gitopsctl project remove-destination team-a local team-a\n"
                    "gitopsctl project remove-destination team-a https://kubernetes.default.svc 'team-a-*'",
        .exits = "0  removed, or not there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = [](CLI::App& parser) { return declare_destination_edit(parser, RuleEdit::remove); },
    });
}

}  // namespace gitops::cli
