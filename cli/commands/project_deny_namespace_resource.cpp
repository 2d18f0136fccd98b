#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_deny_namespace_resource(Commands& commands) {
    commands.push_back({
        .path = "project deny-namespace-resource",
        .summary = "Do not let the applications of a project have a kind in their namespaces.",
        .examples = "gitopsctl project deny-namespace-resource team-a '' ResourceQuota\n"
                    "gitopsctl project deny-namespace-resource team-a apps Deployment --list allow",
        .exits = "0  changed, or already so\n"
                 "2  there is no such project",
        .declare = [](CLI::App& parser) { return declare_resource_edit(parser, KindScope::namespaced, Verdict::deny); },
    });
}

}  // namespace gitops::cli
