#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/canary_selection.hpp"
#include "cli/canary_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"

namespace gitops::cli {

namespace {

struct Options {
    CanarySelection selection;
    bool watch = false;
};

constexpr base::Duration k_look_again{1'000};

int code_of(const rollout::CanaryState& state) { return state.phase == rollout::Phase::failed ? 1 : 0; }

void show(Env& env, const CanaryView& view) {
    if (wants_document(env)) print_document(env, canary_status_value(view));
    else print_text(env, canary_tree(view, report_style(env)));
    env.terminal().flush();
}

/// A terminal is drawn over in place; a pipe gets a screen whenever something changed.
int watch(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    const auto stop = env.stop();
    const bool in_place = env.terminal().stdout_is_terminal() && !wants_document(env);
    std::string shown;
    while (true) {
        const auto record = app::canary_of(*cluster, given_namespace(options.selection), options.selection.name);
        const auto view = view_with_cluster(record, *cluster, env.clock().now());
        auto stamp = record.resource_version;
        if (in_place) print_text(env, "\033[H\033[J");
        if (in_place || stamp != shown) show(env, view);
        shown = std::move(stamp);
        if (rollout::is_settled(record.state)) return code_of(record.state);
        if (!env.clock().sleep_for(k_look_again, stop)) return k_interrupted;
    }
}

int run(Env& env, const Options& options) {
    if (options.watch) return watch(env, options);
    const auto cluster = env.cluster();
    const auto record = app::canary_of(*cluster, given_namespace(options.selection), options.selection.name);
    show(env, view_with_cluster(record, *cluster, env.clock().now()));
    return code_of(record.state);
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_named(parser, options->selection);
    add_switch(parser, "--watch", options->watch, "until the run has ended");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_canary_status(Commands& commands) {
    commands.push_back({
        .path = "canary status",
        .summary = "Show how a canary stands: its weight, its workloads, its last checks.",
        .examples = "gitopsctl canary status yield-predictor\n"
                    "gitopsctl canary status yield-predictor --watch",
        .exits = "0  it is well, or on its way\n"
                 "1  its last run was rolled back\n"
                 "2  there is no such canary",
        .declare = declare,
    });
}

}  // namespace gitops::cli
