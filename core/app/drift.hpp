// Drift: what somebody changed in the cluster since Git was applied, field by field.
#pragma once

#include <string>
#include <vector>

#include "core/app/compare.hpp"

namespace gitops::app {

enum class DriftKind { modified, missing, extra };
std::string_view drift_name(DriftKind kind);  ///< "modified", "missing", "extra"

struct ResourceDrift {
    kube::ResourceKey key;
    DriftKind kind = DriftKind::modified;
    std::vector<deliver::FieldChange> fields;
};

struct DriftReport {
    std::string app;
    std::string cluster;  ///< "" when it could not be told
    std::string revision;
    std::vector<ResourceDrift> resources;
    std::string error;  ///< why this application could not be compared
    bool drifted() const { return !resources.empty(); }
};

DriftReport drift_of(const Services& services, const std::string& app, Fetch fetch, Predict predict = Predict::here);

}  // namespace gitops::app
