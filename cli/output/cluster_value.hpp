#pragma once

#include "core/app/state_db.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// {name, kind, current, kubeconfig|null, context|null}
doc::Value cluster_value(const app::ClusterRow& row);
/// {id, kind, image, delay|null}
doc::Value fault_value(const embedded::Fault& fault);

}  // namespace gitops::cli
