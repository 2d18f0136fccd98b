#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/bluegreen_selection.hpp"
#include "cli/bluegreen_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"

namespace gitops::cli {

namespace {

using rollout::BlueGreenPhase;

struct Options {
    BlueGreenSelection selection;
    bool watch = false;
};

constexpr base::Duration k_look_again{1'000};

int code_of(BlueGreenPhase phase) { return phase == BlueGreenPhase::failed || phase == BlueGreenPhase::rolled_back ? 1 : 0; }

app::BlueGreenStanding look(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    return app::standing_of(*cluster, env.clock(), app::bluegreen_of(*cluster, namespace_of(options.selection), options.selection.name));
}

void show(Env& env, const app::BlueGreenStanding& standing) {
    if (wants_document(env)) print_document(env, bluegreen_value(standing));
    else print_text(env, bluegreen_text(standing, env));
    env.terminal().flush();
}

/// A terminal is drawn over in place; a pipe gets a screen whenever something changed.
int watch(Env& env, const Options& options) {
    const auto stop = env.stop();
    const bool in_place = env.terminal().stdout_is_terminal() && !wants_document(env);
    std::string shown;
    while (true) {
        const auto standing = look(env, options);
        if (in_place) print_text(env, "\033[H\033[J");
        if (in_place || standing.record.resource_version != shown) show(env, standing);
        shown = standing.record.resource_version;
        if (rollout::is_settled(standing.record.state)) return code_of(standing.record.state.phase);
        if (!env.clock().sleep_for(k_look_again, stop)) return k_interrupted;
    }
}

int run(Env& env, const Options& options) {
    if (options.watch) return watch(env, options);
    const auto standing = look(env, options);
    show(env, standing);
    return code_of(standing.record.state.phase);
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_pair(parser, options->selection);
    add_switch(parser, "--watch", options->watch, "until the run has ended");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_bluegreen_status(Commands& commands) {
    commands.push_back({
        .path = "bluegreen status",
        .summary = "Show which side has the traffic, how both stand, and whether going back is one write away.",
        .examples = "gitopsctl bluegreen status yield\n"
                    "gitopsctl bluegreen status yield --watch",
        .exits = "0  it is well, or on its way\n"
                 "1  its last run failed or was rolled back\n"
                 "2  there is no such pair",
        .declare = declare,
    });
}

}  // namespace gitops::cli
