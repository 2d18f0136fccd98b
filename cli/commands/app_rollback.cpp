#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/rollback_report.hpp"
#include "cli/output/sync_report.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "core/app/rollback.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string strategy = "revert";
    bool no_push = false;
    bool no_wait = false;
    std::string hooks = "full";
    app::RollbackRequest request;
};

int run(Env& env, const Options& options) {
    app::RollbackRequest request = options.request;
    if (!request.target.empty() && !request.commit.empty())
        throw UsageError("give a deployment to go back to, or --commit, not both");
    if (options.strategy == "pin" && !request.commit.empty())
        throw UsageError("--commit makes a commit in Git; --strategy pin does not touch Git");
    request.strategy = options.strategy == "pin" ? app::RollbackStrategy::pin : app::RollbackStrategy::revert;
    request.push = options.no_push ? app::Push::no : app::Push::yes;
    request.wait_for_health = options.no_wait ? app::Wait::no : app::Wait::yes;
    request.hooks = options.hooks == "always" ? app::Hooks::always : options.hooks == "never" ? app::Hooks::never : app::Hooks::full;
    request.timeout = env.globals().timeout(request.timeout);
    const std::stop_token stop = env.stop();
    const app::RollbackReport report = app::rollback(env.services(), options.name, request, stop);
    if (wants_document(env))
        print_document(env, rollback_value(report));
    else
        print_rollback(env, report);
    if (stop.stop_requested()) return k_interrupted;
    if (!report.sync) return 0;
    const int code = sync_exit(*report.sync, report.dry_run ? DryRun::yes : DryRun::no);
    const bool committed = !report.dry_run && !report.commit.empty();
    return committed && code == 2 ? 1 : code;  // 2 means that nothing has changed
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_optional(parser, "ID|REVISION", options->request.target,
                 "history id or revision (default: the deployment before this one)");
    add_value(parser, "--strategy", options->strategy, "HOW",
              "revert (default): a commit in Git; pin: Git stays as it is")
        ->check(CLI::IsMember({"revert", "pin"}));
    add_value(parser, "--commit", options->request.commit, "SHA", "undo this one commit, as git revert does");
    add_value(parser, "-m,--message", options->request.message, "TEXT",
              "why; goes into the commit, its note and the audit log");
    add_switch(parser, "--no-push", options->no_push, "commit in a local clone; refused where a push is needed");
    add_switch(parser, "--dry-run", options->request.dry_run,
               "show commits, files and other applications; change nothing");
    add_value(parser, "--hooks", options->hooks, "WHEN", "full (default): not with --strategy pin; always; never")
        ->check(CLI::IsMember({"full", "always", "never"}));
    add_switch(parser, "--no-wait", options->no_wait, "do not wait for health");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_rollback(Commands& commands) {
    commands.push_back({
        .path = "app rollback",
        .summary = "Go back to an earlier deployment: by a revert commit in Git, or by a pin.",
        .examples = "gitopsctl app rollback web -m \"error rate above 5 %\"\n"
                    "gitopsctl app rollback web 3 --dry-run\n"
                    "gitopsctl app rollback web --commit 1a2b3c4\n"
                    "gitopsctl app rollback web 3 --strategy pin",
        .exits = "0  rolled back and healthy, or nothing to do\n"
                 "1  rolled back, but the sync failed or is not healthy\n"
                 "2  refused; nothing has changed",
        .declare = declare,
    });
}

}  // namespace gitops::cli
