#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/bluegreen_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/input.hpp"
#include "cli/rollout_means.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string file, ns, image, git_app;
    std::string metrics, token_env, token_file;
};

int run(Env& env, const Options& options) {
    app::BlueGreenRequest request;
    if (!options.ns.empty()) request.ns = options.ns;
    request.usual_namespace = env.usual_namespace();
    request.manifests = read_objects(options.file);
    request.settings.app = options.git_app;
    request.settings.token_env = options.token_env;
    request.settings.token_file = options.token_file;
    set_metrics(request.settings, options.metrics);
    request.plan.image = options.image;
    return run_and_print(env, "run", request);
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-f,--filename", options->file, "FILE|DIR|-", "a BlueGreen, and MetricTemplates beside it")->required();
    add_value(parser, "-n,--namespace", options->ns, "NS", "for a manifest without one (default: the context's, else default)");
    add_value(parser, "--image", options->image, "[CONTAINER=]IMAGE", "the new version: set on the idle side first");
    add_value(parser, "--metrics", options->metrics, "URL|FILE", "a Prometheus, or a CSV, JSON or YAML file that is played back");
    add_value(parser, "--metrics-token-env", options->token_env, "NAME", "the environment variable with the server's token");
    add_value(parser, "--metrics-token-file", options->token_file, "FILE", "the file with the server's token");
    add_value(parser, "--git", options->git_app, "APP", "the switch becomes a commit in the application's repository, going back its revert");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_bluegreen_run(Commands& commands) {
    commands.push_back({
        .path = "bluegreen run",
        .summary = "Test the idle side, switch the Service to it at once, watch it, and go back if it turns out bad.",
        .examples = "gitopsctl bluegreen run -f bluegreen.yaml --image registry/web:v2\n"
                    "gitopsctl bluegreen run -f bluegreen.yaml --metrics http://prometheus:9090\n"
                    "gitopsctl bluegreen run -f bluegreen.yaml --git yield-prod --image predictor=wafer/yield:2.9",
        .exits = "0  switched, or nothing new to switch to\n"
                 "1  a smoke test failed and traffic was not touched, or it was rolled back\n"
                 "2  it could not be run\n"
                 "130 interrupted; the same command goes on",
        .declare = declare,
    });
}

}  // namespace gitops::cli
