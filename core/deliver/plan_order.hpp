// The order of a sync: phase, wave, kind, name, with the exceptions that make it work (argocd.md 2.3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/deliver/plan.hpp"

namespace gitops::deliver {

/// argocd.argoproj.io/sync-wave, else helm.sh/hook-weight, else 0; what is no number falls through.
int wave_of(const doc::Value& object);
/// A warning about a sync-wave that is no number.
std::optional<std::string> wave_problem(const doc::Value& object);

/// Sets the waves of prunes (mirrored, or last where PruneLast says so), sorts, and pulls Namespaces and custom
/// resource definitions in front of their first user, whose phase and wave they adopt. Inside a wave prunes come first.
void order_steps(std::vector<Step>& steps);

}  // namespace gitops::deliver
