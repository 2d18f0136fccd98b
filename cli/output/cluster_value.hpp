#pragma once

#include "core/app/state_db.hpp"
#include "core/backend/local_cluster.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// {name, kind, current, kubeconfig|null, context|null}
doc::Value cluster_value(const app::ClusterRow& row);
/// {id, kind, image, delay|null}
doc::Value fault_value(const backend::Fault& fault);

}  // namespace gitops::cli
