// Fuzzer entry points of the kube layer; see targets.hpp.
#pragma once

#include <string_view>

namespace gitops::fuzz {

/// {"live", "config", "update"}: applying ends in a value or an Error; applied twice, the second changes nothing.
void apply(std::string_view input);
/// {"target", "patch"}: a strategic merge ends in a value or an Error, and the target stays as it was.
void strategic_merge(std::string_view input);

}  // namespace gitops::fuzz
