#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"
#include "core/app/wait.hpp"

namespace gitops::cli {

namespace {

constexpr base::Duration k_standard_timeout{300'000};

struct Options {
    std::vector<std::string> names;
    app::WaitConditions conditions;
};

std::string state_text(const app::AppStatus& status) {
    return std::string(app::sync_status_name(status.sync)) + ", " +
           std::string(deliver::health_name(status.health.status));
}

int run(Env& env, const Options& options) {
    const base::Time deadline = env.clock().now() + env.globals().timeout(k_standard_timeout);
    int code = 0;
    std::vector<doc::Value> items;
    for (const std::string& name : options.names) {
        const app::WaitReport report = app::wait_for(env.services(), name, options.conditions, deadline, env.stop());
        if (!report.reached) {
            code = 1;
            warn(env, name + ": timed out: " + report.missing);
        }
        if (wants_document(env))
            items.push_back(app::to_value(report.status));
        else
            print_text(env, name + ": " + state_text(report.status) + "\n");
    }
    if (!items.empty()) print_document(env, items.size() == 1 ? items.front() : items_document(std::move(items)));
    return code;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_many(parser, "NAME", options->names, "applications")->required();
    add_switch(parser, "--sync", options->conditions.synced, "until the sync status is Synced");
    add_switch(parser, "--health", options->conditions.healthy, "until the health is Healthy");
    add_switch(parser, "--operation", options->conditions.idle, "until no operation runs");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_wait(Commands& commands) {
    commands.push_back({
        .path = "app wait",
        .summary = "Wait until an application is synced, healthy and idle, or only what the flags name.",
        .examples = "gitopsctl app wait web --timeout 2m\n"
                    "gitopsctl app wait web --health",
        .exits = "0  the state was reached\n"
                 "1  timed out\n"
                 "2  no such application",
        .declare = declare,
    });
}

}  // namespace gitops::cli
