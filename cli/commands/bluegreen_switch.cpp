#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/bluegreen_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    BlueGreenSelection selection;
    bool skip_smoke = false;
};

int run(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    const auto record = app::bluegreen_of(*cluster, namespace_of(options.selection), options.selection.name);
    if (options.skip_smoke) {
        std::string runner;
        audited(env, {"bluegreen switch", record.name, env.cluster_name(), ""}, [&] {
            runner = app::ask_to_switch(env.services(), *cluster, record);
            return runner.empty() ? std::string("nobody runs it") : "asked " + runner;
        });
        if (!runner.empty()) {
            print_text(env, "asked " + runner + " to switch " + record.name + " without smoke tests\n");
            return 0;
        }
    }
    app::BlueGreenRequest request;
    request.name = record.name;
    request.ns = record.ns;
    request.keeps_settings = true;
    request.plan = {"", options.skip_smoke, true, true};
    return run_and_print(env, "switch", request);
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_pair(parser, options->selection);
    add_switch(parser, "--skip-smoke", options->skip_smoke, "switch as soon as the idle side is ready, without smoke tests");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_bluegreen_switch(Commands& commands) {
    commands.push_back({
        .path = "bluegreen switch",
        .summary = "Switch to the idle side by hand: it is scaled up and tested first, and not watched afterwards.",
        .examples = "gitopsctl bluegreen switch yield\n"
                    "gitopsctl bluegreen switch yield --skip-smoke",
        .exits = "0  switched, or asked for where somebody runs it\n"
                 "1  a smoke test failed; traffic was not touched\n"
                 "2  it could not be switched",
        .declare = declare,
    });
}

}  // namespace gitops::cli
