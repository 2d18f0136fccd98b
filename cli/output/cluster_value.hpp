#pragma once

#include <string>

#include "core/app/state/state_db.hpp"
#include "core/backend/kubeconfig.hpp"
#include "core/doc/value.hpp"
#include "core/embedded/local_cluster.hpp"

namespace gitops::cli {

/// {name, kind, current, kubeconfig|null, context|null, server|null, user|null, as|null, asGroups, labels,
/// recordNamespace|null}; `view` is what the context names now.
doc::Value cluster_value(const app::ClusterRow& row, const backend::ContextView& view);
/// {id, kind, image, delay|null}
doc::Value fault_value(const embedded::Fault& fault);

/// "admin", "admin as bob"
std::string user_text(const app::ClusterRow& row, const backend::ContextView& view);
/// "env=prod,region=eu"
std::string labels_text(const app::ClusterRow& row);
/// "/home/ann/.kube/config"; several as in $KUBECONFIG
std::string kubeconfig_text(const app::ClusterRow& row);

}  // namespace gitops::cli
