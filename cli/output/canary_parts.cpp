#include "cli/output/canary_parts.hpp"

#include <algorithm>

#include "cli/output/columns.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

using rollout::EntryKind;
using rollout::Glyphs;
using rollout::Phase;
using rollout::Verdict;

namespace {

constexpr std::size_t k_most_of_revision = 12;

void find_result(LastCheck& wanted, const CanaryView& view) {
    if (!view.run) return;
    const auto& entries = view.run->entries;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        for (const auto& check : entry->checks) {
            if (check.name != wanted.name || rollout::is_hook(check) != wanted.hook.has_value()) continue;
            wanted.result = check;
            wanted.at = entry->at;
            return;
        }
}

std::string share(int part, int whole, std::string_view what) {
    return std::to_string(part) + "/" + std::to_string(whole) + " " + std::string(what);
}

}  // namespace

std::vector<LastCheck> last_checks(const CanaryView& view) {
    std::vector<LastCheck> checks;
    for (const auto& metric : view.spec.analysis.metrics) checks.push_back({metric.name});
    for (const auto& hook : view.spec.analysis.webhooks) checks.push_back({hook.name, hook.type});
    for (auto& check : checks) find_result(check, view);
    return checks;
}

Color phase_color(const rollout::CanaryState& state) {
    if (state.paused) return Color::yellow;
    switch (state.phase) {
        case Phase::initializing:
        case Phase::initialized: return Color::dim;
        case Phase::waiting:
        case Phase::waiting_promotion: return Color::yellow;
        case Phase::progressing:
        case Phase::promoting:
        case Phase::finalising: return Color::cyan;
        case Phase::succeeded: return Color::green;
        case Phase::failed: return Color::red;
    }
    return Color::plain;
}

Color verdict_color(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return Color::green;
        case Verdict::fail: return Color::red;
        case Verdict::no_data:
        case Verdict::unreachable:
        case Verdict::inconclusive: return Color::yellow;
    }
    return Color::plain;
}

Color kind_color(EntryKind kind) {
    switch (kind) {
        case EntryKind::advance: return Color::cyan;
        case EntryKind::halt:
        case EntryKind::gate: return Color::yellow;
        case EntryKind::rollback: return Color::red;
        case EntryKind::promote: return Color::green;
        case EntryKind::command: return Color::bold;
        case EntryKind::note: return Color::dim;
        case EntryKind::phase: return Color::plain;
    }
    return Color::plain;
}

Color outcome_color(std::string_view outcome) { return outcome.empty() ? Color::cyan : status_color(outcome); }

std::string_view arrow(Glyphs glyphs) { return glyphs == Glyphs::ascii ? "->" : "\u2192"; }

std::string revision_text(const rollout::CanaryState& state, Glyphs glyphs) {
    const auto from = shortened(one_line(state.promoted_revision), k_most_of_revision);
    const auto to = shortened(one_line(state.applied_revision), k_most_of_revision);
    if (from.empty() || to.empty() || from == to) return to.empty() ? from : to;
    return from + " " + std::string(arrow(glyphs)) + " " + to;
}

std::string checks_text(const rollout::CanarySpec& spec, const rollout::CanaryState& state) {
    const auto& analysis = spec.analysis;
    std::vector<std::string> parts;
    if (spec.dialect == rollout::Dialect::stages) {
        parts.push_back(share(state.streak, analysis.successes, "passed"));
        parts.push_back(share(state.failed_checks, analysis.max_failures, "failed"));
    } else {
        if (analysis.strategy != rollout::Strategy::canary) parts.push_back(share(state.iterations, analysis.iterations, "passed"));
        parts.push_back(share(state.failed_checks, analysis.threshold, "failed"));
    }
    if (state.no_data > 0) parts.push_back(share(state.no_data, analysis.budget.no_data, "without data"));
    if (state.unreachable > 0) parts.push_back(share(state.unreachable, analysis.budget.unreachable, "without answer"));
    return base::join(parts, ", ");
}

}  // namespace gitops::cli
