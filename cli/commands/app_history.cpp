#include "cli/app_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/history_list.hpp"
#include "core/app/state/record_keeper.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    const app::Application application = app::application_of(env.services(), name);
    app::pull_record(env.services(), application);
    print_listing(env, history_listing(env.state().history(application.instance)));
    return 0;
}

}  // namespace

void register_app_history(Commands& commands) {
    commands.push_back({
        .path = "app history",
        .summary = "List the deployments of an application, oldest first: what `app rollback` can go back to.",
        .examples = "gitopsctl app history web\n"
                    "gitopsctl app history web -o json",
        .exits = "0  listed\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
