#pragma once

#include <string>

#include "cli/output/app_text.hpp"
#include "cli/output/table.hpp"
#include "core/app/drift.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// {name, cluster, revision, drifted, error|null, resources: [{group, kind, namespace, name, change, fields: [{path, desired,
/// live, manager|null, changedAt|null}]}]}
doc::Value drift_value(const app::DriftReport& report);
/// One line for the application, one per object, one per field: "spec.replicas: 5 -> 8 (kubectl-scale, 2m ago)".
std::string drift_text(const app::DriftReport& report, base::Time now, Paint paint, NameCluster name_cluster = NameCluster::no);
/// "spec.replicas: 5 -> 8 (kubectl-scale, 2m ago)"
std::string field_text(const deliver::FieldChange& field, base::Time now);

}  // namespace gitops::cli
