#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/audited.hpp"
#include "cli/bluegreen_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"

namespace gitops::cli {

namespace {

std::string text_of(const app::BlueGreenReturn& result, const std::string& name, base::Duration took) {
    const std::string side = std::string(color_name(result.to)) + " (" + result.deployment + ")";
    if (result.was_there) return name + ": " + side + " has all traffic already";
    auto text = name + " rolled back: " + side + " has all traffic, in " + base::format_duration(took);
    if (!result.commit.empty()) text += " (commit " + result.commit.substr(0, 7) + ")";
    if (!result.runner.empty()) text += "; the run of " + result.runner + " ends by it";
    return text;
}

doc::Value value_of(const app::BlueGreenReturn& result, const std::string& name, base::Duration took) {
    auto value = doc::Value::map();
    value.set("name", name);
    value.set("active", color_name(result.to));
    value.set("deployment", result.deployment);
    value.set("changed", !result.was_there);
    value.set("runner", result.runner.empty() ? doc::Value() : doc::Value(result.runner));
    value.set("commit", result.commit.empty() ? doc::Value() : doc::Value(result.commit));
    value.set("durationMs", static_cast<std::int64_t>(took.count()));
    return value;
}

int run(Env& env, const BlueGreenSelection& selection) {
    const auto before = env.clock().now();
    app::BlueGreenReturn result;
    audited(env, {"bluegreen rollback", selection.name, env.cluster_name(), ""}, [&] {
        TroubleOnly trouble(env.services().events);
        result = app::roll_back_bluegreen(env.services().told_to(trouble), means_of(env), namespace_of(selection), selection.name, env.stop());
        return std::string(color_name(result.to)) + " has all traffic";
    });
    const auto took = env.clock().now() - before;
    if (wants_document(env)) print_document(env, value_of(result, selection.name, took));
    else print_text(env, text_of(result, selection.name, took) + "\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto selection = std::make_shared<BlueGreenSelection>();
    declare_pair(parser, *selection);
    return [selection](Env& env) { return run(env, *selection); };
}

}  // namespace

void register_bluegreen_rollback(Commands& commands) {
    commands.push_back({
        .path = "bluegreen rollback",
        .summary = "Give the traffic back to the side that had it, with one write; a run under way ends by it.",
        .examples = "gitopsctl bluegreen rollback yield\n"
                    "gitopsctl bluegreen rollback yield -n wafer-prod -o json",
        .exits = "0  the traffic is where it was before the last run\n"
                 "2  that side has no ready Pods, or nothing was ever switched",
        .declare = declare,
    });
}

}  // namespace gitops::cli
