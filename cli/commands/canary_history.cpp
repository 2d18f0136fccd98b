#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/canary_selection.hpp"
#include "cli/canary_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    CanarySelection selection;
    int run = -1;
};

int show(Env& env, const Options& options) {
    const auto record = app::canary_of(*env.cluster(), given_namespace(options.selection), options.selection.name);
    if (options.run >= 0) {
        const auto& run = run_of(record, options.run);
        if (wants_document(env)) print_document(env, rollout::to_value(run));
        else print_text(env, journal_text(run, report_style(env)));
        return 0;
    }
    if (wants_document(env)) {
        std::vector<doc::Value> items;
        for (const auto& run : record.runs) items.push_back(history_value(run));
        print_document(env, items_document(std::move(items)));
        return 0;
    }
    const auto paint = env.terminal().has_color() ? Paint::yes : Paint::no;
    print_text(env, history_text(record.runs, env.clock().now(), paint));
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_named(parser, options->selection);
    parser.add_option("--run", options->run, "the journal of this run: every decision and why")->type_name("N");
    return [options](Env& env) { return show(env, *options); };
}

}  // namespace

void register_canary_history(Commands& commands) {
    commands.push_back({
        .path = "canary history",
        .summary = "List the runs of a canary, or tell one of them decision by decision.",
        .examples = "gitopsctl canary history yield-predictor\n"
                    "gitopsctl canary history yield-predictor --run 3",
        .exits = "0  listed\n"
                 "2  there is no such canary or run",
        .declare = declare,
    });
}

}  // namespace gitops::cli
