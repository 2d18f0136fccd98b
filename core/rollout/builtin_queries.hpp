// The two questions Flagger knows by name, in the words of each provider's metrics.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/rollout/canary.hpp"
#include "core/rollout/query_template.hpp"

namespace gitops::rollout {

/// The query `name` means for a family of builtin_family(); nullopt for a name that is not built in. `words` need name,
/// namespace, target, service, ingress, route and interval.
std::optional<std::string> builtin_query(std::string_view name, std::string_view family, QueryWords words);

/// The family a provider's word means; `service` behind it is written "word:service". See builtin_family().
std::string_view family_of_provider(std::string_view provider);

}  // namespace gitops::rollout
