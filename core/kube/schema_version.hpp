// Which Kubernetes the compiled schema is of.
#pragma once

#include <string_view>

namespace gitops::kube {

/// What an embedded cluster is, as /version of a server says it. Of core/kube/data/kubernetes-schema.json.
inline constexpr std::string_view k_schema_version = "v1.36.0";

}  // namespace gitops::kube
