#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_add_source(Commands& commands) {
    commands.push_back({
        .path = "project add-source",
        .summary = "Let the applications of a project come from a repository, or deny it.",
        .examples = "gitopsctl project add-source team-a 'https://git.example/team-a/*'\n"
                    "gitopsctl project add-source team-a '!https://git.example/team-a/old'",
        .exits = "0  added, or already there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = [](CLI::App& parser) { return declare_source_edit(parser, RuleEdit::add); },
    });
}

}  // namespace gitops::cli
