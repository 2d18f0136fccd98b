#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_add_destination(Commands& commands) {
    commands.push_back({
        .path = "project add-destination",
        .summary = "Let the applications of a project go to a cluster and namespace, or deny it.",
        .examples = "gitopsctl project add-destination team-a local team-a\n"
                    "gitopsctl project add-destination team-a https://kubernetes.default.svc 'team-a-*'",
        .exits = "0  added, or already there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = [](CLI::App& parser) { return declare_destination_edit(parser, RuleEdit::add); },
    });
}

}  // namespace gitops::cli
