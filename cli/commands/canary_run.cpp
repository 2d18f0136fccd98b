#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/canary_selection.hpp"
#include "cli/canary_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/input.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"
#include "cli/signals.hpp"

namespace gitops::cli {

namespace {

using Kind = app::CanaryOutcome::Kind;

struct Options {
    CanarySelection selection;
    std::string metrics, token_env, token_file;
    std::string image;
    std::string git_app;
    bool resume = false;
    bool wait = false;
};

/// Decisions are told by the ticker, with their checks; programs that read events get them as such.
class OtherEvents final : public base::EventSink {
  public:
    explicit OtherEvents(base::EventSink& all) : m_all(all) {}
    void emit(const base::Event& event) override {
        if (event.kind != "canary" || event.fields.empty()) m_all.emit(event);
    }

  private:
    base::EventSink& m_all;
};

app::CanaryRequest request_of(Env& env, const Options& options) {
    const auto& selection = options.selection;
    if (selection.name.empty() && selection.file.empty()) throw UsageError("name a canary, or give its manifest with -f");
    if (options.resume && !selection.file.empty()) throw UsageError("--resume goes on with what the cluster knows: name the canary without -f");
    app::CanaryRequest request;
    request.name = selection.name;
    request.ns = selection.ns.empty() ? env.usual_namespace() : selection.ns;
    if (!selection.file.empty()) request.manifests = read_objects(selection.file);
    request.settings.compat = compat_of(selection);
    request.settings.overrides = overrides_of(selection);
    request.settings.app = options.git_app;
    request.settings.token_env = options.token_env;
    request.settings.token_file = options.token_file;
    set_metrics(request.settings, options.metrics);
    request.keeps_settings = options.resume;
    request.image = options.image;
    request.waits_for_revision = options.wait;
    return request;
}

int exit_of(const app::CanaryOutcome& outcome) {
    switch (outcome.kind) {
        case Kind::promoted:
        case Kind::nothing_new: return 0;
        case Kind::rolled_back: return 1;
        case Kind::stopped: return k_interrupted;
    }
    return 0;
}

int run(Env& env, const Options& options) {
    const auto request = request_of(env, options);
    const auto stop = env.stop();
    app::CanaryOutcome outcome;
    CanaryTicker ticker(env);
    const bool as_events = env.globals().progress == "json";
    OtherEvents others(env.services().events);
    const auto services = as_events ? env.services() : env.services().told_to(others);
    const auto on_tick = [&](const rollout::CanaryRecord& record) {
        if (!as_events) ticker.show(record);
    };
    audited(env, {"canary run", options.selection.name.empty() ? options.selection.file : options.selection.name, env.cluster_name(), ""}, [&] {
        outcome = app::run_canary(services, means_of(env), request, on_tick, stop);
        return canary_outcome_text(outcome);
    });
    if (wants_document(env)) print_document(env, canary_outcome_value(outcome, env.clock().now()));
    else print_text(env, canary_outcome_text(outcome) + "\n");
    return exit_of(outcome);
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_spec(parser, options->selection);
    add_value(parser, "--metrics", options->metrics, "URL|FILE", "a Prometheus, or a CSV, JSON or YAML file that is played back");
    add_value(parser, "--metrics-token-env", options->token_env, "NAME", "the environment variable with the server's token");
    add_value(parser, "--metrics-token-file", options->token_file, "FILE", "the file with the server's token");
    add_value(parser, "--image", options->image, "[CONTAINER=]IMAGE", "the new version: set on the target first");
    add_value(parser, "--git", options->git_app, "APP", "the end becomes a commit in the application's repository");
    add_switch(parser, "--resume", options->resume, "go on as it was begun, with its flags");
    add_switch(parser, "--wait", options->wait, "wait for a new revision when there is none");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_canary_run(Commands& commands) {
    commands.push_back({
        .path = "canary run",
        .summary = "Take a new version to traffic step by step while it is measured, or take it back.",
        .examples = "gitopsctl canary run -f canary.yaml --metrics http://prometheus:9090 --image registry/web:v2\n"
                    "gitopsctl canary run -f canary.yaml --stages 5,10,25,50,100 --successes 3 --max-failures 1 --metrics metrics.csv\n"
                    "gitopsctl canary run yield-predictor --resume\n"
                    "gitopsctl canary run yield-predictor --git yield-prod --metrics http://prometheus:9090",
        .exits = "0  promoted, or nothing new to roll out\n"
                 "1  rolled back\n"
                 "2  it could not be run\n"
                 "130 interrupted; --resume goes on",
        .declare = declare,
    });
}

}  // namespace gitops::cli
