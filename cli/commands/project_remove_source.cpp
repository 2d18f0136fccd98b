#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_remove_source(Commands& commands) {
    commands.push_back({
        .path = "project remove-source",
        .summary = "Take a source rule out of a project.",
        .examples = "gitopsctl project remove-source team-a 'https://git.example/team-a/*'\n"
                    "gitopsctl project remove-source team-a '!https://git.example/team-a/old'",
        .exits = "0  removed, or not there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = [](CLI::App& parser) { return declare_source_edit(parser, RuleEdit::remove); },
    });
}

}  // namespace gitops::cli
