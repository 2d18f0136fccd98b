#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/canary_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/progressive/canary_explain.hpp"
#include "core/rollout/explain.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const CanarySelection& selection) {
    std::vector<kube::Manifest> manifests;
    const auto spec = selected_spec(env, selection, manifests);
    const auto compat = compat_of(selection);
    const bool has_cluster = selection.file.empty();
    const auto cluster = has_cluster ? env.cluster() : nullptr;
    const auto metrics = app::explained_metrics(spec, compat, manifests, cluster.get());
    if (wants_document(env))
        print_document(env, rollout::explain(spec, compat, metrics));
    else
        print_text(env, rollout::explain_text(spec, compat, metrics));
    return 0;
}

Action declare(CLI::App& parser) {
    auto selection = std::make_shared<CanarySelection>();
    declare_spec(parser, *selection);
    return [selection](Env& env) { return run(env, *selection); };
}

}  // namespace

void register_canary_explain(Commands& commands) {
    commands.push_back({
        .path = "canary explain",
        .summary = "Say what a Canary is going to do: the schedule, the longest time, every check with its final query.",
        .examples = "gitopsctl canary explain -f canary.yaml\n"
                    "gitopsctl canary explain -f canary.yaml --stages 5,25,100 --successes 3 -o json",
        .exits = "0  explained\n"
                 "2  it cannot be read",
        .declare = declare,
    });
}

}  // namespace gitops::cli
