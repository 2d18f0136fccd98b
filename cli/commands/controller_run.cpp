#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"
#include "core/app/canary_fleet.hpp"
#include "core/app/controller.hpp"
#include "core/base/error.hpp"
#include "core/base/workers.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string interval = "180s";
    std::string listen;
    std::string metrics;
};

int run(Env& env, const Options& options) {
    if (!options.listen.empty()) {
        throw base::Error(base::Code::invalid, "--listen: metrics and health endpoints are not in this version")
            .hint("run without --listen; `gitopsctl app list -o json` gives the same facts");
    }
    app::LoopOptions loop;
    try {
        loop.interval = base::parse_duration(options.interval);
    } catch (const base::Error& error) {
        throw UsageError("--interval: " + error.message());
    }
    if (loop.interval <= base::Duration(0)) throw UsageError("--interval must be longer than nothing");
    const std::stop_token stop = env.stop();
    tell(env, "reconciling every " + base::format_duration(loop.interval) + "; stop with Ctrl-C or SIGTERM");
    app::FleetOptions fleet;
    set_metrics(fleet.settings, options.metrics);
    const auto open_means = means_of(env);
    const auto& services = env.services();
    try {
        // Two loops side by side: a repository that is slow to answer must not keep a canary waiting.
        base::parallel_for(2, 2, [&](std::size_t which) {
            if (which == 0) app::run_controller(services, loop, stop);
            else app::run_canaries(services, open_means, fleet, stop);
        });
    } catch (const base::Error& error) {
        if (error.code() != base::Code::cancelled) throw;
        tell(env, error.message());
    }
    tell(env, "stopped");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "--interval", options->interval, "DURATION",
              "time between two looks at one application (180s)");
    add_value(parser, "--metrics", options->metrics, "URL|FILE", "for canaries that name no server and were not run by hand");
    add_value(parser, "--listen", options->listen, "ADDR", "refused: this version serves no endpoints");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_controller_run(Commands& commands) {
    commands.push_back({
        .path = "controller run",
        .summary = "Reconcile every application and run every canary of the cluster, until stopped.",
        .examples = "gitopsctl controller run\n"
                    "gitopsctl controller run --interval 30s --progress json",
        .exits = "0  stopped by a signal, the current step finished or closed\n"
                 "2  the state could not be opened",
        .declare = declare,
    });
}

}  // namespace gitops::cli
