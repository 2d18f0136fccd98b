#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/canary_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string ns;
    bool all = false;
};

int run(Env& env, const Options& options) {
    std::optional<std::string> ns;
    if (!options.all) ns = options.ns.empty() ? env.usual_namespace() : options.ns;
    std::vector<CanaryView> views;
    Listing listing;
    const auto unreadable = [&](const base::Error& error) { warn(env, "warning: " + error.message()); };
    for (const auto& record : app::canaries(*env.cluster(), ns, unreadable)) {
        views.push_back(view_of(record, env.clock().now()));
        listing.items.push_back(canary_value(views.back()));
        listing.names.push_back(record.name);
    }
    listing.table = canary_table(views);
    listing.nothing = options.all ? "no canaries" : "no canaries in this namespace; -A shows all";
    print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    add_switch(parser, "-A,--all-namespaces", options->all, "in all namespaces");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_canary_list(Commands& commands) {
    commands.push_back({
        .path = "canary list",
        .summary = "List the canaries a cluster knows.",
        .examples = "gitopsctl canary list -A\n"
                    "gitopsctl canary list -n wafer-prod -o json",
        .exits = "0  listed",
        .declare = declare,
    });
}

}  // namespace gitops::cli
