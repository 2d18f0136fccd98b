#include "cli/commands/registry.hpp"
#include "cli/project_edits.hpp"

namespace gitops::cli {

void register_project_allow_cluster_resource(Commands& commands) {
    commands.push_back({
        .path = "project allow-cluster-resource",
        .summary = "Let the applications of a project have a cluster-scoped kind.",
        .examples = "gitopsctl project allow-cluster-resource team-a '' Namespace 'team-a-*'\n"
                    "gitopsctl project allow-cluster-resource team-a rbac.authorization.k8s.io '*' --list deny",
        .exits = "0  changed, or already so\n"
                 "2  there is no such project",
        .declare = [](CLI::App& parser) { return declare_resource_edit(parser, KindScope::cluster, Verdict::allow); },
    });
}

}  // namespace gitops::cli
