#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gitops::kube {

/// A resource.Quantity in its canonical form ("1000m" -> "1", "0.5" -> "500m", "1024Ki" -> "1Mi"); nullopt when it is none.
std::optional<std::string> canonical_quantity(std::string_view text);

}  // namespace gitops::kube
