#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_allow_namespace_resource(Commands& commands) {
    commands.push_back({
        .path = "project allow-namespace-resource",
        .summary = "Let the applications of a project have a kind in their namespaces.",
        .examples = "gitopsctl project allow-namespace-resource team-a '' ResourceQuota\n"
                    "gitopsctl project allow-namespace-resource team-a apps Deployment --list allow",
        .exits = "0  changed, or already so\n"
                 "2  there is no such project",
        .declare = [](CLI::App& parser) { return declare_resource_edit(parser, KindScope::namespaced, Verdict::allow); },
    });
}

}  // namespace gitops::cli
