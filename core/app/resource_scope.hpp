// Which kinds of objects count at all: resource.exclusions and resource.inclusions of the configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/app/services.hpp"

namespace gitops::app {

/// Globs; of clusters their names and the addresses of their servers. An empty list matches everything.
struct ResourceRule {
    std::vector<std::string> groups, kinds, clusters;
};

struct ResourceScope {
    std::vector<ResourceRule> exclusions;  ///< what matches one of these is left out
    std::vector<ResourceRule> inclusions;  ///< where there are any, so is what matches none of these
};

/// The scope of the configuration in one cluster.
class ClusterScope {
  public:
    ClusterScope(const Services& services, const ClusterRow& row);
    /// Which setting leaves objects of the kind out; nullopt when none does.
    std::optional<std::string> excluded_by(const std::string& group, const std::string& kind) const;

  private:
    bool matches(const ResourceRule& rule, const std::string& group, const std::string& kind) const;

    std::shared_ptr<const Settings> m_settings;
    std::vector<std::string> m_names;  ///< of the cluster
};

}  // namespace gitops::app
