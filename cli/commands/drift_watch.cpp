#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>

#include "cli/app_selection.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/output/drift_report.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "core/doc/json.hpp"

namespace gitops::cli {

namespace {

struct Options {
    AppSelection apps;
    std::string interval = "2s";
};

void print_report(Env& env, const app::DriftReport& report) {
    const base::Time now = env.clock().now();
    if (wants_document(env)) {
        doc::Value value = drift_value(report);
        value.set("at", base::to_rfc3339(now));
        print_text(env, doc::write_json(value) + "\n");
    } else {
        print_text(
            env, time_text(now) + " " + drift_text(report, now, env.terminal().has_color() ? Paint::yes : Paint::no));
    }
    env.terminal().flush();
}

int run(Env& env, const Options& options) {
    const base::Duration interval = base::parse_duration(options.interval);
    if (interval <= base::Duration(0)) throw UsageError("--interval must be longer than nothing");
    const bool endless = env.globals().timeout_text.empty();
    const base::Time end = env.clock().now() + env.globals().timeout(base::Duration(0));
    const std::stop_token stop = env.stop();
    std::map<std::string, std::string> told;
    bool drifted = false;
    app::Fetch fetch = app::Fetch::remote;
    while (true) {
        drifted = false;
        for (const std::string& name : selected_apps(env, options.apps, NoneNamed::all)) {
            const app::DriftReport report = app::drift_of(env.services(), name, fetch);
            drifted = drifted || report.drifted();
            std::string now_is = doc::write_json(drift_value(report));
            if (told[name] == now_is) continue;
            told[name] = std::move(now_is);
            print_report(env, report);
        }
        fetch = app::Fetch::cached;
        const base::Time next = env.clock().now() + interval;
        if (!endless && next > end) return drifted ? 1 : 0;
        if (!env.clock().sleep_until(next, stop)) return k_interrupted;
    }
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_selection(parser, options->apps);
    add_value(parser, "--interval", options->interval, "DURATION", "how often to look (2s)");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_drift_watch(Commands& commands) {
    commands.push_back({
        .path = "drift watch",
        .summary = "Follow drift live: one report whenever something changes, until interrupted or --timeout.",
        .examples = "gitopsctl drift watch web --timeout 10s\n"
                    "gitopsctl drift watch --all -o json --timeout 1m",
        .exits = "0  no drift at the end of --timeout\n"
                 "1  drift at the end of --timeout\n"
                 "130 interrupted",
        .declare = declare,
    });
}

}  // namespace gitops::cli
