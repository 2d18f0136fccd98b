#include "cli/render_means.hpp"

#include "cli/chart_store.hpp"
#include "cli/charts.hpp"
#include "cli/env.hpp"

namespace gitops::cli {

namespace {

class Means final : public app::RenderMeans {
  public:
    Means(Env& env, Network network, LocalBases local) : m_env(env), m_remotes(env, network, local), m_helm(env, network) {}

    render::Ports ports() override {
        render::Ports ports;
        ports.remotes = &m_remotes;
        ports.helm = &m_helm;
        ports.charts = [this](const base::FileTree& tree, const render::KubeFlavour& flavour) {
            HelmFlags flags;
            flags.kube_version = flavour.kube_version;
            flags.api_versions = flavour.api_versions;
            return open_tree_charts(m_env, flags, tree);
        };
        return ports;
    }

  private:
    Env& m_env;
    CachedRemotes m_remotes;
    ChartStore m_helm;
};

}  // namespace

std::unique_ptr<app::RenderMeans> open_render_means(Env& env, Network network, LocalBases local) {
    return std::make_unique<Means>(env, network, local);
}

}  // namespace gitops::cli
