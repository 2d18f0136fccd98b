#include "cli/commands/registry.hpp"
#include "cli/kube_access.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env) {
    const bool wide = env.format() == Format::wide;
    std::vector<std::string> titles{"CURRENT", "NAME", "KIND", "CONTEXT", "SERVER"};
    if (wide) titles.insert(titles.end(), {"USER", "LABELS", "KUBECONFIG"});
    Listing listing{.table = Table(titles), .nothing = "no clusters"};
    for (const app::ClusterRow& row : env.state().clusters()) {
        const backend::ContextView view = row.kind == "embedded" ? backend::ContextView{} : view_of(row);
        listing.items.push_back(cluster_value(row, view));
        std::vector<Cell> cells{row.current ? "*" : "", row.name, row.kind, row.context, view.server};
        if (wide) {
            cells.insert(cells.end(), {Cell(user_text(row, view)), Cell(labels_text(row)), Cell(kubeconfig_text(row))});
        }
        listing.table.add(std::move(cells));
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
                    "gitopsctl cluster list -o wide\n"
                    "gitopsctl cluster list -o json",
        .exits = "0  listed",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
