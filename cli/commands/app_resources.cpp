#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/app/project/project_orphans.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    bool orphaned = false;
};

int list_orphans(Env& env, const app::Application& application) {
    Listing listing{.table = Table({"GROUP", "KIND", "NAMESPACE", "NAME", "ORPHANED"}), .nothing = "no orphaned resources"};
    for (const app::Orphan& orphan : app::orphans_of(env.services(), application)) {
        doc::Value item = key_value(orphan.key);
        item.set("orphaned", true);
        listing.items.push_back(std::move(item));
        listing.names.push_back(orphan.key.text());
        listing.table.add({orphan.key.group, orphan.key.kind, orphan.key.ns, orphan.key.name, "Yes"});
    }
    print_listing(env, listing);
    return 0;
}

int run(Env& env, const Options& options) {
    const app::Application application = app::application_of(env.services(), options.name);
    if (options.orphaned) return list_orphans(env, application);
    const app::AppStatus status = app::status_of(env.services(), application, app::Fetch::cached);
    Listing listing{.table = resource_table(status), .nothing = "no resources"};
    for (const app::ResourceStatus& resource : status.resources) listing.names.push_back(resource.key.text());
    const doc::Value document = app::to_value(status);
    for (const doc::Value& item : document.find("resources")->items()) listing.items.push_back(item);
    for (const app::Condition& condition : status.conditions) warn(env, condition.type + ": " + condition.message);
    print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_switch(parser, "--orphaned", options->orphaned, "instead, what lies in its namespace and belongs to no application");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_resources(Commands& commands) {
    commands.push_back({
        .path = "app resources",
        .summary = "List the resources of an application with their sync status and health.",
        .examples = "gitopsctl app resources web\n"
                    "gitopsctl app resources web --orphaned\n"
                    "gitopsctl app resources web -o json",
        .exits = "0  listed\n"
                 "2  there is no such application",
        .declare = declare,
    });
}

}  // namespace gitops::cli
