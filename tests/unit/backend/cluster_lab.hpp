#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/api_cluster.hpp"
#include "tests/unit/backend/api_fixture.hpp"

namespace gitops::test {

/// An ApiCluster on a scripted server that serves ConfigMaps, Secrets, Namespaces, Services, Deployments (apps/v1) and
/// the custom kind Wafer (fab.example.org/v1).
struct ClusterLab : ApiFixture {
    backend::ApiClusterOptions cluster_options;
    std::unique_ptr<backend::ApiCluster> cluster;

    ClusterLab();
    /// Everything asked since the last time, but for discovery.
    std::vector<HttpSeen> asked();
    /// The same as lines "GET /api/v1/namespaces/prod/configmaps/a".
    std::vector<std::string> lines();
};

/// A ConfigMap of the namespace "prod".
std::string config_map(std::string_view name, std::string_view version, std::string_view color = "blue");
/// A Status body of a refusal: reason, message, and the causes as JSON.
std::string status(int code, std::string_view reason, std::string_view message, std::string_view details = "{}");
doc::Value yaml(std::string_view text);

inline const std::string k_configs = "/api/v1/namespaces/prod/configmaps";

}  // namespace gitops::test
