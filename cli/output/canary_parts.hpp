// Pieces that the reports about canaries share.
#pragma once

#include <string>
#include <vector>

#include "cli/output/canary_report.hpp"

namespace gitops::cli {

/// The last result of each metric and each hook of the spec, in its order.
struct LastCheck {
    std::string name;
    std::optional<rollout::HookType> hook{};           ///< nullopt for a metric
    std::optional<rollout::CheckResult> result{};      ///< nullopt: not asked for yet
    std::optional<base::Time> at{};
};
std::vector<LastCheck> last_checks(const CanaryView& view);

Color phase_color(const rollout::CanaryState& state);
Color verdict_color(rollout::Verdict verdict);
Color kind_color(rollout::EntryKind kind);
Color outcome_color(std::string_view outcome);

/// "->", or an arrow.
std::string_view arrow(rollout::Glyphs glyphs);
/// "5d9f7c6b8 -> 7b8d9cf4d", the one that serves when no other is under way, "" when none is known.
std::string revision_text(const rollout::CanaryState& state, rollout::Glyphs glyphs);
/// "2/3 passed, 0/2 failed": towards the next stage, and towards the roll-back.
std::string checks_text(const rollout::CanarySpec& spec, const rollout::CanaryState& state);

}  // namespace gitops::cli
