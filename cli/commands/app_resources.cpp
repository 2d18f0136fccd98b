#include "cli/app_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    const app::AppStatus status = app::status_of(env.services(), app::application_of(env.services(), name), app::Fetch::cached);
    Listing listing{.table = resource_table(status), .nothing = "no resources"};
    for (const app::ResourceStatus& resource : status.resources) listing.names.push_back(resource.key.text());
    const doc::Value document = app::to_value(status);
    for (const doc::Value& item : document.find("resources")->items()) listing.items.push_back(item);
    for (const app::Condition& condition : status.conditions) warn(env, condition.type + ": " + condition.message);
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_app_resources(Commands& commands) {
    commands.push_back({
        .path = "app resources",
        .summary = "List the resources of an application with their sync status and health.",
        .examples = "gitopsctl app resources web\n"
                    "gitopsctl app resources web -o json",
        .exits = "0  listed\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
