#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/audited.hpp"
#include "cli/canary_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"

namespace gitops::cli {

namespace {

using Wish = rollout::Command;

/// Serves the command here and now when nobody runs the canary: an abort must not wait for somebody to come.
void serve(Env& env, const rollout::CanaryRecord& record) {
    app::CanaryRequest request;
    request.name = record.name;
    request.ns = record.ns;
    request.keeps_settings = true;
    app::serve_canary(env.services(), means_of(env), request, env.stop());
}

/// {name, namespace, asked, runner|null, phase, paused}
doc::Value answer_value(const rollout::CanaryRecord& record, std::string_view verb, const std::string& runner) {
    auto value = doc::Value::map();
    value.set("name", record.name);
    value.set("namespace", record.ns);
    value.set("asked", verb);
    value.set("runner", runner.empty() ? doc::Value() : doc::Value(runner));
    value.set("phase", rollout::phase_name(record.state.phase));
    value.set("paused", record.state.paused);
    return value;
}

int ask(Env& env, const CanarySelection& selection, Wish command) {
    const auto cluster = env.cluster();
    const auto record = app::canary_of(*cluster, given_namespace(selection), selection.name);
    const std::string verb(rollout::command_name(command));
    audited(env, {"canary " + verb, record.name, env.cluster_name(), ""}, [&] {
        const auto asked = app::ask_canary(env.services(), *cluster, record, command);
        if (asked.is_running) {
            if (wants_document(env)) print_document(env, answer_value(record, verb, asked.runner));
            else print_text(env, "asked " + asked.runner + " to " + verb + " " + record.name + "\n");
            return std::string("asked ") + asked.runner;
        }
        serve(env, record);
        const auto after = app::canary_of(*cluster, record.ns, record.name);
        const std::string phase(rollout::phase_name(after.state.phase));
        if (wants_document(env)) print_document(env, answer_value(after, verb, ""));
        else print_text(env, record.name + ": " + phase + (after.state.paused ? ", paused" : "") + "\n");
        if (!rollout::is_settled(after.state) && !after.state.paused)
            tell(env, "nobody runs it: `gitopsctl canary run " + record.name + " --resume` goes on");
        return phase;
    });
    return 0;
}

Action declare(CLI::App& parser, Wish command) {
    auto selection = std::make_shared<CanarySelection>();
    declare_named(parser, *selection);
    return [selection, command](Env& env) { return ask(env, *selection, command); };
}

void add(Commands& commands, std::string_view path, std::string_view summary, std::string_view examples, Wish command) {
    commands.push_back({
        .path = path,
        .summary = summary,
        .examples = examples,
        .exits = "0  asked for, or done where nobody runs it\n"
                 "2  there is no such canary, or nothing to do in its phase",
        .declare = [command](CLI::App& parser) { return declare(parser, command); },
    });
}

}  // namespace

void register_canary_ask(Commands& commands) {
    add(commands, "canary promote", "Promote a running canary now: gates and what is left of the analysis are passed over.",
        "gitopsctl canary promote yield-predictor", Wish::promote);
    add(commands, "canary abort", "Roll a running canary back now.", "gitopsctl canary abort yield-predictor -n wafer-prod", Wish::abort);
    add(commands, "canary pause", "Hold a canary where it is: no checks, no steps.", "gitopsctl canary pause yield-predictor", Wish::pause);
    add(commands, "canary resume", "Let a paused canary go on.", "gitopsctl canary resume yield-predictor", Wish::resume);
}

}  // namespace gitops::cli
