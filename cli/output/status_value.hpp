// Small pieces that several JSON answers share.
#pragma once

#include <optional>
#include <string_view>

#include "cli/output/table.hpp"
#include "core/base/clock.hpp"
#include "core/deliver/health/health.hpp"
#include "core/doc/value.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

/// {group, kind, namespace, name}
doc::Value key_value(const kube::ResourceKey& key);
/// {status, message} or null
doc::Value health_value(const std::optional<deliver::Health>& health);
/// The status in its color; empty for none.
Cell health_cell(const std::optional<deliver::Health>& health);
/// RFC 3339, or null
doc::Value time_value(const std::optional<base::Time>& time);
/// The text, or null when it is empty.
doc::Value text_or_null(std::string_view text);

}  // namespace gitops::cli
