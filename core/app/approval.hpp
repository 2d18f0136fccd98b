// Agreement to deletions that wait for it: Prune=confirm and Delete=confirm, by Argo CD's annotation on the Application.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/app/services.hpp"
#include "core/deliver/plan.hpp"

namespace gitops::app {

inline constexpr std::string_view k_deletion_approved_annotation = "argocd.argoproj.io/deletion-approved";

/// Given when the annotation says "true", or a time that is not before the operation that asked for it began: an
/// agreement is for one question.
deliver::Confirmation confirmation_of(const Application& application, std::optional<base::Time> asked_at);

/// Sets the annotation to now, which is no change of what is wanted of the application. Error(not_found).
void approve_deletions(const Services& services, const std::string& app);

}  // namespace gitops::app
