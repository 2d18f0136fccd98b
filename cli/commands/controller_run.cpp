#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <functional>
#include <optional>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/notifications.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"
#include "core/app/progressive/canary_fleet.hpp"
#include "core/app/controller/controller.hpp"
#include "core/app/controller/controller_pages.hpp"
#include "core/app/controller/notifier.hpp"
#include "core/backend/couriers.hpp"
#include "core/base/error.hpp"
#include "core/base/workers.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string interval = "180s";
    std::string listen;
    std::string notifications;
    std::string metrics;
    std::vector<std::string> labels;
};

int run(Env& env, const Options& options) {
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
    app::Metrics metrics(services, options.labels);
    std::optional<io::HttpServer> server;
    if (!options.listen.empty()) {
        server.emplace(options.listen, app::controller_pages(services, metrics), services.clock);
        tell(env, "metrics and health at http://" + server->address() + "/metrics, /healthz and /readyz");
    }
    backend::Couriers couriers({}, services.clock);
    std::optional<app::Notifier> notifier;
    if (auto catalog = notification_catalog(env, options.notifications)) notifier.emplace(services, std::move(*catalog), couriers);
    const auto note = [&](const app::ReconcileReport& report) {
        if (notifier) notifier->note(report);  // first: should the other fail, no event is lost
        metrics.note(report);
    };
    if (server || notifier) loop.on_report = note;  // who tells nobody need not look again after each sync
    loop.on_fetch = [&](const app::FetchReport& report) { metrics.note_fetch(report); };
    const std::array<std::function<void()>, 4> lanes{
        [&] { app::run_controller(services, loop, stop); },
        [&] { app::run_canaries(services, open_means, fleet, stop); },
        [&] {
            if (notifier) notifier->run(stop);
        },
        [&] {
            if (!server) return;
            do metrics.look_at_clusters(stop);
            while (services.clock.sleep_until(services.clock.now() + loop.interval, stop));
        },
    };
    try {
        // Side by side: a repository or a courier that is slow to answer must not keep a canary waiting.
        base::parallel_for(lanes.size(), static_cast<int>(lanes.size()), [&](std::size_t lane) { lanes[lane](); });
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
    add_value(parser, "--listen", options->listen, "ADDR", "serve /metrics, /healthz and /readyz at HOST:PORT or :PORT");
    add_repeated(parser, "--metrics-application-labels", options->labels, "LABEL", "a label of applications that argocd_app_labels shows; repeatable");
    add_value(parser, "--notifications", options->notifications, "FILE", "what is told to whom, instead of notifications.yaml in the home");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_controller_run(Commands& commands) {
    commands.push_back({
        .path = "controller run",
        .summary = "Reconcile every application and run every canary of the cluster, until stopped.",
        .examples = "gitopsctl controller run\n"
                    "gitopsctl controller run --interval 30s --progress json\n"
                    "gitopsctl controller run --listen 127.0.0.1:8082",
        .exits = "0  stopped by a signal, the current step finished or closed\n"
                 "2  the state could not be opened, or the address not be listened on",
        .declare = declare,
    });
}

}  // namespace gitops::cli
