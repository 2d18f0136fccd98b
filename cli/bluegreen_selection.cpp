#include "cli/bluegreen_selection.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/bluegreen_views.hpp"
#include "cli/print.hpp"
#include "cli/rollout_means.hpp"
#include "cli/signals.hpp"

namespace gitops::cli {

namespace {

using Kind = app::BlueGreenOutcome::Kind;

int exit_of(Kind kind) {
    switch (kind) {
        case Kind::switched:
        case Kind::nothing_new: return 0;
        case Kind::rolled_back:
        case Kind::failed: return 1;
        case Kind::stopped: return k_interrupted;
    }
    return 0;
}

}  // namespace

void TroubleOnly::emit(const base::Event& event) {
    if (event.kind != "bluegreen" || event.fields.empty()) m_all.emit(event);
}

void declare_pair(CLI::App& parser, BlueGreenSelection& selection) {
    add_required(parser, "NAME", selection.name, "the blue-green pair");
    add_value(parser, "-n,--namespace", selection.ns, "NS", "its namespace (default: wherever the cluster has it)");
}

std::optional<std::string> namespace_of(const BlueGreenSelection& selection) {
    return selection.ns.empty() ? std::nullopt : std::optional(selection.ns);
}

int run_and_print(Env& env, const std::string& verb, const app::BlueGreenRequest& request) {
    const auto stop = env.stop();
    const bool as_events = env.globals().progress == "json";
    TroubleOnly others(env.services().events);
    const auto services = as_events ? env.services() : env.services().told_to(others);
    BlueGreenTicker ticker(env);
    const auto on_tick = [&](const rollout::BlueGreenRecord& record) {
        if (!as_events) ticker.show(record);
    };
    std::string subject = request.name;
    for (const auto& manifest : request.manifests)
        if (subject.empty() && rollout::is_bluegreen(manifest.object)) subject = kube::name_of(manifest.object);
    app::BlueGreenOutcome outcome;
    audited(env, {"bluegreen " + verb, subject, env.cluster_name(), ""}, [&] {
        outcome = app::run_bluegreen(services, means_of(env), request, on_tick, stop);
        return bluegreen_outcome_text(outcome);
    });
    if (wants_document(env)) print_document(env, bluegreen_outcome_value(outcome));
    else print_text(env, bluegreen_outcome_text(outcome) + "\n");
    return exit_of(outcome.kind);
}

}  // namespace gitops::cli
