#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"
#include "core/app/project/project_orphans.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    bool refresh = false;
    bool hard_refresh = false;
};

int run(Env& env, const Options& options) {
    const app::Application application = app::application_of(env.services(), options.name);
    const bool fresh = options.refresh || options.hard_refresh;
    app::AppStatus status = app::status_of(env.services(), application, fresh ? app::Fetch::remote : app::Fetch::cached);
    app::add_orphan_warning(env.services(), status);
    if (wants_document(env)) {
        print_document(env, app::to_value(status));
    } else if (env.format() == Format::name) {
        print_text(env, application.name + "\n");
    } else {
        app_header(status).print(env.terminal());
        const Table resources = resource_table(status);
        if (!resources.empty()) {
            print_text(env, "\n");
            resources.print(env.terminal());
        }
    }
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_switch(parser, "--refresh", options->refresh, "ask the repository for news first");
    add_switch(parser, "--hard-refresh", options->hard_refresh, "the same: nothing else is cached");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_get(Commands& commands) {
    commands.push_back({
        .path = "app get",
        .summary = "Show one application: source, sync status, health and resources.",
        .examples = "gitopsctl app get web\n"
                    "gitopsctl app get web --refresh -o json",
        .exits = "0  shown, whatever its state\n"
                 "2  there is no such application",
        .declare = declare,
    });
}

}  // namespace gitops::cli
