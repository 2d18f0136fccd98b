#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/canary_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/rollout/lint.hpp"

namespace gitops::cli {

namespace {

std::string finding_text(Env& env, const std::string& file, const rollout::Finding& finding) {
    auto& terminal = env.terminal();
    std::string text = file + (finding.line > 0 ? ":" + std::to_string(finding.line) : "") + ": ";
    const auto color = finding.severity == rollout::Severity::error     ? Color::red
                       : finding.severity == rollout::Severity::warning ? Color::yellow
                                                                        : Color::plain;
    text += terminal.paint(color, rollout::severity_name(finding.severity)) + ": ";
    text += (finding.field.empty() ? "" : finding.field + ": ") + finding.message + "\n";
    if (!finding.hint.empty()) text += "    hint: " + finding.hint + "\n";
    return text;
}

int run(Env& env, const CanarySelection& selection) {
    std::vector<kube::Manifest> manifests;
    const auto spec = selected_spec(env, selection, manifests);
    const auto findings = rollout::lint(spec);
    if (wants_document(env)) {
        std::vector<doc::Value> items;
        for (const auto& finding : findings) items.push_back(rollout::to_value(finding));
        print_document(env, items_document(std::move(items)));
    } else {
        const auto file = selection.file.empty() ? spec.name : selection.file;
        for (const auto& finding : findings) print_text(env, finding_text(env, file, finding));
        if (findings.empty()) tell(env, spec.name + ": nothing to say");
    }
    const auto is_bad = [](const rollout::Finding& finding) { return finding.severity != rollout::Severity::info; };
    return std::ranges::any_of(findings, is_bad) ? 1 : 0;
}

Action declare(CLI::App& parser) {
    auto selection = std::make_shared<CanarySelection>();
    declare_spec(parser, *selection);
    return [selection](Env& env) { return run(env, *selection); };
}

}  // namespace

void register_canary_lint(Commands& commands) {
    commands.push_back({
        .path = "canary lint",
        .summary = "Say what in a Canary is surely not meant, and where Flagger would decide otherwise.",
        .examples = "gitopsctl canary lint -f canary.yaml\n"
                    "gitopsctl canary lint -f canary.yaml -o json",
        .exits = "0  nothing but information\n"
                 "1  an error or a warning\n"
                 "2  it cannot be read",
        .declare = declare,
    });
}

}  // namespace gitops::cli
