#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/sync_report.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "cli/register_apps.hpp"
#include "cli/signals.hpp"
#include "core/app/fleet.hpp"

namespace gitops::cli {

namespace {

deliver::ResourceFilter resource_filter(const std::string& text) {
    try {
        return deliver::parse_resource_filter(text);
    } catch (const base::Error& error) {
        throw UsageError("--resource: " + error.message());
    }
}

app::Hooks hooks_of(const std::string& text) {
    if (text == "always") return app::Hooks::always;
    return text == "never" ? app::Hooks::never : app::Hooks::full;
}

struct Options {
    AppSelection apps;
    std::string cluster_selector;
    std::string file;
    std::string revision;
    std::string local;
    std::string reason;
    std::vector<std::string> resources;
    std::vector<std::string> sync_options;
    int retry_limit = 0;
    bool retry_given = false;
    bool prune = false;
    bool dry_run = false;
    bool force = false;
    bool no_wait = false;
    bool confirm_prune = false;
    std::string strategy = "hook";
    std::string hooks = "full";
    bool keep_conflicts = false;
};

app::SyncRequest request_of(Env& env, const Options& options) {
    app::SyncRequest request;
    request.compare.revision = options.revision;
    request.compare.local_dir = options.local;
    request.compare.prune = options.prune ? deliver::PrunePolicy::prune : deliver::PrunePolicy::keep;
    for (const std::string& text : options.resources)
        request.compare.only.push_back(resource_filter(text));
    request.compare.sync_options = options.sync_options;
    request.hooks = options.strategy == "apply" ? app::Hooks::never : hooks_of(options.hooks);
    if (options.confirm_prune) request.compare.confirmation = deliver::Confirmation::given;
    request.dry_run = options.dry_run;
    request.force = options.force;
    if (options.keep_conflicts) request.on_conflict = kube::OnConflict::fail;
    request.wait_for_health = options.no_wait ? app::Wait::no : app::Wait::yes;
    request.timeout = env.globals().timeout(request.timeout);
    request.reason = options.reason;
    if (options.retry_given) {
        request.retry = app::Retry();
        request.retry->limit = options.retry_limit;
    }
    return request;
}

std::vector<std::string> names_of(Env& env, const Options& options) {
    if (options.file.empty()) return selected_apps(env, options.apps, NoneNamed::refuse);
    std::vector<std::string> names;
    for (const Registered& done : register_applications(env, read_definitions(options.file), Existing::replace)) {
        if (done.result != "unchanged") tell(env, "application " + done.name + " " + done.result);
        names.push_back(done.name);
    }
    return names;
}

int run(Env& env, const Options& options) {
    const app::SyncRequest request = request_of(env, options);
    const std::vector<std::string> clusters = selected_clusters(env, options.cluster_selector);
    const std::vector<std::string> names = names_of(env, options);
    const DryRun dry_run = options.dry_run ? DryRun::yes : DryRun::no;
    int code = 0;
    std::vector<doc::Value> items;
    const std::stop_token stop = env.stop();
    const auto tell_report = [&](const app::SyncReport& report) {
        code = std::max(code, sync_exit(report, dry_run));
        if (wants_document(env))
            items.push_back(sync_value(report));
        else
            print_sync(env, report, dry_run, clusters.empty() ? NameCluster::no : NameCluster::yes);
        env.terminal().flush();
    };
    try {
        app::sync_each(env.services(), app::errands_of(names, clusters), request, tell_report, stop);
    } catch (const base::Error& error) {
        if (error.code() != base::Code::cancelled) throw;
    }
    if (wants_document(env))
        print_document(env, items_document(std::move(items)));
    else if (names.empty())
        tell(env, "no applications");
    return stop.stop_requested() ? k_interrupted : code;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_selection(parser, options->apps);
    declare_clusters(parser, options->cluster_selector);
    add_value(parser, "-f,--file", options->file, "FILE", "register these Applications first, then sync them");
    add_value(parser, "--revision", options->revision, "REV", "this revision instead of the target");
    add_value(parser, "--local", options->local, "DIR", "this folder on disk instead of Git");
    add_switch(parser, "--prune", options->prune, "delete objects that left Git");
    add_switch(parser, "--confirm-prune", options->confirm_prune, "agree to deleting what is marked Prune=confirm");
    add_switch(parser, "--dry-run", options->dry_run, "show the plan, change nothing");
    add_switch(parser, "--force", options->force, "delete and create again what cannot be changed in place");
    add_switch(parser, "--no-force-conflicts", options->keep_conflicts,
               "fail on fields that other managers own, instead of taking them over");
    add_repeated(parser, "--resource", options->resources, "G:K:N",
                 "only these: apps:Deployment:web, :Service:*, !apps:*:db");
    add_repeated(parser, "--sync-option", options->sync_options, "K=V",
                 "over the application's: ApplyOutOfSyncOnly=true");
    add_value(parser, "--strategy", options->strategy, "HOW", "hook (default), or apply: without hooks")
        ->check(CLI::IsMember({"hook", "apply"}));
    add_value(parser, "--hooks", options->hooks, "WHEN", "full (default): not with --resource; always; never")
        ->check(CLI::IsMember({"full", "always", "never"}));
    add_switch(parser, "--no-wait,--async", options->no_wait, "do not wait for health");
    parser
        .add_option_function<int>(
            "--retry-limit",
            [options](const int& limit) {
                options->retry_limit = limit;
                options->retry_given = true;
            },
            "retries after a failure, instead of the application's")
        ->type_name("N");
    add_value(parser, "-m,--reason", options->reason, "TEXT", "why; kept in the audit log");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_sync(Commands& commands) {
    commands.push_back({
        .path = "app sync",
        .summary = "Make the cluster equal to Git: plan, apply, wait for health, record history.",
        .examples = "gitopsctl app sync web\n"
                    "gitopsctl app sync web --dry-run --prune\n"
                    "gitopsctl app sync --all -o json\n"
                    "gitopsctl app sync web --cluster fab1,fab2\n"
                    "gitopsctl app sync -f application.yaml --timeout 2m",
        .exits = "0  synced and healthy\n"
                 "1  failed, not healthy in time, or objects need --prune\n"
                 "2  nothing was applied: Git or the definition is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
