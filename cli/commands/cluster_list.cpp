#include "cli/commands/registry.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env) {
    Listing listing{.table = Table({"CURRENT", "NAME", "KIND", "CONTEXT"}), .nothing = "no clusters"};
    for (const app::ClusterRow& row : env.state().clusters()) {
        listing.items.push_back(cluster_value(row));
        listing.table.add({row.current ? "*" : "", row.name, row.kind, row.context});
        listing.names.push_back(row.name);
    }
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_cluster_list(Commands& commands) {
    commands.push_back({
        .path = "cluster list",
        .summary = "List the registered clusters.",
        .examples = "gitopsctl cluster list\n"
                    "gitopsctl cluster list -o json",
        .exits = "0  listed",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
