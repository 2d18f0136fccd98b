#include "cli/commands/registry.hpp"
#include "cli/output/project_text.hpp"
#include "cli/print.hpp"
#include "core/app/project/project.hpp"

namespace gitops::cli {

namespace {

int run(Env& env) {
    Listing listing{.table = project_table(), .nothing = "no projects"};
    for (const std::string& name : app::project_names(env.state())) {
        const sources::AppProject project = app::project_named(env.state(), name);
        listing.items.push_back(project.document);
        listing.names.push_back(name);
        listing.table.add(project_row(project));
    }
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_project_list(Commands& commands) {
    commands.push_back({
        .path = "project list",
        .summary = "List the projects and their rules in brief.",
        .examples = "gitopsctl project list\n"
                    "gitopsctl project list -o json",
        .exits = "0  listed",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
