#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/sync_report.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "core/app/drift.hpp"
#include "core/app/sync.hpp"

namespace gitops::cli {

namespace {

struct Options {
    AppSelection apps;
    bool prune = false;
    bool dry_run = false;
};

int run(Env& env, const Options& options) {
    app::SyncRequest request;
    request.compare.prune = options.prune ? deliver::PrunePolicy::prune : deliver::PrunePolicy::keep;
    request.dry_run = options.dry_run;
    request.reason = "drift fix";
    request.timeout = env.globals().timeout(request.timeout);
    const DryRun dry_run = options.dry_run ? DryRun::yes : DryRun::no;
    int code = 0;
    std::vector<doc::Value> items;
    const std::stop_token stop = env.stop();
    for (const std::string& name : selected_apps(env, options.apps, NoneNamed::all)) {
        if (stop.stop_requested()) break;
        const app::DriftReport drift = app::drift_of(env.services(), name, app::Fetch::remote);
        if (!drift.drifted() && drift.error.empty()) {
            if (!wants_document(env)) print_text(env, name + ": no drift\n");
            continue;
        }
        const app::SyncReport report = app::sync(env.services(), name, request, stop);
        code = std::max(code, sync_exit(report, dry_run));
        if (wants_document(env))
            items.push_back(sync_value(report));
        else
            print_sync(env, report, dry_run);
    }
    if (wants_document(env)) print_document(env, items_document(std::move(items)));
    return stop.stop_requested() ? k_interrupted : code;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_selection(parser, options->apps);
    add_switch(parser, "--prune", options->prune, "delete objects that left Git, too");
    add_switch(parser, "--dry-run", options->dry_run, "show the plan, change nothing");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_drift_fix(Commands& commands) {
    commands.push_back({
        .path = "drift fix",
        .summary = "Restore what Git says where the cluster drifted. Without names: every application.",
        .examples = "gitopsctl drift fix web\n"
                    "gitopsctl drift fix --all --dry-run",
        .exits = "0  restored, or there was no drift\n"
                 "1  a sync failed, is not healthy, or objects need --prune\n"
                 "2  an application could not be compared",
        .declare = declare,
    });
}

}  // namespace gitops::cli
