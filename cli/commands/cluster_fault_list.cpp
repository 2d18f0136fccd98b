#include "cli/commands/registry.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env) {
    Listing listing{.table = Table({"ID", "KIND", "IMAGE", "DELAY"}), .nothing = "no faults"};
    for (const embedded::Fault& fault : env.embedded_cluster()->faults()) {
        listing.items.push_back(fault_value(fault));
        listing.table.add({fault.id, embedded::fault_name(fault.kind), fault.image_glob,
                           fault.delay.count() == 0 ? std::string() : base::format_duration(fault.delay)});
        listing.names.push_back(fault.id);
    }
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_cluster_fault_list(Commands& commands) {
    commands.push_back({
        .path = "cluster fault list",
        .summary = "List the faults of an embedded cluster.",
        .examples = "gitopsctl cluster fault list\n"
                    "gitopsctl cluster fault list -o json",
        .exits = "0  listed\n"
                 "2  the cluster is not embedded",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
