// Charts as sources: pulled into a cache below the home, rendered in temporary folders.
#pragma once

#include <string>

#include "cli/remotes.hpp"
#include "core/render/helm.hpp"

namespace gitops::cli {

/// The Helm port through the program. A version that was pulled is kept; a constraint is asked about anew in every run
/// that may use the network. What `helm dependency build` fetched for a chart with a lock file is kept as well.
/// Credentials are those registered for the chart's address; they reach helm through its standard input.
class ChartStore final : public render::Helm {
  public:
    ChartStore(Env& env, Network network) : m_env(env), m_network(network) {}

    std::string run(const render::HelmRun& run) override;
    render::PulledChart pull(const render::ChartRequest& request) override;

  private:
    void build_dependencies(const render::HelmRun& run, const std::string& folder, const std::string& config);
    /// Makes the repository known to helm under `name`, with its credentials; an oci:// one only when it has some.
    void add_repository(const std::string& url, const std::string& name, const std::string& config, bool pass_credentials);
    std::string fetch_chart(const render::ChartRequest& request, const std::string& shelf);

    Env& m_env;
    Network m_network;
};

}  // namespace gitops::cli
