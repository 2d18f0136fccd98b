// Whose fields a step is going to take: those of earlier client-side applies, and those of other managers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/deliver/diff.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// Names, on the object, one more manager whose fields are adopted (Argo CD).
inline constexpr std::string_view k_migration_manager_annotation = "argocd.argoproj.io/client-side-apply-migration-manager";

/// metadata.managedFields that `live` needs before `manager` applies `desired` to it for the first time after a
/// client-side apply; nullopt when they are fine as they are. See kube::adopt_fields().
std::optional<doc::Value> adopted_fields(const doc::Value& desired, const doc::Value& live, std::string_view manager,
                                         ClientSideFields fields);

/// One sentence per other manager that an apply of `desired` takes fields from, with the fields, read from `live` alone.
/// People's own tools are left out: that Git wins over a change made by hand is what a sync is for. A controller or
/// another deployer will set the field again.
std::vector<std::string> takings(const doc::Value& desired, const doc::Value& live, std::string_view manager);

}  // namespace gitops::deliver
