#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_deny_cluster_resource(Commands& commands) {
    commands.push_back({
        .path = "project deny-cluster-resource",
        .summary = "Do not let the applications of a project have a cluster-scoped kind.",
        .examples = "gitopsctl project deny-cluster-resource team-a '' Namespace\n"
                    "gitopsctl project deny-cluster-resource team-a '' Namespace kube-system --list deny",
        .exits = "0  changed, or already so\n"
                 "2  there is no such project",
        .declare = [](CLI::App& parser) { return declare_resource_edit(parser, KindScope::cluster, Verdict::deny); },
    });
}

}  // namespace gitops::cli
